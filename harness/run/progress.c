#include "harness/run/progress.h"

#include "harness/process/output.h"
#include "lib/clock.h"
#include "lib/terminal.h"
#include "lib/units.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR_LEAST = 8, BAR_MOST = 30, LINE_ENOUGH = 90, TOLD_MOST = 10 };
enum { COLUMNS_DEFAULT = 80, LINE_BYTES = 512 };
#define REDRAW_NS (100 * NS_PER_MS)
#define PLAIN_NS  (10 * NS_PER_S)

/* Of what runs on beyond its time, so much is left, however long it takes. */
static const double left_least = 0.01;
/* A step says how long the rest of it takes when so much of it is done. */
static const double step_told = 0.05;

bool progress_init(struct progress *progress, size_t cells)
{
	*progress = (struct progress){.terminal = terminal_can_redraw(stderr),
				      .colour = terminal_has_colour(stderr)};
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
	progress->began_ns = progress->shown_ns = clock_now_ns();
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

static void format_left(const struct progress *progress, double seconds, char *text, size_t size)
{
	const char *most = progress->may_end_early ? "at most " : "";
	unsigned whole = (unsigned)(seconds + 0.5);

	if (whole >= 3600)
		snprintf(text, size, "%s%uh%02um", most, whole / 3600, whole / 60 % 60);
	else if (whole >= 60)
		snprintf(text, size, "%s%um%02us", most, whole / 60, whole % 60);
	else
		snprintf(text, size, "%s%us", most, whole);
}

/* As wide as leaves room for what is behind it. */
static int bar_width(int columns)
{
	int width = columns - LINE_ENOUGH;

	return width < BAR_LEAST ? BAR_LEAST : width > BAR_MOST ? BAR_MOST : width;
}

/* How many columns it took. */
static int draw_bar(const struct progress *progress, double share, int width)
{
	int filled = (int)(fmin(share, 1) * width);
	char bar[BAR_MOST + 1];

	memset(bar, ' ', sizeof bar);
	memset(bar, '=', (size_t)filled);
	if (filled < width)
		bar[filled] = '>';
	bar[width] = '\0';
	fprintf(stderr, "\r\033[K  %zu of %zu trials  [%s%s%s]", progress->done, progress->total,
		progress->colour ? "\033[36m" : "", bar, progress->colour ? "\033[0m" : "");
	return snprintf(NULL, 0, "  %zu of %zu trials  [%s]", progress->done, progress->total, bar);
}

/* A line that is too long would go on in the next one, which is not taken back. */
static void draw_on_terminal(const struct progress *progress, double share, const char *left,
			     const char *doing)
{
	int columns = terminal_width(stderr, COLUMNS_DEFAULT);
	int room = columns - 1 - draw_bar(progress, share, bar_width(columns));
	char line[LINE_BYTES];

	snprintf(line, sizeof line, " %3.0f %%  %s left   %s, %s", 100 * share, left, doing,
		 progress->what);
	fprintf(stderr, "%.*s", room > 0 ? room : 0, line);
}

static void draw(struct progress *progress, uint64_t now_ns)
{
	/* A trial that takes longer than was thought is not done before it is. */
	double share = fmin(progress_share(progress, now_ns),
			    progress->done < progress->total ? 0.99 : 1);
	char left[40], doing[100];

	format_left(progress, progress_left_s(progress, now_ns), left, sizeof left);
	progress_describe(&progress->now.moment, doing, sizeof doing);
	if (progress->terminal)
		draw_on_terminal(progress, share, left, doing);
	else
		fprintf(stderr, "%zu of %zu trials, %.0f %%, %s left: %s, %s\n", progress->done,
			progress->total, 100 * share, left, doing, progress->what);
	fflush(stderr);
	progress->drawn = true;
	progress->shown_ns = now_ns;
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
		progress->terminal = progress->colour = false;
	if (now_ns - progress->shown_ns >= (progress->terminal ? REDRAW_NS : PLAIN_NS))
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
	if (progress->terminal && progress->drawn)
		fputs("\r\033[K", stderr);
	progress->drawn = false;
}
