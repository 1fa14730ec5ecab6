/*
 * Slices: within a block all servers are alive, and the load goes round among them, some 100 ms at a
 * time, so that noise which is slower than a round hits all of them alike. What a server shows is its
 * slices' ratio to those of the others in the same round. (Related: Bulej et al., Duet Benchmarking,
 * ICPE 2020.)
 */
#ifndef TENK_SLICES_H
#define TENK_SLICES_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* So long the load lasts before each slice, uncounted: caches are warm and all connections busy then. */
#define SLICES_LEAD_NS (20 * UINT64_C(1000000))

/* There are so many at the least: a median of fewer is not robust. */
enum { SLICES_ROUNDS_LEAST = 6 };

#define SLICES_BURSTS 0.05
#define SLICES_QUIET  0.03

#define SLICES_SCATTER 0.20

/* One slice of one server; the server is at rest before it and after it. CLOCK_MONOTONIC. */
struct slice {
	unsigned order;			       /* its place in the round, from 1 */
	uint64_t begin_ns, end_ns, drained_ns; /* of the load; when all of it was answered */
	uint64_t good, errors;		       /* of requests that belong to it */
	double cpu_ns;			       /* of the server's tree; NAN: not available */
	double ended_ns; /* of that, of children that ended: known in ticks only */
	/* Of its rate, what was to be expected of this server in this round; by slices_compute, NAN: not known. */
	double relative;
};

enum slice_figure {
	SLICE_REQUESTS_PER_S,
	SLICE_CPU_PER_REQUEST_NS,
	SLICE_FIGURES,
};

/* All slices of one server in a block, one a round. */
struct slices {
	struct slice *made;
	size_t count;		       /* fewer than rounds if the server went no further */
	uint64_t origin_ns;	       /* when the block's first slice began */
	double rate_per_s;	       /* that was to be offered; 0: a closed loop */
	double figures[SLICE_FIGURES]; /* by slices_compute; NAN: there is none */
	/*
	 * By how much all slices as one are worse than most of them, beyond what others' are: what the server
	 * does now and then, and it is in the figure (1.2: a fifth more CPU). 1: not by more than noise.
	 */
	double bursts[SLICE_FIGURES];
	/*
	 * How far its slices' CPU lies from its level (of two slices or more), where that is far, and no noise,
	 * since other servers' do not: it has more than one way to run. 0: it has not, or that is not known.
	 */
	double scatter;
};

/* How many slices of this length there are of each server, to load it for so long in sum. */
size_t slices_rounds(uint64_t duration_ns, uint64_t slice_ns);

/*
 * In which order `count` servers have their turn in a round (from 0): a fresh random permutation and then
 * its reverse. The same seed gives the same.
 */
void slices_order(uint64_t seed, size_t round, size_t *order, size_t count);

/* From its beginning to the last answer, in sum. */
double slices_active_ns(const struct slices *slices);

/*
 * The figures of all servers of a block. ln y = server + round + error is fitted by medians (Tukey's median
 * polish; Exploratory Data Analysis, 1977): a server's level is the median over the rounds of what its
 * slices have beyond the round's effect, which is the median over the servers of what they have beyond
 * their levels. So a round in which the machine was slower and a slice that was hit alone change nothing
 * as long as most were not. The levels are those of the round in the middle.
 *
 * But what a server does itself, if only now and then, such as collecting garbage, is part of what it costs. Noise
 * hits all alike: so where a server's slices as one are worse than their level by SLICES_BURSTS more than any
 * other's, also without the worst of each, and no other's are worse by more than SLICES_QUIET, its figure has that in it. A server that did not come
 * through all `rounds` without an error has no part in that; its figures are had from its own sums. So is
 * the CPU of one whose processes end while they serve, since a tick is much of a slice.
 */
void slices_compute(struct slices *const *block, size_t servers, size_t rounds);

/* As a trial stores them, times since the origin. New reference. */
json_t *slices_describe(const struct slices *slices);

#endif
