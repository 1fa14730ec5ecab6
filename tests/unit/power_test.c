#include "lib/statistics/power.h"

#include "lib/statistics/signed_rank.h"
#include "tests/unit/random_normal.h"

#include <criterion/criterion.h>
#include <math.h>

Test(power, pairs_by_hand)
{
	/* pi / 3 ((1.6449 + 1.2816) 2 / 1)^2 + 2 at .05 and .9; twice the gap takes a quarter. */
	cr_expect_float_eq(power_pairs(2, 1, 0.05, 0.9), 37.8724, 1e-3);
	cr_expect_float_eq(power_pairs(2, 2, 0.05, 0.9) - 2, 35.8724 / 4, 1e-3);
	cr_expect(isinf(power_pairs(2, 0, 0.05, 0.9)));
	cr_expect(isinf(power_pairs(2, -1, 0.05, 0.9)));
	cr_expect(isinf(power_gap(2, 2, 0.05, 0.9)));
	cr_expect_eq(power_pairs(0, 1, 0.05, 0.9), 2);
	cr_expect_float_eq(power_spread_of_pair(0.02, 0.5), 0.02, 1e-12);
	cr_expect_float_eq(power_spread_of_pair(0.02, 0), 0.0282843, 1e-7);
}

Test(power, pairs_and_gap_invert_each_other)
{
	for (size_t pairs = 3; pairs <= 400; pairs++) {
		double gap = power_gap(0.03, (double)pairs, 0.05 / 18, 0.9);

		cr_assert_float_eq(power_pairs(0.03, gap, 0.05 / 18, 0.9), (double)pairs, 1e-8);
	}
}

Test(power, found_about_as_often_as_said)
{
	static const struct {
		size_t pairs;
		double power;
	} rows[] = {{12, 0.8}, {20, 0.5}, {20, 0.9}, {40, 0.9}};
	enum { ROUNDS = 1500 };
	struct random random;

	random_seed(&random, 41);
	for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
		double gap = power_gap(1, (double)rows[row].pairs, 0.05, rows[row].power), d[40];
		size_t found = 0;

		for (size_t round = 0; round < ROUNDS; round++) {
			for (size_t i = 0; i < rows[row].pairs; i++)
				d[i] = random_normal(&random) + gap;
			found += signed_rank_p_greater(d, rows[row].pairs, 0) <= 0.05;
		}
		cr_expect_float_eq((double)found / ROUNDS, rows[row].power, 0.05, "%zu: %zu",
				   rows[row].pairs, found);
	}
}

Test(power, spread_is_that_of_the_bulk)
{
	enum { COUNT = 400 };
	struct random random;
	double values[COUNT];

	random_seed(&random, 1);
	for (size_t i = 0; i < COUNT; i++)
		values[i] = 7 + 3 * random_normal(&random);
	cr_expect_float_eq(power_spread(values, COUNT), 3, 0.35, "%g", power_spread(values, COUNT));
	for (size_t i = 0; i < COUNT / 25; i++)
		values[i] += 1000;
	cr_expect_float_eq(power_spread(values, COUNT), 3, 0.5);
	cr_expect(isnan(power_spread(values, 1)));
	cr_expect_eq(power_spread((const double[]){5, 5, 5}, 3), 0);
}
