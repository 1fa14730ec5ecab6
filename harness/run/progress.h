/* How far a run is: the share that is done, by time, and what is left. */
#ifndef TENK_PROGRESS_H
#define TENK_PROGRESS_H

#include "harness/process/progress_line.h"
#include "harness/run/time_left.h"
#include "harness/trial/moment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is under way: one trial, or those of a block side by side. */
struct progress_trials {
	const size_t *cells; /* of each of them */
	size_t count;
	double expected_s, load_s; /* of all of them; of the second, what their loads are to take */
	uint64_t began_ns;
	struct trial_moment moment;
	uint64_t step_began_ns; /* since when the moment has this step */
};

struct progress {
	size_t total, done;
	struct time_left left; /* of the trials to come, those under way included */
	struct progress_trials now;
	uint64_t began_ns;
	struct progress_line line;
	const char *
		log; /* into which standard output and error go on when they are lost; borrowed, NULL: nowhere */
	bool may_end_early; /* the time is that of all that may come */
	unsigned told;	    /* lines of progress_tell */
	char what[200];
};

/* Trials are of so many cells. False: no memory. */
bool progress_init(struct progress *progress, size_t cells);
void progress_destroy(struct progress *progress);

/* One more trial is to come, of this cell. */
void progress_add(struct progress *progress, size_t cell, struct trial_time thought);

/* The time counts from now on. */
void progress_start(struct progress *progress);

/* Trials of these cells begin, which are kept by the caller until they have ended. None: it is something else. */
void progress_begin(struct progress *progress, const char *what, const size_t *cells, size_t count);

/* Now and then while they run; draws at most ten times a second. */
void progress_tick(void *progress, const struct trial_moment *moment);

/* They have ended. Whether their time says anything of others like them; not if they were stopped. */
void progress_done(struct progress *progress, bool is_usual);

/* What of the whole is over, from 0 to 1, and how many seconds are left, at a time of CLOCK_MONOTONIC. */
double progress_share(const struct progress *progress, uint64_t now_ns);
double progress_left_s(const struct progress *progress, uint64_t now_ns);

/* "connecting 340,000 of 1,000,000". Returns `text`. */
char *progress_describe(const struct trial_moment *moment, char *text, size_t size);

/* A line of its own above; when there have been many, no more. */
void progress_tell(struct progress *progress, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Clears the line, so that something else can be printed. */
void progress_clear(struct progress *progress);

#endif
