/*
 * When each request of an open loop is due: one absolute schedule, in nanoseconds.
 *
 * The schedule never moves, whatever the server or the generator does, so a stall is seen by
 * every request that it delays (Gil Tene, "How NOT to Measure Latency": coordinated omission).
 * Requests that are due and wait for a connection need no queue: the schedule stays at the
 * first of them, and a copy of it tells about those behind.
 *
 * Arrivals are points on a line of their own, one unit apart from each other (constant) or
 * exponentially far (Poisson), and the rate says when each point is reached: a rate that changes
 * only bends the line.
 *
 * Threads share one schedule: of n threads, the k-th takes every n-th of the constant arrivals,
 * beginning with the k-th, or makes a Poisson process of an n-th of the rate.
 */
#ifndef TENK_SCHEDULE_H
#define TENK_SCHEDULE_H

#include "lib/random.h"
#include "loadgen/options.h"
#include "loadgen/share.h"

#include <stdint.h>

struct schedule {
	uint64_t due_ns; /* of the next arrival; UINT64_MAX: none comes any more */
	uint64_t index;	 /* arrivals before it */

	enum arrivals arrivals;
	uint64_t base_ns;
	double span_ns;	   /* from base_ns on; what lies beyond it is not due */
	double rate_per_s; /* until the stages begin */
	const struct stages *stages;
	uint64_t stages_ns; /* when they begin; 0: not known yet, or there are none */
	double before;	    /* arrivals of all threads before the stages */
	double position;    /* of the next arrival on the line of all threads' arrivals */
	double step;	/* mean distance between this thread's arrivals: the number of threads */
	uint64_t count; /* of a burst: this thread's part of it */
	struct random random;
};

/*
 * Of constant and Poisson arrivals, at options->rate_per_s or the first stage's. The share is one
 * part of the whole.
 */
void schedule_init(struct schedule *schedule, const struct options *options, uint64_t base_ns,
		   struct share share);

/* `count` arrivals, all at `base_ns`. */
void schedule_init_burst(struct schedule *schedule, uint64_t base_ns, uint64_t count);

/* The stages begin then; not before what is next is due. */
void schedule_begin_stages(struct schedule *schedule, const struct stages *stages,
			   uint64_t start_ns);

/*
 * The line ends then, which is not before base_ns: nothing is due from there on, until it goes on, later, as
 * if no time had passed. What was due before then and is not taken stays due.
 */
void schedule_pause(struct schedule *schedule, uint64_t end_ns);
void schedule_go_on(struct schedule *schedule, uint64_t start_ns);

/* Goes on to the arrival after the next one. */
void schedule_advance(struct schedule *schedule);

/* How many arrivals, from the next one on, are due before that time. */
uint64_t schedule_count_until(const struct schedule *schedule, uint64_t time_ns);

#endif
