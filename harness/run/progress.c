#include "harness/run/progress.h"

#include "harness/process/output.h"
#include "lib/clock.h"
#include "lib/units.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum { TOLD_MOST = 10 };

/* Of what runs on beyond its time, so much is left, however long it takes. */
static const double left_least = 0.01;
/* A step says how long the rest of it takes when so much of it is done. */
static const double step_told = 0.05;

bool progress_init(struct progress *progress, size_t cells)
{
	*progress = (struct progress){0};
	progress_line_init(&progress->line, 0);
	progress_start(progress);
	return time_left_init(&progress->left, cells);
}

void progress_destroy(struct progress *progress)
{
	progress_clear(progress);
	time_left_destroy(&progress->left);
}

void progress_start(struct progress *progress)
{
	progress->began_ns = progress->line.shown_ns = clock_now_ns();
}

static double seconds_since(uint64_t then_ns, uint64_t now_ns)
{
	return now_ns > then_ns ? (double)(now_ns - then_ns) / NS_PER_S : 0;
}

/* What the step is still going to take, as fast as it has gone; NAN: it does not tell, or not yet. */
static double step_left_s(const struct progress_trials *now, uint64_t now_ns)
{
	const struct trial_moment *moment = &now->moment;
	double share = moment->total ? (double)moment->done / (double)moment->total : 0;

	if (share < step_told)
		return NAN;
	return seconds_since(now->step_began_ns, now_ns) * fmax(0, 1 / share - 1);
}

/* Of what is under way. What it is just doing tells more than what others took. */
static double running_left_s(const struct progress_trials *now, uint64_t now_ns)
{
	double by_time_s = fmax(now->expected_s - seconds_since(now->began_ns, now_ns),
				left_least * now->expected_s);
	double step_s = step_left_s(now, now_ns);

	if (now->moment.step == TRIAL_IS_MEASURING && !isnan(step_s))
		return step_s;
	if (now->count == 1 && now->moment.step == TRIAL_IS_CONNECTING && !isnan(step_s))
		return step_s + now->load_s;
	if (now->count == 1 && now->moment.step == TRIAL_IS_WARMING_UP)
		return fmin(by_time_s, now->load_s);
	return by_time_s;
}

double progress_left_s(const struct progress *progress, uint64_t now_ns)
{
	const struct progress_trials *now = &progress->now;
	double others_s = time_left_in_all(&progress->left) - now->expected_s;

	return fmax(0, others_s) + (now->count ? running_left_s(now, now_ns) : 0);
}

double progress_share(const struct progress *progress, uint64_t now_ns)
{
	double gone_s = seconds_since(progress->began_ns, now_ns);
	double left_s = progress_left_s(progress, now_ns);

	return gone_s + left_s > 0 ? gone_s / (gone_s + left_s) : 0;
}

char *progress_describe(const struct trial_moment *moment, char *text, size_t size)
{
	static const char *const doing[] = {
		[TRIAL_IS_STARTING] = "starting",
		[TRIAL_AWAITS_HOST] = "waiting for its machine",
		[TRIAL_IS_CONNECTING] = "connecting",
		[TRIAL_IS_WARMING_UP] = "warming up",
		[TRIAL_IS_MEASURING] = "measuring",
		[TRIAL_IS_DRAINING] = "waiting for the last answers",
		[TRIAL_IS_COUNTING] = "counting system calls",
		[TRIAL_IS_OBSERVING] = "running",
	};
	const char *step = doing[moment->step];
	char done[32], total[32];

	if (moment->unit == MOMENT_CONNECTIONS)
		snprintf(text, size, "%s %s of %s", step, units_format_count(moment->done, done),
			 units_format_count(moment->total, total));
	else if (moment->unit == MOMENT_NS)
		snprintf(text, size, "%s %.0f of %g s", step, (double)moment->done / NS_PER_S,
			 (double)moment->total / NS_PER_S);
	else if (moment->unit == MOMENT_ROUNDS)
		snprintf(text, size, "%s, round %s of %s", step,
			 units_format_count(moment->done + 1, done),
			 units_format_count(moment->total, total));
	else
		snprintf(text, size, "%s", step);
	return text;
}

static void draw(struct progress *progress, uint64_t now_ns)
{
	char step[100], doing[sizeof step + sizeof progress->what + 2];
	struct progress_state state = {
		.done = progress->done,
		.total = progress->total,
		.things = "trials",
		/* A trial that takes longer than was thought is not done before it is. */
		.share = fmin(progress_share(progress, now_ns),
			      progress->done < progress->total ? 0.99 : 1),
		.left_s = progress_left_s(progress, now_ns),
		.at_most = progress->may_end_early,
		.doing = doing,
	};

	progress_describe(&progress->now.moment, step, sizeof step);
	snprintf(doing, sizeof doing, "%s, %s", step, progress->what);
	progress_line_draw(&progress->line, &state, now_ns);
}

void progress_add(struct progress *progress, size_t cell, struct trial_time thought)
{
	progress->total++;
	time_left_add(&progress->left, cell, thought);
}

void progress_begin(struct progress *progress, const char *what, const size_t *cells, size_t count)
{
	static const struct trial_moment starting = {.step = TRIAL_IS_STARTING};
	struct progress_trials *now = &progress->now;

	*now = (struct progress_trials){.cells = cells, .count = count, .began_ns = clock_now_ns()};
	now->step_began_ns = now->began_ns;
	for (size_t i = 0; i < count; i++) {
		now->expected_s += time_left_of(&progress->left, cells[i]);
		now->load_s += progress->left.cells[cells[i]].thought.load_s;
	}
	snprintf(progress->what, sizeof progress->what, "%s", what);
	progress_tick(progress, &starting);
}

void progress_tick(void *context, const struct trial_moment *moment)
{
	struct progress *progress = context;
	uint64_t now_ns = clock_now_ns();

	if (progress->now.moment.step != moment->step)
		progress->now.step_began_ns = now_ns;
	progress->now.moment = *moment;
	if (progress->log && output_keep(progress->log))
		progress->line.terminal = progress->line.colour = false;
	if (progress_line_is_due(&progress->line, now_ns))
		draw(progress, now_ns);
}

/* Of trials side by side each is thought to have taken its part of the time. */
void progress_done(struct progress *progress, bool is_usual)
{
	struct progress_trials *now = &progress->now;
	double took_s = seconds_since(now->began_ns, clock_now_ns()), expected_s = now->expected_s;
	double stretch = expected_s > 0 ? took_s / expected_s : 0;
	const struct time_left before = progress->left; /* what they were expected to take */

	for (size_t i = 0; i < now->count; i++)
		time_left_drop(&progress->left, now->cells[i]);
	for (size_t i = 0; is_usual && i < now->count; i++) {
		double part_s = now->count == 1 ? took_s
						: stretch * time_left_of(&before, now->cells[i]);

		time_left_learn(&progress->left, now->cells[i], part_s);
	}
	progress->done += now->count;
	*now = (struct progress_trials){0};
}

void progress_tell(struct progress *progress, const char *format, ...)
{
	va_list values;

	if (progress->told > TOLD_MOST)
		return;
	progress_clear(progress);
	if (progress->told++ == TOLD_MOST) {
		fputs("more such trials are not listed here; the report has them all\n", stderr);
		return;
	}
	va_start(values, format);
	vfprintf(stderr, format, values);
	va_end(values);
	fputc('\n', stderr);
}

void progress_clear(struct progress *progress)
{
	progress_line_clear(&progress->line);
}
