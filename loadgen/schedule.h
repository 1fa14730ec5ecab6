/*
 * When each request of an open loop is due: constant arrivals on one absolute schedule.
 *
 * The schedule never moves, whatever the server or the generator does, so a stall is seen by
 * every request that it delays (Gil Tene, "How NOT to Measure Latency": coordinated omission).
 * It is pure arithmetic: requests that are due and wait for a connection need no queue, they are
 * the indices between the next one to send and now.
 *
 * Threads share one schedule: thread k of n takes every n-th arrival, beginning with the k-th.
 */
#ifndef TENK_SCHEDULE_H
#define TENK_SCHEDULE_H

#include <stdint.h>

struct schedule {
	uint64_t base_ns;
	double offset_ns; /* of this thread's first arrival */
	double period_ns; /* between this thread's arrivals */
};

/* rate_per_s, of all threads together, is above 0; thread < threads. */
void schedule_init(struct schedule *schedule, uint64_t base_ns, double rate_per_s, unsigned thread,
		   unsigned threads);

/* When arrival `index`, counted from 0, is due (CLOCK_MONOTONIC). */
uint64_t schedule_due_ns(const struct schedule *schedule, uint64_t index);

/* How many arrivals are due before that time. */
uint64_t schedule_count_before(const struct schedule *schedule, uint64_t time_ns);

#endif
