#include "loadgen/run.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct options options = {.connections = 8};
static struct run run = {.options = &options};

static void setup(void)
{
	run.total = result_create(0);
	cr_assert(run.total);
	run.total->good = 100;
}

static void teardown(void)
{
	free(run.total);
}

TestSuite(run_outcome, .init = setup, .fini = teardown);

Test(run_outcome, good_answers_and_nothing_else_are_ok)
{
	cr_assert_eq(run_decide_outcome(&run), RUN_OK);
	histogram_record(&run.total->unanswered_age, 1000);
	run.total->errors_outside[ERROR_RESET] = 5;
	cr_assert_eq(run_decide_outcome(&run), RUN_OK, "the warm-up does not count");
}

Test(run_outcome, every_class_of_error_in_the_window_counts)
{
	for (size_t i = 0; i < ERROR_CLASSES; i++) {
		run.total->errors[i] = 1;
		cr_assert_eq(run_decide_outcome(&run),
			     i >= ERROR_STATUS ? RUN_WRONG_ANSWERS : RUN_ERRORS, "%s",
			     error_class_names[i]);
		run.total->errors[i] = 0;
	}
}

Test(run_outcome, what_is_worse_comes_first)
{
	run.total->errors[ERROR_RESET] = 1;
	run.total->good = 0;
	cr_assert_eq(run_decide_outcome(&run), RUN_NO_ANSWERS);
	run.total->errors[ERROR_STATUS] = 1;
	cr_assert_eq(run_decide_outcome(&run), RUN_WRONG_ANSWERS);
	run.server_vanished = true;
	cr_assert_eq(run_decide_outcome(&run), RUN_SERVER_VANISHED);
	run.interrupted = true;
	cr_assert_eq(run_decide_outcome(&run), RUN_INTERRUPTED);
}

Test(run_outcome, a_crowd_must_be_complete)
{
	options = (struct options){.connections = 0, .idle = 10};
	run.total->good = 0;
	run.total->crowd_answered = run.total->crowd_open = 10;
	cr_assert_eq(run_decide_outcome(&run), RUN_OK);
	run.total->crowd_open = 9;
	cr_assert_eq(run_decide_outcome(&run), RUN_ERRORS, "one was not held to the end");
	run.total->crowd_answered = 9;
	run.total->errors_outside[ERROR_CONNECT] = 1;
	cr_assert_eq(run_decide_outcome(&run), RUN_ERRORS);
	run.total->errors_outside[ERROR_STATUS] = 1;
	cr_assert_eq(run_decide_outcome(&run), RUN_WRONG_ANSWERS);
	run.total->errors_outside[ERROR_STATUS] = 0;
	run.total->crowd_answered = 0;
	cr_assert_eq(run_decide_outcome(&run), RUN_NO_ANSWERS);
}

Test(run_outcome, a_search_is_ok_if_it_found_something)
{
	struct capacity capacity = {.held_per_s = 1000};

	run.capacity = &capacity;
	run.total->errors[ERROR_RESET] = 1;
	cr_assert_eq(run_decide_outcome(&run), RUN_OK, "errors are what it looks for");
	capacity.held_per_s = 0;
	cr_assert_eq(run_decide_outcome(&run), RUN_ERRORS, "what is kept says why");
	run.total->errors[ERROR_RESET] = 0;
	cr_assert_eq(run_decide_outcome(&run), RUN_NO_CAPACITY);
	run.total->good = 0;
	cr_assert_eq(run_decide_outcome(&run), RUN_NO_ANSWERS);
	run.capacity = NULL;
}

Test(run_outcome, the_generator_judges_itself)
{
	run.window_ns = 1000000000;
	run.total->busiest_cpu_ns = run.total->busiest_occupied_ns = 890000000;
	cr_assert_eq(run_judge_generator(&run), 0);
	run.total->busiest_occupied_ns = 910000000;
	cr_assert_eq(run_judge_generator(&run), RUN_GENERATOR_BUSY, "to wait for a core counts");
	run.total->busiest_cpu_ns = 910000000;
	cr_assert_eq(run_judge_generator(&run), RUN_GENERATOR_BUSY);
	run.total->busiest_occupied_ns = 0;
	histogram_init(&run.total->latency);
	for (int i = 0; i < 100; i++) {
		histogram_record(&run.total->latency, i < 98 ? 60000 : 40000000);
		histogram_record(&run.total->send_lateness, i < 98 ? 1000 : 3000000);
	}
	cr_assert_eq(run_judge_generator(&run), 0, "3 ms are less than a tenth of 40");
	for (int i = 0; i < 100; i++)
		histogram_record(&run.total->read_lateness, i < 98 ? 40000 : 3000000);
	cr_assert_eq(run_judge_generator(&run), RUN_GENERATOR_LATE, "together they are more");
	cr_assert(run_percentile_is_ours(&run, 50), "told, but too short to be warned of");
}

Test(run_outcome, slices_are_one_window_and_the_load_behind_them_is_part_of_a_closed_loop)
{
	run.total->good = 3000;
	for (int i = 0; i < 200; i++)
		cr_assert(run_add_slice(&run, 100000000, 125000000));
	cr_assert_eq(run.window_ns, 20000000000);
	cr_assert_eq(run.slices.count, 200);
	cr_assert_eq(run.slices.length_ns[199], 100000000);
	cr_assert_float_eq(run_rate_per_s(&run), 120, 1e-9);
	run.total->busiest_cpu_ns = run.total->busiest_occupied_ns = 20000000000;
	cr_assert_float_eq(run_utilisation(&run), 0.8, 1e-9);
	options.arrivals = ARRIVALS_CONSTANT;
	cr_assert_float_eq(run_rate_per_s(&run), 150, 1e-9, "of what was due in the slices");
	run_forget_slices(&run);
}

Test(run_outcome, a_rate_that_grows_within_slices_is_not_kept_up_with)
{
	options.arrivals = ARRIVALS_CONSTANT;
	run.total->due = run.total->good = 1000;
	for (int i = 0; i < 4; i++)
		cr_assert(run_add_slice(&run, 100000000, 100000000));
	for (int i = 0; i < 100; i++) {
		histogram_record(&run.total->early, 1000000);
		histogram_record(&run.total->late, 10000000);
	}
	/* 9 ms from the middle of the first tenth of 100 ms to that of the last: a tenth is not served. */
	cr_assert_float_eq(run_kept_up_ratio(&run), 0.9, 1e-3);
	cr_assert_eq(run_decide_outcome(&run), RUN_OK, "of four slices it may be an accident");
	cr_assert(run_add_slice(&run, 100000000, 100000000));
	cr_assert_eq(run_decide_outcome(&run), RUN_SATURATED);
	histogram_init(&run.total->late);
	histogram_record(&run.total->late, 5000000);
	cr_assert_eq(run_decide_outcome(&run), RUN_OK, "4 ms are less than a twentieth");
	run_forget_slices(&run);
}

Test(run_outcome, exit_statuses_are_those_of_the_documentation)
{
	static const int expected[RUN_OUTCOMES] = {[RUN_OK] = 0,
						   [RUN_NO_ANSWERS] = 1,
						   [RUN_WRONG_ANSWERS] = 1,
						   [RUN_SERVER_VANISHED] = 1,
						   [RUN_ERRORS] = 1,
						   [RUN_INTERRUPTED] = 130,
						   [RUN_NO_CAPACITY] = 1,
						   [RUN_SATURATED] = 3,
						   [RUN_CONDITION] = 4};

	for (int i = 0; i < RUN_OUTCOMES; i++)
		cr_assert_eq(run_exit_status((enum run_outcome)i), expected[i]);
}

Test(run_outcome, a_condition_is_an_answer_of_its_own)
{
	static struct error error;

	options.condition_count = 1;
	cr_assert_eq(condition_parse(&options.conditions[0], "errors>0", &error), 0);
	cr_assert_eq(run_decide_outcome(&run), RUN_OK);
	run.total->errors[ERROR_STATUS] = 1;
	cr_assert_eq(run_decide_outcome(&run), RUN_CONDITION);
	run.total->good = 0;
	cr_assert_eq(run_decide_outcome(&run), RUN_WRONG_ANSWERS, "there is nothing to judge");
	run.interrupted = true;
	cr_assert_eq(run_decide_outcome(&run), RUN_INTERRUPTED);
}

/* Little's law, kind by kind: 99 of 100 are busy for 1 ms and one for 200 ms, so 1,000 a second keep 3 connections busy. */
Test(run_outcome, a_mix_needs_as_many_connections_as_its_kinds)
{
	static struct mix mix = {
		.count = 2, .weight = 100, .request = {{.weight = 99}, {.weight = 1}}};

	free(run.total);
	run.total = result_create(2);
	run.mix = &mix;
	options.arrivals = ARRIVALS_CONSTANT;
	options.rate_per_s = 1000;
	run.total->fastest_ns = run.total->tally[0].fastest_ns = 1000000;
	run.total->tally[1].fastest_ns = 200000000;
	cr_assert_eq(run_count_needed(&run), 3);
}
