#include "loadgen/fairness.h"

#include <criterion/criterion.h>
#include <math.h>

Test(fairness, jains_index_is_1_for_all_alike_and_1_in_n_for_one_alone)
{
	struct fairness alike = {0}, alone = {0}, none = {0};

	for (int i = 0; i < 10; i++) {
		fairness_add(&alike, 500, NULL);
		fairness_add(&alone, i == 3 ? 1000 : 0, NULL);
	}
	cr_assert_float_eq(fairness_index_of_rates(&alike), 1, 1e-12);
	cr_assert_float_eq(fairness_index_of_rates(&alone), 0.1, 1e-12);
	cr_assert(isnan(fairness_index_of_rates(&none)));
	cr_assert_eq(alone.unused, 9);
	cr_assert_eq(alone.fewest, 0);
	cr_assert_eq(alone.most, 1000);
}

Test(fairness, one_starved_connection_shows)
{
	struct fairness fairness = {0};

	for (int i = 0; i < 99; i++)
		fairness_add(&fairness, 1000, NULL);
	fairness_add(&fairness, 3, NULL);
	cr_assert_eq(fairness.fewest, 3);
	cr_assert_lt(fairness_index_of_rates(&fairness), 0.991);
}

Test(fairness, a_connection_that_had_only_timeouts_is_the_slowest)
{
	struct fairness fairness = {0};
	struct fairness_slots quick = {0}, starved = {0}, unused = {0};

	for (int i = 0; i < 1000; i++)
		fairness_record(&quick, 1000000);
	fairness_record(&starved, 2000000000);
	for (int i = 0; i < 15; i++)
		fairness_add(&fairness, 1000, &quick);
	fairness_add(&fairness, 0, &starved);
	fairness_add(&fairness, 0, &unused);
	cr_assert_eq(fairness.timed, 16);
	cr_assert_eq(fairness.highest_p99_ns, 2000000000);
	cr_assert_lt(fairness_index_of_p99(&fairness), 0.1);
}

Test(fairness, a_connections_p99_is_known_to_half_an_octave)
{
	struct fairness_slots slots = {0};
	uint64_t p99;

	cr_assert_eq(fairness_p99_ns(&slots), 0);
	for (int i = 0; i < 1000; i++)
		fairness_record(&slots, i < 985 ? 100000 : 5000000);
	p99 = fairness_p99_ns(&slots);
	cr_assert_geq((double)p99, 5000000 / 1.5);
	cr_assert_leq(p99, 5000000);
	cr_assert_eq(slots.max_ns, 5000000);
}

Test(fairness, counts_that_overflow_keep_their_proportions)
{
	struct fairness_slots slots = {0};

	for (int i = 0; i < 300000; i++)
		fairness_record(&slots, i % 50 ? 100000 : 50000000);
	cr_assert_geq((double)fairness_p99_ns(&slots), 50000000 / 1.5);
}

Test(fairness, very_short_and_very_long_times_have_slots)
{
	struct fairness_slots slots = {0};

	fairness_record(&slots, 0);
	fairness_record(&slots, UINT64_MAX);
	cr_assert_eq(slots.count[0], 1);
	cr_assert_eq(slots.count[FAIRNESS_SLOTS - 1], 1);
}
