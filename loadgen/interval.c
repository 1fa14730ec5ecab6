#include "loadgen/interval.h"

#include <math.h>
#include <stddef.h>

/* Row r > 0 holds 32 slots for the values whose highest bit is bit r + 4. */
static size_t interval_slot(uint64_t value)
{
	unsigned bits = 64 - (unsigned)__builtin_clzll(value | (INTERVAL_SUB_BUCKETS - 1));
	unsigned row = bits - INTERVAL_SUB_BUCKET_BITS;
	size_t slot;

	if (row == 0)
		return (size_t)value;
	slot = (size_t)row * INTERVAL_SUB_BUCKETS +
	       (size_t)(value >> (row - 1) & (INTERVAL_SUB_BUCKETS - 1));
	return slot < INTERVAL_SLOTS ? slot : INTERVAL_SLOTS - 1;
}

static uint64_t interval_slot_highest(size_t slot)
{
	size_t row = slot / INTERVAL_SUB_BUCKETS, sub_bucket = slot % INTERVAL_SUB_BUCKETS;

	if (row == 0)
		return sub_bucket;
	return ((uint64_t)(sub_bucket + INTERVAL_SUB_BUCKETS + 1) << (row - 1)) - 1;
}

void interval_record_latency(struct interval_counters *counters, uint64_t latency_ns)
{
	interval_add_one(&counters->latency[interval_slot(latency_ns)]);
}

void interval_collect(struct interval_totals *totals, const struct interval_counters *counters)
{
	totals->completed += atomic_load_explicit(&counters->completed, memory_order_relaxed);
	totals->errors += atomic_load_explicit(&counters->errors, memory_order_relaxed);
	for (size_t i = 0; i < INTERVAL_SLOTS; i++)
		totals->latency[i] += atomic_load_explicit(&counters->latency[i],
							   memory_order_relaxed);
}

void interval_add_totals(struct interval_totals *totals, const struct interval_totals *more)
{
	totals->completed += more->completed;
	totals->errors += more->errors;
	for (size_t i = 0; i < INTERVAL_SLOTS; i++)
		totals->latency[i] += more->latency[i];
}

void interval_subtract(struct interval_totals *now, const struct interval_totals *before)
{
	now->completed -= before->completed;
	now->errors -= before->errors;
	for (size_t i = 0; i < INTERVAL_SLOTS; i++)
		now->latency[i] -= before->latency[i];
}

uint64_t interval_percentile_ns(const struct interval_totals *totals, double percentile)
{
	uint64_t count = 0, rank, seen = 0;

	for (size_t i = 0; i < INTERVAL_SLOTS; i++)
		count += totals->latency[i];
	if (count == 0)
		return 0;
	rank = (uint64_t)ceil(percentile * (double)count / 100);
	for (size_t i = 0; i < INTERVAL_SLOTS; i++) {
		seen += totals->latency[i];
		if (seen > 0 && seen >= rank)
			return interval_slot_highest(i);
	}
	return interval_slot_highest(INTERVAL_SLOTS - 1);
}
