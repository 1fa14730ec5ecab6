/*
 * Counters that another thread may look at while they grow, for the 100 ms windows of a run.
 *
 * The worker only ever adds; the reader takes the differences between two looks. Nobody locks:
 * there is one writer, and each counter alone is atomic, so a look may be torn by the one request
 * that is just being counted, which the next look has. The histogram is coarser than lib's (about
 * 3 %), to stay within the cache of the thread that writes it.
 */
#ifndef TENK_INTERVAL_H
#define TENK_INTERVAL_H

#include <stdatomic.h>
#include <stdint.h>

enum {
	INTERVAL_SUB_BUCKET_BITS = 5,
	INTERVAL_SUB_BUCKETS = 1 << INTERVAL_SUB_BUCKET_BITS,
	/* Up to 2^42 ns, over an hour; what is longer counts as the last slot. */
	INTERVAL_SLOTS = (42 - INTERVAL_SUB_BUCKET_BITS + 1) * INTERVAL_SUB_BUCKETS,
};

struct interval_counters {
	_Atomic uint64_t completed; /* good answers */
	_Atomic uint64_t errors;
	_Atomic uint64_t latency[INTERVAL_SLOTS];
};

/* A look: plain copies, sums over threads. Zero it before the first. */
struct interval_totals {
	uint64_t completed, errors;
	uint64_t latency[INTERVAL_SLOTS];
};

/* Adds without a locked instruction: only the owning thread may call these. */
static inline void interval_add(_Atomic uint64_t *counter, uint64_t count)
{
	uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, value + count, memory_order_relaxed);
}

static inline void interval_add_one(_Atomic uint64_t *counter)
{
	interval_add(counter, 1);
}

void interval_record_latency(struct interval_counters *counters, uint64_t latency_ns);

/* totals += counters; from any thread. */
void interval_collect(struct interval_totals *totals, const struct interval_counters *counters);

/* totals += more. */
void interval_add_totals(struct interval_totals *totals, const struct interval_totals *more);

/* now -= before, so that only what happened between the two looks remains. */
void interval_subtract(struct interval_totals *now, const struct interval_totals *before);

/* The highest latency of the slot at that percentile (0 to 100); 0 if there is none. */
uint64_t interval_percentile_ns(const struct interval_totals *totals, double percentile);

#endif
