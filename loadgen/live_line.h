/* One line on the terminal that says how far a run is. It writes nothing where it is not wanted. */
#ifndef TENK_LIVE_LINE_H
#define TENK_LIVE_LINE_H

#include <stdbool.h>
#include <stdint.h>

struct live_line {
	bool enabled;
	uint64_t shown_at_ns; /* 0: nothing is shown */
	bool measuring;
	uint64_t completed_then; /* when measuring was last shown */
};

/* Enabled if standard error is a terminal that can take a line back. */
void live_line_init(struct live_line *line, bool quiet);

/* While connections are opened. */
void live_line_show_connecting(struct live_line *line, uint64_t now_ns, uint64_t open,
			       uint64_t wanted);
void live_line_show_warm_up(struct live_line *line, uint64_t now_ns, uint64_t left_ns);

/* `completed` and `errors` are totals of the window; the rate is that since the line before. */
void live_line_show_measuring(struct live_line *line, uint64_t now_ns, uint64_t left_ns,
			      uint64_t completed, uint64_t errors);

/* Takes the line back. */
void live_line_clear(struct live_line *line);

#endif
