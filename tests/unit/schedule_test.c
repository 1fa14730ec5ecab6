#include "loadgen/schedule.h"
#include "lib/clock.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static const uint64_t base = 5000000000000000; /* two months of uptime */

static struct options options;

static struct schedule make(enum arrivals arrivals, double rate_per_s, unsigned thread,
			    unsigned threads)
{
	struct schedule schedule;

	options.arrivals = arrivals;
	options.rate_per_s = rate_per_s;
	options.seed = 7;
	schedule_init(&schedule, &options, base,
		      (struct share){.first = thread, .count = 1, .total = threads});
	return schedule;
}

static void skip(struct schedule *schedule, uint64_t arrivals)
{
	for (uint64_t i = 0; i < arrivals; i++)
		schedule_advance(schedule);
}

Test(schedule, constant_arrivals_are_even_and_do_not_drift)
{
	struct schedule schedule = make(ARRIVALS_CONSTANT, 3000, 0, 1);

	cr_assert_eq(schedule.due_ns, base);
	schedule_advance(&schedule);
	cr_assert_eq(schedule.due_ns, base + 333333);
	skip(&schedule, 2999);
	cr_assert_eq(schedule.due_ns, base + 1000000000);
	/* An hour later it is still exact to the nanosecond. */
	skip(&schedule, 3000 * 3600u - 3000);
	cr_assert_leq(schedule.due_ns - (base + 3600000000000), 1);
}

Test(schedule, a_rate_may_have_a_fraction)
{
	struct schedule schedule = make(ARRIVALS_CONSTANT, 0.3, 0, 1);

	skip(&schedule, 3);
	cr_assert_eq(schedule.due_ns, base + 10 * NS_PER_S);
}

Test(schedule, threads_take_turns_on_one_schedule)
{
	struct schedule all = make(ARRIVALS_CONSTANT, 1000, 0, 1), parts[3];

	for (unsigned i = 0; i < 3; i++)
		parts[i] = make(ARRIVALS_CONSTANT, 1000, i, 3);
	for (uint64_t i = 0; i < 3000; i++) {
		cr_assert_eq(parts[i % 3].due_ns, all.due_ns);
		schedule_advance(&parts[i % 3]);
		schedule_advance(&all);
	}
}

Test(schedule, counting_agrees_with_the_due_times)
{
	static const enum arrivals kinds[] = {ARRIVALS_CONSTANT, ARRIVALS_POISSON};

	for (size_t kind = 0; kind < 2; kind++) {
		struct schedule first = make(kinds[kind], 99999.9, 5, 8), at = first;

		for (uint64_t i = 0; i < 500; i++, schedule_advance(&at)) {
			cr_assert_leq(schedule_count_until(&first, at.due_ns), i);
			cr_assert_geq(schedule_count_until(&first, at.due_ns + 1), i + 1);
		}
	}
}

Test(schedule, nothing_is_due_before_it_begins)
{
	struct schedule schedule = make(ARRIVALS_CONSTANT, 1000, 0, 1);

	cr_assert_eq(schedule_count_until(&schedule, 0), 0);
	cr_assert_eq(schedule_count_until(&schedule, base), 0);
	cr_assert_eq(schedule_count_until(&schedule, base + 1), 1);
	cr_assert_eq(schedule_count_until(&schedule, base + 1000000000), 1000);
}

Test(schedule, a_very_low_rate_does_not_wrap_around)
{
	struct schedule schedule = make(ARRIVALS_CONSTANT, 0.001, 0, 1);

	schedule_advance(&schedule);
	cr_assert_eq(schedule.due_ns, base + 1000000000000);
	schedule.position = 1e30;
	schedule_advance(&schedule);
	cr_assert_eq(schedule.due_ns, UINT64_MAX);
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/*
 * Kolmogorov and Smirnov: the largest distance between what gaps are and what they should be, times
 * the root of their number, is under 1.63 in 99 of 100 samples (Massey, JASA 46, 1951).
 */
static double distance_from_exponential(double *gaps, size_t count, double mean)
{
	double largest = 0;

	qsort(gaps, count, sizeof(*gaps), compare);
	for (size_t i = 0; i < count; i++) {
		double expected = 1 - exp(-gaps[i] / mean);

		largest = fmax(largest, fabs((double)(i + 1) / (double)count - expected));
		largest = fmax(largest, fabs((double)i / (double)count - expected));
	}
	return largest * sqrt((double)count);
}

Test(schedule, poisson_arrivals_have_exponential_gaps)
{
	enum { COUNT = 20000, THREADS = 3 };
	static double gaps[COUNT], merged[COUNT];
	struct schedule schedule = make(ARRIVALS_POISSON, 5000, 0, 1), parts[THREADS];
	uint64_t before = base;

	for (size_t i = 0; i < COUNT; i++, schedule_advance(&schedule)) {
		gaps[i] = (double)(schedule.due_ns - before);
		before = schedule.due_ns;
	}
	cr_assert_lt(distance_from_exponential(gaps, COUNT, 1e9 / 5000), 1.63);
	/* 20,000 arrivals take 4 s, with a standard deviation of 28 ms. */
	cr_assert_lt(fabs((double)(before - base) / 1e9 - 4), 0.1);

	/* The threads' processes together are one of the whole rate. */
	for (unsigned i = 0; i < THREADS; i++)
		parts[i] = make(ARRIVALS_POISSON, 5000, i, THREADS);
	before = base;
	for (size_t i = 0; i < COUNT; i++) {
		struct schedule *next = &parts[0];

		for (size_t j = 1; j < THREADS; j++)
			if (parts[j].due_ns < next->due_ns)
				next = &parts[j];
		merged[i] = (double)(next->due_ns - before);
		before = next->due_ns;
		schedule_advance(next);
	}
	cr_assert_lt(distance_from_exponential(merged, COUNT, 1e9 / 5000), 1.63);
}

Test(schedule, constant_arrivals_are_not_mistaken_for_poisson)
{
	enum { COUNT = 2000 };
	static double gaps[COUNT];

	for (size_t i = 0; i < COUNT; i++)
		gaps[i] = 200000;
	cr_assert_gt(distance_from_exponential(gaps, COUNT, 200000), 1.63, "so it can fail");
}

Test(schedule, a_seed_makes_the_same_arrivals_again)
{
	struct schedule a = make(ARRIVALS_POISSON, 100, 0, 2), b = a, other;

	skip(&a, 100);
	skip(&b, 100);
	cr_assert_eq(a.due_ns, b.due_ns);
	other = make(ARRIVALS_POISSON, 100, 1, 2);
	skip(&other, 100);
	cr_assert_neq(a.due_ns, other.due_ns);
}

Test(schedule, a_burst_is_due_at_once_and_then_never)
{
	struct schedule schedule;

	schedule_init_burst(&schedule, base, 3);
	cr_assert_eq(schedule_count_until(&schedule, base), 0);
	cr_assert_eq(schedule_count_until(&schedule, UINT64_MAX - 1), 3);
	skip(&schedule, 2);
	cr_assert_eq(schedule.due_ns, base);
	schedule_advance(&schedule);
	cr_assert_eq(schedule.due_ns, UINT64_MAX);
	schedule_init_burst(&schedule, base, 0);
	cr_assert_eq(schedule.due_ns, UINT64_MAX);
}

Test(schedule, stages_begin_when_they_are_told_to)
{
	struct schedule schedule;
	struct error error;

	cr_assert_eq(stages_parse(&options.stages, "1s:1k,2s:1k-3k,1s:500", &error), 0);
	schedule = make(ARRIVALS_CONSTANT, 1000, 0, 1);
	skip(&schedule, 2000);
	cr_assert_eq(schedule.due_ns, base + 2 * NS_PER_S, "until then at the first rate");
	schedule_begin_stages(&schedule, &options.stages, base + 2500 * NS_PER_MS);
	cr_assert_eq(schedule_count_until(&schedule, base + 2500 * NS_PER_MS), 500);
	skip(&schedule, 500);
	/* 1,000 in the first second, 4,000 in two, 500 in the last. */
	cr_assert_eq(schedule_count_until(&schedule, base + 3500 * NS_PER_MS), 1000);
	cr_assert_eq(schedule_count_until(&schedule, base + 5500 * NS_PER_MS), 5000);
	cr_assert_eq(schedule_count_until(&schedule, UINT64_MAX - 1), 5501);
}

/* Arrivals due in so many spans of that length, with rests between them. */
static uint64_t count_in_spans(struct schedule *schedule, unsigned spans, uint64_t length_ns)
{
	uint64_t start_ns = base, count = 0;

	for (unsigned i = 0; i < spans; i++) {
		if (i > 0)
			schedule_go_on(schedule, start_ns);
		schedule_pause(schedule, start_ns + length_ns);
		for (; schedule->due_ns != UINT64_MAX; schedule_advance(schedule), count++) {
			cr_assert_geq(schedule->due_ns, start_ns);
			cr_assert_lt(schedule->due_ns, start_ns + length_ns);
		}
		start_ns += length_ns + (i + 1) * 7777777;
	}
	return count;
}

Test(schedule, nothing_is_due_in_a_pause_and_none_is_lost_or_added)
{
	static const double rates[] = {1000, 3333, 25, 0.5, 7e5};

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct schedule schedule = make(ARRIVALS_CONSTANT, rates[i], 0, 1);
		uint64_t count = count_in_spans(&schedule, 40, 100 * NS_PER_MS);

		/* In 4 s in sum; the first is due at once, so there may be one more. */
		cr_assert_float_eq((double)count, rates[i] * 4, 1, "%g/s", rates[i]);
	}
}

Test(schedule, a_paused_schedule_is_shared_by_threads_as_one_that_is_not)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < 3; i++) {
		struct schedule part = make(ARRIVALS_CONSTANT, 1000, i, 3);

		count += count_in_spans(&part, 10, 50 * NS_PER_MS);
	}
	cr_assert_eq(count, 500);
}

Test(schedule, random_arrivals_go_on_behind_a_pause_as_they_would_have)
{
	struct schedule paused = make(ARRIVALS_POISSON, 1000, 0, 1), whole = paused;
	uint64_t rest_ns = 0, end_ns = base + 50 * NS_PER_MS;

	schedule_pause(&paused, end_ns);
	for (int i = 0; i < 1000; i++) {
		if (paused.due_ns == UINT64_MAX) {
			rest_ns += 300 * NS_PER_MS;
			schedule_go_on(&paused, end_ns + 300 * NS_PER_MS);
			end_ns += 350 * NS_PER_MS;
			schedule_pause(&paused, end_ns);
			i--;
			continue;
		}
		cr_assert_leq(llabs((long long)(paused.due_ns - rest_ns - whole.due_ns)), 1);
		schedule_advance(&paused);
		schedule_advance(&whole);
	}
	cr_assert_gt(rest_ns, 3 * NS_PER_S);
}

Test(schedule, a_pause_may_come_earlier_than_it_was_said)
{
	struct schedule schedule = make(ARRIVALS_CONSTANT, 1000, 0, 1);

	schedule_pause(&schedule, base + NS_PER_S);
	skip(&schedule, 10);
	cr_assert_eq(schedule.due_ns, base + 10 * NS_PER_MS);
	schedule_pause(&schedule, base + 10 * NS_PER_MS);
	cr_assert_eq(schedule.due_ns, UINT64_MAX);
	schedule_go_on(&schedule, base + 5 * NS_PER_S);
	cr_assert_eq(schedule.due_ns, base + 5 * NS_PER_S);
}
