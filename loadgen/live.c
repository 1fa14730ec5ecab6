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

static struct live_point live_compare(const struct live *live, uint64_t now_ns,
				      const struct interval_totals *now,
				      const struct interval_totals *before)
{
	struct interval_totals since = *now;
	double elapsed_s = (double)(now_ns - live->shown_at_ns) / 1e9;

	interval_subtract(&since, before);
	return (struct live_point){
		.rate_per_s = (double)since.completed / elapsed_s,
		.p50_ns = interval_percentile_ns(&since, 50),
		.p99_ns = interval_percentile_ns(&since, 99),
		.errors = since.errors,
	};
}

static size_t count_kinds(const struct live *live, const struct live_look *look)
{
	return live->shown_kinds && look->mix->count > 1 ? look->mix->count : 0;
}

struct live_point live_compare_kind(const struct live *live, const struct live_look *look,
				    size_t kind)
{
	return live_compare(live, look->now_ns, &look->kinds[kind], &live->shown_kinds[kind]);
}

/* A mix has a p99 of each of its kinds in place of all; as many as fit on the line. */
static void live_write_times(const struct live *live, const struct live_look *look,
			     const struct live_point *point, int room)
{
	char p50[NUMBER_BYTES], p99[NUMBER_BYTES], text[2 * NUMBER_BYTES];
	size_t kinds = count_kinds(live, look);

	if (kinds == 0)
		fprintf(live->out, "   p50 %s   p99 %s",
			units_format(UNIT_DURATION, (double)point->p50_ns, p50, sizeof(p50)),
			units_format(UNIT_DURATION, (double)point->p99_ns, p99, sizeof(p99)));
	for (size_t i = 0; i < kinds; i++) {
		struct live_point kind = live_compare_kind(live, look, i);

		units_format(UNIT_DURATION, (double)kind.p99_ns, p99, sizeof(p99));
		room -= snprintf(text, sizeof(text), "   %s p99 %s", look->mix->request[i].name,
				 kind.p99_ns ? p99 : "-");
		if (room < 0)
			return;
		fputs(text, live->out);
	}
}

static void live_draw_line(struct live *live, const struct live_look *look,
			   const struct live_point *point)
{
	char rate[NUMBER_BYTES], left[NUMBER_BYTES], connections[2 * NUMBER_BYTES] = "";
	char rest[5 * NUMBER_BYTES];
	int used = live->note ? (int)strlen(live->note) + 5 : 2;

	live_begin_line(live, look->now_ns);
	used += fprintf(live->out, "%s",
			units_format(UNIT_RATE, point->rate_per_s, rate, sizeof(rate)));
	/* Connections, whose number hardly changes, leave their place to kinds of request. */
	if (count_kinds(live, look) == 0)
		snprintf(connections, sizeof(connections), "   %" PRIu64 " connections",
			 look->connections);
	used += snprintf(rest, sizeof(rest), "   %" PRIu64 " errors%s   %s left",
			 look->totals.errors, connections,
			 units_format(UNIT_DURATION, (double)look->left_ns, left, sizeof(left)));
	live_write_times(live, look, point, (int)live->columns - 1 - used);
	fputs(rest, live->out);
}

/* What the next look is compared with. Without memory kinds are not shown. */
static void remember(struct live *live, const struct live_look *look)
{
	size_t count = look->mix && look->mix->count > 1 ? look->mix->count : 0;

	live->shown = look->totals;
	if (count > 0 && !live->shown_kinds)
		live->shown_kinds = calloc(count, sizeof(*live->shown_kinds));
	if (live->shown_kinds)
		memcpy(live->shown_kinds, look->kinds, count * sizeof(*live->shown_kinds));
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
		remember(live, look);
		if (live->kind == LIVE_SCREEN)
			watch_begin(live);
		return;
	}
	if (!live_is_due(live, look->now_ns))
		return;
	point = live_compare(live, look->now_ns, &look->totals, &live->shown);
	memmove(live->history, live->history + 1, sizeof(live->history) - sizeof(live->history[0]));
	live->history[LIVE_HISTORY - 1] = point;
	if (live->kind == LIVE_SCREEN)
		watch_draw(live, look);
	else
		live_draw_line(live, look, &point);
	live->shown_at_ns = look->now_ns;
	remember(live, look);
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
	free(live->shown_kinds);
	live->shown_kinds = NULL;
	memset(live->history, 0, sizeof(live->history));
}
