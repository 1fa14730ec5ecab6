/*
 * The search for the highest rate that a server bears: what to try next, and what came of it.
 *
 * A rate is held if p99 stays within the limit, nothing fails, and 99 % of what was due is answered.
 * From a guess (what a closed loop reached) the search halves the distance between the highest rate
 * that was held and the lowest that was not, until they are 2 % apart; then it tries the one that
 * was held again, since one trial decides by chance near the edge: four of five must hold, else it
 * goes down by 2 % and tries that. On the way a rate that is not held has a second chance. Pure: it is told what happened and does nothing by itself.
 */
#ifndef TENK_CAPACITY_H
#define TENK_CAPACITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CAPACITY_TRIALS_MAX = 64, CAPACITY_OF = 5, CAPACITY_HELD = 4 };

struct capacity_trial {
	double rate_per_s, achieved_ratio;
	uint64_t p99_ns, errors;
	bool held;
};

struct capacity {
	uint64_t limit_ns; /* of p99 */
	struct capacity_trial trial[CAPACITY_TRIALS_MAX];
	size_t count;
	double low, high; /* held, not held; 0: none yet */
	double guess;
	double doubted; /* a rate that was not held, once; 0: none */
	bool confirming;

	/* The result, once there is no next rate; 0: none was held often enough. */
	double held_per_s;
	unsigned held, of;   /* trials at that rate */
	double failed_per_s; /* the lowest rate above that was not; 0: none */
};

void capacity_init(struct capacity *capacity, uint64_t limit_ns, double guess_per_s);

/* The rate to try; 0: the search has ended. */
double capacity_next(struct capacity *capacity);

/* What a trial came to; fills in whether it was held, and returns it. */
bool capacity_add(struct capacity *capacity, struct capacity_trial trial);

#endif
