#include "loadgen/live_line.h"
#include "lib/clock.h"
#include "lib/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIVE_LINE_PERIOD_NS (500 * NS_PER_MS)

/* Back to the first column and erase the line. */
static const char line_begin[] = "\r\x1b[K";

void live_line_init(struct live_line *line, bool quiet)
{
	const char *terminal = getenv("TERM");

	*line = (struct live_line){0};
	line->enabled = !quiet && isatty(STDERR_FILENO) && terminal &&
			strcmp(terminal, "dumb") != 0;
}

static bool live_line_is_due(struct live_line *line, uint64_t now_ns)
{
	if (!line->enabled ||
	    (line->shown_at_ns && now_ns - line->shown_at_ns < LIVE_LINE_PERIOD_NS))
		return false;
	line->shown_at_ns = now_ns;
	return true;
}

void live_line_show_connecting(struct live_line *line, uint64_t now_ns, uint64_t open,
			       uint64_t wanted)
{
	if (live_line_is_due(line, now_ns))
		fprintf(stderr, "%s  connecting: %" PRIu64 " of %" PRIu64, line_begin, open,
			wanted);
}

void live_line_show_warm_up(struct live_line *line, uint64_t now_ns, uint64_t left_ns)
{
	char left[32];

	if (live_line_is_due(line, now_ns))
		fprintf(stderr, "%s  warming up: %s left", line_begin,
			units_format(UNIT_DURATION, (double)left_ns, left, sizeof(left)));
}

void live_line_show_measuring(struct live_line *line, uint64_t now_ns, uint64_t left_ns,
			      uint64_t completed, uint64_t errors)
{
	uint64_t before_ns = line->shown_at_ns;
	char rate[32], left[32];
	double elapsed_s;

	if (!line->measuring) {
		/* A rate needs two looks: this is the first. */
		line->measuring = true;
		line->shown_at_ns = now_ns;
		line->completed_then = completed;
		return;
	}
	if (!live_line_is_due(line, now_ns))
		return;
	elapsed_s = (double)(now_ns - before_ns) / 1e9;
	units_format(UNIT_RATE, (double)(completed - line->completed_then) / elapsed_s, rate,
		     sizeof(rate));
	units_format(UNIT_DURATION, (double)left_ns, left, sizeof(left));
	fprintf(stderr, "%s  %s   %" PRIu64 " errors   %s left", line_begin, rate, errors, left);
	line->completed_then = completed;
}

void live_line_clear(struct live_line *line)
{
	if (line->enabled && line->shown_at_ns)
		fputs(line_begin, stderr);
	line->shown_at_ns = 0;
}
