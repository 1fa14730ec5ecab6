#include "harness/run/progress.h"

#include "lib/clock.h"
#include "lib/terminal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 30, TOLD_MOST = 10 };
#define REDRAW_NS (100 * NS_PER_MS)
#define PLAIN_NS  (10 * NS_PER_S)

/* Of a trial that takes longer than expected. */
static const double shown_most = 0.99;

void progress_init(struct progress *progress, size_t total, double planned_s)
{
	*progress = (struct progress){.total = total,
				      .planned_s = planned_s,
				      .started_ns = clock_now_ns(),
				      .terminal = terminal_can_redraw(stderr),
				      .colour = terminal_has_colour(stderr)};
	progress->shown_ns = progress->started_ns;
}

/* What is expected of a trial is corrected by how long those before it really took. */
static double correction(const struct progress *progress)
{
	double finished_s = (double)(progress->trial_started_ns - progress->started_ns) / NS_PER_S;

	return progress->done_s > 0 ? finished_s / progress->done_s : 1;
}

/* In expected seconds: what has ended and, of what runs, as much as the time tells, but never all. */
static double done_until(const struct progress *progress, uint64_t now_ns)
{
	double running_s = (double)(now_ns - progress->trial_started_ns) / NS_PER_S;

	return progress->done_s +
	       fmin(running_s / correction(progress), shown_most * progress->trial_s);
}

static double seconds_left(const struct progress *progress, uint64_t now_ns)
{
	double left_s = (progress->planned_s - done_until(progress, now_ns)) * correction(progress);

	return left_s > 0 ? left_s : 0;
}

static void format_left(double seconds, char *text, size_t size)
{
	unsigned whole = (unsigned)(seconds + 0.5);

	if (whole >= 3600)
		snprintf(text, size, "%uh%02um", whole / 3600, whole / 60 % 60);
	else if (whole >= 60)
		snprintf(text, size, "%um%02us", whole / 60, whole % 60);
	else
		snprintf(text, size, "%us", whole);
}

static void draw(struct progress *progress, uint64_t now_ns)
{
	double share = progress->planned_s > 0 ? done_until(progress, now_ns) / progress->planned_s
					       : 0;
	int filled = (int)(share * BAR_WIDTH);
	char left[24], bar[BAR_WIDTH + 1];

	format_left(seconds_left(progress, now_ns), left, sizeof left);
	memset(bar, ' ', BAR_WIDTH);
	memset(bar, '=', (size_t)filled);
	if (filled < BAR_WIDTH)
		bar[filled] = '>';
	bar[BAR_WIDTH] = '\0';
	if (progress->terminal)
		fprintf(stderr, "\r\033[K  %zu of %zu trials  [%s%s%s] %3.0f %%  %s left   %s",
			progress->done, progress->total, progress->colour ? "\033[36m" : "", bar,
			progress->colour ? "\033[0m" : "", 100 * share, left, progress->what);
	else
		fprintf(stderr, "%zu of %zu trials, %.0f %%, %s left: %s\n", progress->done,
			progress->total, 100 * share, left, progress->what);
	fflush(stderr);
	progress->drawn = true;
	progress->shown_ns = now_ns;
}

void progress_begin(struct progress *progress, const char *what, size_t trials, double expected_s)
{
	progress->trials = trials;
	progress->trial_started_ns = clock_now_ns();
	progress->trial_s = expected_s;
	snprintf(progress->what, sizeof progress->what, "%s", what);
	progress_tick(progress);
}

void progress_tick(void *context)
{
	struct progress *progress = context;
	uint64_t now_ns = clock_now_ns();

	if (now_ns - progress->shown_ns >= (progress->terminal ? REDRAW_NS : PLAIN_NS))
		draw(progress, now_ns);
}

void progress_add(struct progress *progress, double expected_s)
{
	progress->total++;
	progress->planned_s += expected_s;
}

void progress_done(struct progress *progress)
{
	progress->done += progress->trials;
	progress->done_s += progress->trial_s;
	progress->trial_s = 0;
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
