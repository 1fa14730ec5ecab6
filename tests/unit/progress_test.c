/* What is told of a run while a trial lasts. */
#include "harness/run/progress.h"

#include "lib/clock.h"

#include <criterion/criterion.h>
#include <string.h>

static const size_t cells[] = {0, 0, 1, 2};
static const struct trial_time million = {10, 50}, small = {1, 0};
static struct progress progress;

/* Five trials of a million connections, the first of which begins. */
static uint64_t begin(void)
{
	cr_assert(progress_init(&progress, 3));
	progress.line.terminal = false;
	for (int i = 0; i < 5; i++)
		progress_add(&progress, 0, million);
	progress_begin(&progress, "million/epoll", cells, 1);
	return progress.now.began_ns;
}

static void tick(enum trial_step step, enum moment_unit unit, uint64_t done, uint64_t total)
{
	const struct trial_moment moment = {step, unit, done, total};

	progress_tick(&progress, &moment);
}

/* What is left of the trial, and the others' 240 s. */
static double left_after(double seconds)
{
	return progress_left_s(&progress, progress.now.step_began_ns +
						  (uint64_t)(seconds * (double)NS_PER_S)) -
	       240;
}

Test(progress, time_goes_down_by_what_is_gone_while_nothing_else_is_known)
{
	begin();
	cr_assert_float_eq(left_after(0), 60, 1e-6);
	cr_assert_float_eq(left_after(45), 15, 1e-6);
	cr_assert_float_eq(left_after(100), 0.6, 1e-6); /* it is not over */
	progress_destroy(&progress);
}

Test(progress, connecting_tells_how_long_it_still_takes)
{
	begin();
	tick(TRIAL_IS_CONNECTING, MOMENT_CONNECTIONS, 250000, 1000000);
	/* A quarter in 30 s: 90 s more, and the load's 10 s. */
	cr_assert_float_eq(left_after(30), 100, 0.5);
	tick(TRIAL_IS_CONNECTING, MOMENT_CONNECTIONS, 20000, 1000000);
	cr_assert_float_eq(left_after(30), 30, 0.5); /* too little to tell by */
	progress_destroy(&progress);
}

Test(progress, a_window_tells_how_long_it_still_takes)
{
	begin();
	tick(TRIAL_IS_MEASURING, MOMENT_NS, 4 * NS_PER_S, 10 * NS_PER_S);
	cr_assert_float_eq(left_after(4), 6, 0.5);
	tick(TRIAL_IS_MEASURING, MOMENT_ROUNDS, 5, 20);
	cr_assert_float_eq(left_after(10), 30, 0.5);
	progress_destroy(&progress);
}

Test(progress, the_bar_moves_within_a_trial_and_never_back_while_all_is_as_thought)
{
	uint64_t began_ns = begin();
	double last = 0;

	progress.began_ns = began_ns;
	for (int second = 1; second <= 60; second++) {
		double share = progress_share(&progress, began_ns + (uint64_t)second * NS_PER_S);

		cr_assert_gt(share, last);
		last = share;
	}
	cr_assert_float_eq(last, 0.2, 0.01);
	progress_destroy(&progress);
}

Test(progress, trials_side_by_side_share_the_time_that_they_took)
{
	cr_assert(progress_init(&progress, 3));
	progress.line.terminal = false;
	for (size_t i = 0; i < 4; i++)
		progress_add(&progress, cells[i], i < 2 ? million : small);
	progress_begin(&progress, "two in turn", &cells[1], 2); /* 60 s and 1 s were thought */
	progress.now.began_ns -= 122 * NS_PER_S;
	progress_done(&progress, true);
	cr_assert_eq(progress.done, 2);
	cr_assert_float_eq(time_left_of(&progress.left, 0), 120, 0.5);
	cr_assert_float_eq(time_left_of(&progress.left, 1), 2, 0.5);
	progress_destroy(&progress);
}

Test(progress, a_trial_whose_time_is_not_as_usual_teaches_nothing)
{
	begin();
	progress.now.began_ns -= 3600 * NS_PER_S;
	progress_done(&progress, false);
	cr_assert_float_eq(progress_left_s(&progress, clock_now_ns()), 240, 1e-6);
	progress_destroy(&progress);
}

Test(progress, what_goes_on_is_said_in_words)
{
	static const struct {
		struct trial_moment moment;
		const char *text;
	} cases[] = {
		{{TRIAL_IS_STARTING, MOMENT_UNCOUNTED, 0, 0}, "starting"},
		{{TRIAL_IS_CONNECTING, MOMENT_CONNECTIONS, 340000, 1000000},
		 "connecting 340,000 of 1,000,000"},
		{{TRIAL_IS_MEASURING, MOMENT_NS, 4 * NS_PER_S, 10 * NS_PER_S},
		 "measuring 4 of 10 s"},
		{{TRIAL_IS_MEASURING, MOMENT_ROUNDS, 2, 20}, "measuring, round 3 of 20"},
		{{TRIAL_IS_DRAINING, MOMENT_UNCOUNTED, 0, 0}, "waiting for the last answers"},
	};
	char text[100];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_assert_str_eq(progress_describe(&cases[i].moment, text, sizeof text),
				 cases[i].text);
}
