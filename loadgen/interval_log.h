/*
 * The HdrHistogram log of a run with a line for each second, or however long --log-interval says. A
 * sample is in the line of the time in which it was recorded, so all lines together are exactly what
 * --log would have in one; those of a kind of request have its name as their tag. Lines go on behind the window, as long as answers are waited for.
 */
#ifndef TENK_INTERVAL_LOG_H
#define TENK_INTERVAL_LOG_H

#include "lib/histogram.h"
#include "loadgen/request.h"

#include <stdbool.h>
#include <stdio.h>

struct interval_log {
	FILE *file; /* NULL: not wanted, and nothing below matters */
	uint64_t period_ns;
	uint64_t base_ns, since_ns; /* when the window and the line began, CLOCK_MONOTONIC */
	const struct mix *mix;
	/* Of all requests and, if there are several kinds, then of each. */
	struct histogram *line[OPTIONS_REQUESTS_MAX + 1];
	size_t count;
	struct histogram *spare; /* empty between two calls */
	int problem;		 /* -errno of what could not be written; 0: nothing */
};

/* Of a load of those requests. 0 or -ENOMEM; interval_log_destroy in any case. It does not close the file. */
int interval_log_init(struct interval_log *log, FILE *file, uint64_t period_ns,
		      const struct mix *mix);
void interval_log_destroy(struct interval_log *log);

/* The window begins, which is `start_s` since the epoch: writes the head. */
void interval_log_begin(struct interval_log *log, uint64_t base_ns, double start_s);

/* Whether a line is to be written. */
static inline bool interval_log_is_due(const struct interval_log *log, uint64_t now_ns)
{
	return log->file && log->base_ns > 0 && now_ns >= log->since_ns + log->period_ns;
}

/* Writes what was added to each `line` as that of the time until now, and begins the next. */
void interval_log_end_line(struct interval_log *log, uint64_t now_ns);

#endif
