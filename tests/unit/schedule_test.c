#include "loadgen/schedule.h"

#include <criterion/criterion.h>

static const uint64_t base = 5000000000000000; /* two months of uptime */

Test(schedule, arrivals_are_even_and_do_not_drift)
{
	struct schedule schedule;

	schedule_init(&schedule, base, 3000, 0, 1);
	cr_assert_eq(schedule_due_ns(&schedule, 0), base);
	cr_assert_eq(schedule_due_ns(&schedule, 1), base + 333333);
	cr_assert_eq(schedule_due_ns(&schedule, 3000), base + 1000000000);
	/* A day later it is still exact to the nanosecond. */
	cr_assert_leq(schedule_due_ns(&schedule, 3000 * 86400u) - (base + 86400000000000), 1);
}

Test(schedule, threads_take_turns_on_one_schedule)
{
	struct schedule all, parts[3];

	schedule_init(&all, base, 1000, 0, 1);
	for (unsigned i = 0; i < 3; i++)
		schedule_init(&parts[i], base, 1000, i, 3);
	for (uint64_t i = 0; i < 3000; i++)
		cr_assert_eq(schedule_due_ns(&parts[i % 3], i / 3), schedule_due_ns(&all, i));
}

static void check_count(double rate, unsigned thread, unsigned threads)
{
	struct schedule schedule;

	schedule_init(&schedule, base, rate, thread, threads);
	for (uint64_t i = 0; i < 5000; i += 1 + i / 7) {
		uint64_t due = schedule_due_ns(&schedule, i);

		/* Arrivals that share a nanosecond are all before the next one. */
		cr_assert_leq(schedule_count_before(&schedule, due), i);
		cr_assert_geq(schedule_count_before(&schedule, due + 1), i + 1);
		cr_assert_lt(
			schedule_due_ns(&schedule, schedule_count_before(&schedule, due + 1) - 1),
			due + 1);
	}
}

Test(schedule, counting_agrees_with_the_due_times)
{
	check_count(1, 0, 1);
	check_count(7, 2, 3);
	check_count(3000, 0, 1);
	check_count(99999.9, 5, 8);
	check_count(1e9, 0, 1);
}

Test(schedule, nothing_is_due_before_it_begins)
{
	struct schedule schedule;

	schedule_init(&schedule, base, 1000, 0, 1);
	cr_assert_eq(schedule_count_before(&schedule, 0), 0);
	cr_assert_eq(schedule_count_before(&schedule, base), 0);
	cr_assert_eq(schedule_count_before(&schedule, base + 1), 1);
	cr_assert_eq(schedule_count_before(&schedule, base + 1000000000), 1000);
}

Test(schedule, a_very_low_rate_does_not_wrap_around)
{
	struct schedule schedule;

	schedule_init(&schedule, base, 0.001, 0, 1);
	cr_assert_eq(schedule_due_ns(&schedule, 1), base + 1000000000000);
	cr_assert_eq(schedule_due_ns(&schedule, UINT64_C(1) << 60), UINT64_MAX);
}
