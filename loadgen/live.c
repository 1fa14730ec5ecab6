#include "loadgen/live.h"
#include "lib/clock.h"
#include "lib/terminal.h"
#include "lib/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LINE_PERIOD_NS	 (500 * NS_PER_MS)
#define SCREEN_PERIOD_NS (200 * NS_PER_MS)

enum { NUMBER_BYTES = 32, COLUMNS_DEFAULT = 80 };

/* Back to the first column and erase the line. */
static const char line_begin[] = "\r\x1b[K";

static unsigned terminal_columns(int descriptor)
{
	struct winsize size;

	return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
									    : COLUMNS_DEFAULT;
}

void live_init(struct live *live, const struct options *options, FILE *out)
{
	*live = (struct live){.out = out, .options = options, .columns = COLUMNS_DEFAULT};
	if (!terminal_can_redraw(out) || (options->quiet && !options->watch))
		return;
	live->kind = options->watch ? LIVE_SCREEN : LIVE_LINE;
	live->columns = terminal_columns(fileno(out));
}

static bool live_is_due(const struct live *live, uint64_t now_ns)
{
	uint64_t period_ns = live->kind == LIVE_SCREEN ? SCREEN_PERIOD_NS : LINE_PERIOD_NS;

	return live->kind != LIVE_NOTHING &&
	       (live->shown_at_ns == 0 || now_ns - live->shown_at_ns >= period_ns);
}

static void live_begin_line(struct live *live, uint64_t now_ns)
{
	fputs(line_begin, live->out);
	fputs("  ", live->out);
	if (live->note)
		fprintf(live->out, "%s   ", live->note);
	live->shown_at_ns = now_ns;
}

void live_show_connecting(struct live *live, uint64_t now_ns, uint64_t open, uint64_t wanted)
{
	if (!live_is_due(live, now_ns))
		return;
	live_begin_line(live, now_ns);
	fprintf(live->out, "connecting: %" PRIu64 " of %" PRIu64, open, wanted);
}

void live_show_warm_up(struct live *live, uint64_t now_ns, uint64_t left_ns)
{
	char left[NUMBER_BYTES];

	if (!live_is_due(live, now_ns))
		return;
	live_begin_line(live, now_ns);
	fprintf(live->out, "warming up: %s left",
		units_format(UNIT_DURATION, (double)left_ns, left, sizeof(left)));
}

void live_show_draining(struct live *live, uint64_t now_ns, uint64_t left_ns)
{
	char left[NUMBER_BYTES];

	if (!live_is_due(live, now_ns))
		return;
	live_begin_line(live, now_ns);
	fprintf(live->out, "waiting for the last answers: %s left at most",
		units_format(UNIT_DURATION, (double)left_ns, left, sizeof(left)));
}

static void live_draw_line(struct live *live, const struct live_look *look,
			   const struct live_point *point)
{
	char rate[NUMBER_BYTES], p50[NUMBER_BYTES], p99[NUMBER_BYTES], left[NUMBER_BYTES];

	live_begin_line(live, look->now_ns);
	fprintf(live->out,
		"%s   p50 %s   p99 %s   %" PRIu64 " errors   %" PRIu64 " connections   %s left",
		units_format(UNIT_RATE, point->rate_per_s, rate, sizeof(rate)),
		units_format(UNIT_DURATION, (double)point->p50_ns, p50, sizeof(p50)),
		units_format(UNIT_DURATION, (double)point->p99_ns, p99, sizeof(p99)),
		look->totals.errors, look->connections,
		units_format(UNIT_DURATION, (double)look->left_ns, left, sizeof(left)));
}

static struct live_point live_compare(const struct live *live, const struct live_look *look)
{
	struct interval_totals since = look->totals;
	double elapsed_s = (double)(look->now_ns - live->shown_at_ns) / 1e9;

	interval_subtract(&since, &live->shown);
	return (struct live_point){
		.rate_per_s = (double)since.completed / elapsed_s,
		.p50_ns = interval_percentile_ns(&since, 50),
		.p99_ns = interval_percentile_ns(&since, 99),
		.errors = since.errors,
	};
}

void live_show_measuring(struct live *live, const struct live_look *look)
{
	struct live_point point;

	if (live->kind == LIVE_NOTHING)
		return;
	if (!live->measuring) {
		/* A rate needs two looks: this is the first. */
		live->measuring = true;
		live->shown_at_ns = look->now_ns;
		live->shown = look->totals;
		if (live->kind == LIVE_SCREEN)
			watch_begin(live);
		return;
	}
	if (!live_is_due(live, look->now_ns))
		return;
	point = live_compare(live, look);
	memmove(live->history, live->history + 1, sizeof(live->history) - sizeof(live->history[0]));
	live->history[LIVE_HISTORY - 1] = point;
	if (live->kind == LIVE_SCREEN)
		watch_draw(live, look);
	else
		live_draw_line(live, look, &point);
	live->shown_at_ns = look->now_ns;
	live->shown = look->totals;
	fflush(live->out);
}

void live_clear(struct live *live)
{
	if (live->kind == LIVE_SCREEN && live->measuring)
		watch_end(live);
	else if (live->kind != LIVE_NOTHING && live->shown_at_ns)
		fputs(line_begin, live->out);
	live->shown_at_ns = 0;
	live->measuring = false;
	memset(live->history, 0, sizeof(live->history));
}
