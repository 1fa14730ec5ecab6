/* The load on the whole screen: rate and latency of the last seconds as sparklines. */
#include "lib/sparkline.h"
#include "lib/units.h"
#include "loadgen/live.h"

#include <inttypes.h>
#include <math.h>

enum { NUMBER_BYTES = 32, LABEL_COLUMNS = 24, KINDS_SHOWN = 8 };

/* The other screen of the terminal, without a cursor; and back. */
static const char screen_begin[] = "\x1b[?1049h\x1b[?25l", screen_end[] = "\x1b[?25h\x1b[?1049l";

/* To the upper left corner; to the end of the line; of the screen. */
static const char home[] = "\x1b[H", line_end[] = "\x1b[K\n", rest[] = "\x1b[J";

void watch_begin(const struct live *live)
{
	fputs(screen_begin, live->out);
	fflush(live->out);
}

void watch_end(const struct live *live)
{
	fputs(screen_end, live->out);
	fflush(live->out);
}

static double value_of_rate(const struct live_point *point)
{
	return point->rate_per_s;
}

/* Latencies differ by orders of magnitude: of them the logarithm is drawn. */
static double value_of_p50(const struct live_point *point)
{
	return point->p50_ns ? log10((double)point->p50_ns) : 0;
}

static double value_of_p99(const struct live_point *point)
{
	return point->p99_ns ? log10((double)point->p99_ns) : 0;
}

static double value_of_errors(const struct live_point *point)
{
	return (double)point->errors;
}

static void draw_sparkline(const struct live *live, double (*value_of)(const struct live_point *),
			   bool from_zero)
{
	size_t room = live->columns > LABEL_COLUMNS + 2 ? live->columns - LABEL_COLUMNS - 2 : 1;
	size_t first = room < LIVE_HISTORY ? LIVE_HISTORY - room : 0;
	double low = INFINITY, high = 0;

	for (size_t i = first; i < LIVE_HISTORY; i++) {
		double value = value_of(&live->history[i]);

		high = fmax(high, value);
		if (value > 0)
			low = fmin(low, value);
	}
	/* At least a decade, so that what is steady looks steady. */
	low = from_zero ? 0 : fmin(low, high - 1);
	for (size_t i = first; i < LIVE_HISTORY; i++) {
		double value = value_of(&live->history[i]);
		double share = high > low && value > 0 ? (value - low) / (high - low) : 0;

		fputs(sparkline_bar(value > 0 ? share : NAN), live->out);
	}
}

void watch_draw(const struct live *live, const struct live_look *look)
{
	static const struct {
		const char *label;
		double (*value_of)(const struct live_point *);
		enum unit_kind kind;
		bool from_zero;
	} rows[] = {
		{"rate", value_of_rate, UNIT_RATE, true},
		{"p50", value_of_p50, UNIT_DURATION, false},
		{"p99", value_of_p99, UNIT_DURATION, false},
		{"errors", value_of_errors, UNIT_COUNT, true},
	};
	const struct live_point *last = &live->history[LIVE_HISTORY - 1];
	const double values[] = {last->rate_per_s, (double)last->p50_ns, (double)last->p99_ns,
				 (double)last->errors};
	char number[NUMBER_BYTES], left[NUMBER_BYTES];

	fprintf(live->out, "%stenk-load  %.*s%s", home, (int)live->columns - 12, live->options->url,
		line_end);
	fprintf(live->out,
		"%s%s%" PRIu64 " connections   %" PRIu64 " answers   %" PRIu64
		" errors   %s left%s%s",
		live->note ? live->note : "", live->note ? "   " : "", look->connections,
		look->totals.completed, look->totals.errors,
		units_format(UNIT_DURATION, (double)look->left_ns, left, sizeof(left)), line_end,
		line_end);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fprintf(live->out, "  %-8s%10s    ", rows[i].label,
			units_format(rows[i].kind, values[i], number, sizeof(number)));
		draw_sparkline(live, rows[i].value_of, rows[i].from_zero);
		fprintf(live->out, "%s%s", line_end, line_end);
	}
	for (size_t i = 0; live->shown_kinds && i < look->mix->count && i < KINDS_SHOWN; i++) {
		struct live_point kind = live_compare_kind(live, look, i);
		char p99[NUMBER_BYTES];

		fprintf(live->out, "  %-32s%12s   p99 %s%s", look->mix->request[i].name,
			units_format(UNIT_RATE, kind.rate_per_s, number, sizeof(number)),
			units_format(UNIT_DURATION, (double)kind.p99_ns, p99, sizeof(p99)),
			line_end);
	}
	fprintf(live->out, "  each column is 200 ms; latencies on a logarithmic scale%s%s",
		line_end, rest);
}
