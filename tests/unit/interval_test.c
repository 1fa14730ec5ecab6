#include "loadgen/interval.h"

#include <criterion/criterion.h>

static struct interval_counters counters, others;
static struct interval_totals before, now;

Test(interval, percentiles_are_within_a_thirtieth)
{
	for (uint64_t value = 1; value < UINT64_C(3000000000000); value = value * 5 / 4 + 1) {
		struct interval_counters one = {0};
		struct interval_totals look = {0};
		uint64_t shown;

		interval_record_latency(&one, value);
		interval_collect(&look, &one);
		shown = interval_percentile_ns(&look, 50);
		cr_assert_geq(shown, value);
		cr_assert_leq((double)(shown - value), (double)value / 30, "%lu for %lu", shown,
			      value);
	}
}

Test(interval, what_is_too_long_is_counted_as_the_longest)
{
	interval_record_latency(&counters, UINT64_MAX);
	interval_collect(&now, &counters);
	cr_assert_gt(interval_percentile_ns(&now, 99), UINT64_C(3600000000000));
}

Test(interval, a_look_sees_only_what_happened_since_the_last)
{
	interval_add_one(&counters.completed);
	interval_record_latency(&counters, 1000000);
	interval_collect(&before, &counters);
	interval_add_one(&counters.completed);
	interval_add_one(&others.completed);
	interval_add_one(&others.errors);
	interval_record_latency(&counters, 5);
	interval_record_latency(&others, 7);
	interval_collect(&now, &counters);
	interval_collect(&now, &others);
	interval_subtract(&now, &before);
	cr_assert_eq(now.completed, 2);
	cr_assert_eq(now.errors, 1);
	cr_assert_eq(interval_percentile_ns(&now, 50), 5);
	cr_assert_eq(interval_percentile_ns(&now, 99), 7);
}

Test(interval, without_samples_there_is_no_percentile)
{
	cr_assert_eq(interval_percentile_ns(&now, 50), 0);
}

Test(interval, a_load_of_many_hours_does_not_wrap_around)
{
	atomic_store(&counters.latency[5], UINT32_MAX);
	interval_record_latency(&counters, 5);
	interval_collect(&now, &counters);
	cr_assert_eq(now.latency[5], UINT64_C(1) << 32);
}
