/*
 * The search for the highest rate that a server bears: what to try next, and what came of it.
 *
 * A rate is held if p99 stays within the limit, nothing fails, and 99 % of what was due is answered.
 * From a guess (what a closed loop reached) the search halves the distance between the highest rate
 * that was held and the lowest that was not, until they are 2 % apart. What was held then was chosen
 * because it was, by chance perhaps, so it has to be confirmed: of five more trials four must hold,
 * else it goes down by 2 % and tries that. On the way a rate that is not held has a second chance.
 *
 * A rate may also not be held because the generator was at its limit; what is below is then no more
 * than what the server bears at least. Pure: it is told what happened and does nothing by itself.
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
	unsigned spoiled; /* how by the generator itself, as bits; 0: it was not */
	bool held;
	bool confirms; /* it is one of those that decide about a rate that was held once */
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
	unsigned held, of;   /* trials that confirmed it */
	double failed_per_s; /* the lowest rate above that was not; 0: none */
	bool at_least;	     /* that one was spoiled by the generator */
};

void capacity_init(struct capacity *capacity, uint64_t limit_ns, double guess_per_s);

/* The rate to try; 0: the search has ended. */
double capacity_next(struct capacity *capacity);

/* What a trial came to; fills in whether it was held and what for, and returns the former. */
bool capacity_add(struct capacity *capacity, struct capacity_trial trial);

#endif
