/*
 * Whether all connections were served alike: one that starves is invisible in the percentiles of
 * all requests together, since it hardly contributes any.
 */
#ifndef TENK_FAIRNESS_H
#define TENK_FAIRNESS_H

#include "lib/histogram.h"

#include <stdint.h>

/* Half octaves from 1 us to over an hour: coarse, to be kept for each of many connections. */
enum { FAIRNESS_SLOTS = 64 };

/* Response times of one connection. */
struct fairness_slots {
	uint16_t count[FAIRNESS_SLOTS]; /* halved, all of them, when one would overflow */
	uint64_t max_ns;
};

/*
 * Over the connections that carry the load. Their answers can be compared where all could be used in
 * the whole window: not with stages of connections. Zeroed: none.
 */
struct fairness {
	uint64_t connections, requests, fewest, most; /* fewest, most: answers of one connection */
	double squares;				      /* of the answers of each */
	uint64_t unused;			      /* connections without an answer */
	/* With --fairness, of those that had an answer or a timeout; else 0. */
	uint64_t timed; /* connections */
	uint64_t lowest_p99_ns, highest_p99_ns;
	double p99_sum_ns, p99_squares;
};

void fairness_record(struct fairness_slots *slots, uint64_t latency_ns);

/* The 99th percentile, to the upper end of its slot; at most the longest. */
uint64_t fairness_p99_ns(const struct fairness_slots *slots);

/* Adds a connection that had `good` answers; `slots` may be NULL. */
void fairness_add(struct fairness *fairness, uint64_t good, const struct fairness_slots *slots);

/* into += from: associative. */
void fairness_merge(struct fairness *into, const struct fairness *from);

/*
 * Jain's index of the connections' answers, or p99s: 1 if all are alike, 1/n if one has everything
 * (Jain, Chiu and Hawe, DEC-TR-301, 1984). NAN without connections.
 */
double fairness_index_of_rates(const struct fairness *fairness);
double fairness_index_of_p99(const struct fairness *fairness);

#endif
