/*
 * How long the rest of a run takes. A trial whose cell has been measured takes as long as that did the last time.
 * Of one that has not, the load takes the time it is given; what comes beside it (start, connecting, stop) is
 * guessed, and the guess corrected by how long that really took in the trials so far.
 */
#ifndef TENK_TIME_LEFT_H
#define TENK_TIME_LEFT_H

#include <stdbool.h>
#include <stddef.h>

/* What a trial is thought to take before any has been made. */
struct trial_time {
	double load_s; /* warm-up and window, which are set */
	double rest_s; /* all else, which is a guess */
};

struct cell_time {
	struct trial_time thought;
	double took_s; /* the last of its trials that says so; NAN: none yet */
	size_t left;   /* trials to come */
};

struct time_left {
	struct cell_time *cells;
	size_t count;
	double rest_thought_s, rest_took_s; /* of the trials so far */
};

/* All zero is one without cells. False: no memory. */
bool time_left_init(struct time_left *time, size_t cells);
void time_left_destroy(struct time_left *time);

/* One more trial of the cell is to come. */
void time_left_add(struct time_left *time, size_t cell, struct trial_time thought);

/* One less is to come. */
void time_left_drop(struct time_left *time, size_t cell);

/* A trial of the cell has been made in so many seconds. */
void time_left_learn(struct time_left *time, size_t cell, double took_s);

/* What a trial of the cell is expected to take, and all trials to come, in seconds. */
double time_left_of(const struct time_left *time, size_t cell);
double time_left_in_all(const struct time_left *time);

#endif
