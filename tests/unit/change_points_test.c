#include "lib/statistics/change_points.h"

#include "tests/unit/random_normal.h"

#include <criterion/criterion.h>
#include <math.h>

enum { LONGEST = 100, ROOM = LONGEST / CHANGE_POINTS_SEGMENT };

static const struct change_rules usual = {.seed = 1, .permutations = 199, .significance = 0.01};

static void fill_noise(double *values, size_t count, struct random *random)
{
	for (size_t i = 0; i < count; i++)
		values[i] = random_normal(random);
}

Test(change_points, the_nile_changed_in_1899)
{
	/* Its annual flow at Aswan, 1871 to 1970, in 10^8 m^3 (Cobb, The Problem of the Nile, 1978). */
	static const double nile[] = {
		1120, 1160, 963,  1210, 1160, 1160, 813,  1230, 1370, 1140, 995,  935,	1110,
		994,  1020, 960,  1180, 799,  958,  1140, 1100, 1210, 1150, 1250, 1260, 1220,
		1030, 1100, 774,  840,	874,  694,  940,  833,	701,  916,  692,  1020, 1050,
		969,  831,  726,  456,	824,  702,  1120, 1100, 832,  764,  821,  768,	845,
		864,  862,  698,  845,	744,  796,  1040, 759,	781,  865,  845,  944,	984,
		897,  822,  1010, 771,	676,  649,  846,  812,	742,  801,  1040, 860,	874,
		848,  890,  744,  749,	838,  1050, 918,  986,	797,  923,  975,  815,	1020,
		906,  901,  1170, 912,	746,  919,  718,  714,	740};
	struct change_point found[ROOM];

	cr_assert_eq(change_points_find(nile, 100, &usual, found), 1);
	cr_expect_eq(1871 + found[0].position, 1899);
	cr_expect_float_eq(found[0].before, 1120, 25);
	cr_expect_float_eq(found[0].after, 845, 25);
	cr_expect_leq(found[0].p, 0.01);
}

/* The cut that is best by the definition, with every sum added up anew. */
static size_t best_by_definition(const double *x, size_t count)
{
	double best = -INFINITY;
	size_t position = 0;

	for (size_t cut = CHANGE_POINTS_SEGMENT; cut < count; cut++) {
		for (size_t end = cut + CHANGE_POINTS_SEGMENT; end <= count; end++) {
			double n = (double)cut, m = (double)(end - cut), distance = 0;

			for (size_t i = 0; i < end; i++)
				for (size_t j = i + 1; j < end; j++)
					distance += fabs(x[i] - x[j]) *
						    (j < cut	? -2 / (n * (n - 1))
						     : i >= cut ? -2 / (m * (m - 1))
								: 2 / (n * m));
			distance *= n * m / (n + m);
			if (distance > best) {
				best = distance;
				position = cut;
			}
		}
	}
	return position;
}

Test(change_points, the_place_is_that_of_the_definition)
{
	/* Where everything is significant, and there is room for one cut only. */
	struct change_rules all = {.seed = 1, .permutations = 1, .significance = 1};
	struct change_point found[ROOM];
	struct random random;
	double x[17];

	random_seed(&random, 12);
	for (size_t round = 0; round < 50; round++) {
		fill_noise(x, 17, &random);
		cr_assert_eq(change_points_find(x, 17, &all, found), 1);
		cr_assert_eq(found[0].position, best_by_definition(x, 17), "round %zu", round);
	}
}

Test(change_points, noise_alarms_as_rarely_as_said)
{
	struct change_rules rules = {.seed = 5, .permutations = 99, .significance = 0.05};
	struct change_point found[ROOM];
	enum { ROUNDS = 400, COUNT = 30 };
	size_t alarms = 0;
	struct random random;
	double x[COUNT];

	random_seed(&random, 31);
	for (size_t round = 0; round < ROUNDS; round++, rules.seed++) {
		fill_noise(x, COUNT, &random);
		alarms += change_points_find(x, COUNT, &rules, found) > 0;
	}
	/* 20 are to be expected, with a standard deviation of 4.4. */
	cr_expect_leq(alarms, 38, "%zu", alarms);
	cr_expect_geq(alarms, 6, "%zu", alarms);
}

Test(change_points, one_shift_is_one_change_at_its_place)
{
	enum { ROUNDS = 60, COUNT = 40, SHIFT_AT = 23 };
	struct change_rules rules = usual;
	struct change_point found[ROOM];
	size_t single = 0, near = 0;
	struct random random;
	double x[COUNT];

	random_seed(&random, 77);
	for (size_t round = 0; round < ROUNDS; round++, rules.seed++) {
		int count;

		fill_noise(x, COUNT, &random);
		for (size_t i = SHIFT_AT; i < COUNT; i++)
			x[i] += 4;
		count = change_points_find(x, COUNT, &rules, found);
		single += count == 1;
		near += count >= 1 && found[0].position + 1 >= SHIFT_AT &&
			found[0].position <= SHIFT_AT + 1;
	}
	cr_expect_geq(single, ROUNDS - 3, "%zu", single);
	cr_expect_geq(near, ROUNDS - 3, "%zu", near);
}

Test(change_points, a_spike_is_none)
{
	enum { ROUNDS = 100, COUNT = 30 };
	struct change_rules rules = usual;
	struct change_point found[ROOM];
	struct random random;
	size_t alarms = 0;
	double x[COUNT];

	random_seed(&random, 13);
	for (size_t round = 0; round < ROUNDS; round++, rules.seed++) {
		fill_noise(x, COUNT, &random);
		x[round % COUNT] += 50;
		alarms += change_points_find(x, COUNT, &rules, found) > 0;
	}
	cr_expect_leq(alarms, 4, "%zu", alarms);
}

Test(change_points, there_and_back_are_two_in_order)
{
	struct change_point found[ROOM], again[ROOM];
	struct random random;
	double x[60];

	random_seed(&random, 2);
	fill_noise(x, 60, &random);
	for (size_t i = 20; i < 45; i++)
		x[i] -= 6;
	cr_assert_eq(change_points_find(x, 60, &usual, found), 2);
	cr_expect_eq(found[0].position, 20);
	cr_expect_eq(found[1].position, 45);
	cr_expect_eq(found[0].after, found[1].before);
	cr_expect_float_eq(found[0].after - found[0].before, -6, 1);
	cr_expect_float_eq(found[1].after - found[1].before, 6, 1);
	cr_assert_eq(change_points_find(x, 60, &usual, again), 2);
	cr_expect(again[0].p == found[0].p && again[1].p == found[1].p);
}

Test(change_points, what_does_not_matter_is_left_out)
{
	struct change_rules rules = usual;
	struct change_point found[ROOM];
	struct random random;
	double x[60];

	random_seed(&random, 4);
	for (size_t i = 0; i < 60; i++)
		x[i] = random_normal(&random) * 0.001 + (i >= 20 ? 0.01 : 0) + (i >= 40 ? 0.1 : 0);
	cr_assert_eq(change_points_find(x, 60, &rules, found), 2);
	rules.smallest = 0.02;
	cr_assert_eq(change_points_find(x, 60, &rules, found), 1);
	cr_expect_eq(found[0].position, 40);
	/* Before it is now all of the forty values. */
	cr_expect_float_eq(found[0].before, 0.005, 0.006);
	rules.smallest = 1;
	cr_expect_eq(change_points_find(x, 60, &rules, found), 0);
}

Test(change_points, too_few_values_and_constant_ones_have_none)
{
	struct change_rules all = {.seed = 1, .permutations = 19, .significance = 0.05};
	struct change_point found[ROOM];
	double x[LONGEST] = {0};

	cr_expect_eq(change_points_find(NULL, 0, &all, found), 0);
	cr_expect_eq(change_points_find(x, LONGEST, &all, found), 0);
	for (size_t i = 5; i < 11; i++)
		x[i] = 1000;
	cr_expect_eq(change_points_find(x, 2 * CHANGE_POINTS_SEGMENT - 1, &all, found), 0);
}
