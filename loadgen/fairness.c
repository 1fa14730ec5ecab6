#include "loadgen/fairness.h"

#include <math.h>

enum { LOWEST_BITS = 10 }; /* 2^10 ns: about 1 us */

/* Two slots for each power of two. */
static unsigned slot_of(uint64_t ns)
{
	uint64_t value = ns | UINT64_C(1) << LOWEST_BITS;
	unsigned bit = 63 - (unsigned)__builtin_clzll(value);
	unsigned slot = (bit - LOWEST_BITS) * 2 + (unsigned)(value >> (bit - 1) & 1);

	return slot < FAIRNESS_SLOTS ? slot : FAIRNESS_SLOTS - 1;
}

static uint64_t slot_highest(unsigned slot)
{
	uint64_t half = UINT64_C(1) << (slot / 2 + LOWEST_BITS - 1);

	return (slot % 2 ? 4 : 3) * half - 1;
}

void fairness_record(struct fairness_slots *slots, uint64_t latency_ns)
{
	uint16_t *count = &slots->count[slot_of(latency_ns)];

	if (*count == UINT16_MAX)
		for (unsigned i = 0; i < FAIRNESS_SLOTS; i++)
			slots->count[i] /= 2;
	(*count)++;
	if (latency_ns > slots->max_ns)
		slots->max_ns = latency_ns;
}

static uint64_t slots_total(const struct fairness_slots *slots)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < FAIRNESS_SLOTS; i++)
		total += slots->count[i];
	return total;
}

uint64_t fairness_p99_ns(const struct fairness_slots *slots)
{
	uint64_t total = slots_total(slots), seen = 0;

	for (unsigned i = 0; i < FAIRNESS_SLOTS; i++) {
		seen += slots->count[i];
		if (seen > 0 && seen * 100 >= total * 99)
			return slot_highest(i) < slots->max_ns ? slot_highest(i) : slots->max_ns;
	}
	return 0;
}

static void fairness_add_p99(struct fairness *fairness, uint64_t p99_ns)
{
	double ns = (double)p99_ns;

	if (fairness->timed == 0 || p99_ns < fairness->lowest_p99_ns)
		fairness->lowest_p99_ns = p99_ns;
	if (p99_ns > fairness->highest_p99_ns)
		fairness->highest_p99_ns = p99_ns;
	fairness->timed++;
	fairness->p99_sum_ns += ns;
	fairness->p99_squares += ns * ns;
}

void fairness_add(struct fairness *fairness, uint64_t good, const struct fairness_slots *slots)
{
	if (fairness->connections == 0 || good < fairness->fewest)
		fairness->fewest = good;
	if (good > fairness->most)
		fairness->most = good;
	fairness->connections++;
	fairness->requests += good;
	fairness->squares += (double)good * (double)good;
	fairness->unused += good == 0;
	/* A timeout is a sample too: one that had nothing else is the slowest of all. */
	if (slots && slots_total(slots) > 0)
		fairness_add_p99(fairness, fairness_p99_ns(slots));
}

void fairness_merge(struct fairness *into, const struct fairness *from)
{
	if (into->connections == 0 || (from->connections > 0 && from->fewest < into->fewest))
		into->fewest = from->fewest;
	if (from->most > into->most)
		into->most = from->most;
	if (into->timed == 0 || (from->timed > 0 && from->lowest_p99_ns < into->lowest_p99_ns))
		into->lowest_p99_ns = from->lowest_p99_ns;
	if (from->highest_p99_ns > into->highest_p99_ns)
		into->highest_p99_ns = from->highest_p99_ns;
	into->connections += from->connections;
	into->requests += from->requests;
	into->squares += from->squares;
	into->unused += from->unused;
	into->timed += from->timed;
	into->p99_sum_ns += from->p99_sum_ns;
	into->p99_squares += from->p99_squares;
}

static double jain(double sum, double squares, uint64_t count)
{
	if (count == 0 || squares <= 0)
		return NAN;
	return sum * sum / ((double)count * squares);
}

double fairness_index_of_rates(const struct fairness *fairness)
{
	return jain((double)fairness->requests, fairness->squares, fairness->connections);
}

double fairness_index_of_p99(const struct fairness *fairness)
{
	return jain(fairness->p99_sum_ns, fairness->p99_squares, fairness->timed);
}
