/*
 * What came of some of a load's requests: those of a kind, where there are several, or those of a stage. Each
 * figure holds what its own requests did, so that slow ones are not hidden among many quick ones, nor
 * quick ones taken for late by the timeouts of slow ones.
 */
#ifndef TENK_TALLY_H
#define TENK_TALLY_H

#include "lib/histogram.h"
#include "loadgen/failure.h"

#include <stdint.h>

/* Of requests that were due in the measured window (closed loop: sent). */
struct tally {
	uint64_t due; /* sent or not; in a closed loop as many as were sent */
	uint64_t sent, good, unanswered;
	uint64_t errors[ERROR_CLASSES];
	uint64_t bytes_received; /* heads and bodies of good answers, without their framing */
	/* As in struct result. */
	uint64_t latency_bound_ns, service_bound_ns, fastest_ns;
	struct histogram latency;
	struct histogram service_time; /* open loop only */
	/* Of requests of a kind, see gaps.h. */
	uint64_t windows, silent_windows;
};

/* Empty: the neutral element of merging. */
void tally_init(struct tally *tally);

/* into += from; associative. */
void tally_merge(struct tally *into, const struct tally *from);

#endif
