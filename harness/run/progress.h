/*
 * How far a run is: one line that is redrawn on a terminal, a plain line every ten seconds
 * elsewhere. On stderr, so that results on stdout can be piped.
 */
#ifndef TENK_PROGRESS_H
#define TENK_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	size_t total, done;
	double planned_s, done_s; /* what the trials are expected to take, in all and so far */
	uint64_t started_ns, shown_ns, trial_started_ns;
	double trial_s;
	size_t trials; /* that are under way */
	bool terminal, colour, drawn;
	unsigned told; /* lines of progress_tell */
	char what[200];
};

/* Colour needs a terminal and no NO_COLOR. planned_s: the expected time of all trials to come. */
void progress_init(struct progress *progress, size_t total, double planned_s);

/* A trial begins, or several side by side. */
void progress_begin(struct progress *progress, const char *what, size_t trials, double expected_s);

/* Now and then while it runs; draws at most ten times a second. */
void progress_tick(void *progress);

/* One more trial is to come than was thought. */
void progress_add(struct progress *progress, double expected_s);

/* It has ended, or they all have. */
void progress_done(struct progress *progress);

/* A line of its own above; when there have been many, no more. */
void progress_tell(struct progress *progress, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Clears the line, so that something else can be printed. */
void progress_clear(struct progress *progress);

#endif
