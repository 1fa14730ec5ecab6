#include "lib/statistics/range_test.h"

#include "lib/random.h"

#include <criterion/criterion.h>
#include <math.h>

TestSuite(range_test, .timeout = 20);

/* Worked by hand: the mean of the three is 2, their range 2, and 1.304 times that reaches 2.608 either way. */
Test(range_test, a_worked_example)
{
	struct interval three = range_test_interval((double[]){1, 2, 3}, 3);

	cr_expect_float_eq(three.low, 2 - 2.608, 1e-12);
	cr_expect_float_eq(three.high, 2 + 2.608, 1e-12);
	cr_expect_float_eq(three.coverage, 0.95, 1e-12);
}

/* Of five values that reach would end within the range where one of them lies far out. */
Test(range_test, it_holds_every_value)
{
	struct interval five = range_test_interval((double[]){0, 10, 10, 10, 10}, 5);

	cr_expect_float_eq(five.low, 0, 1e-12);
	cr_expect_float_eq(five.high, 8 + 5.07, 1e-12);
}

Test(range_test, of_one_value_or_of_many_it_knows_nothing)
{
	double values[RANGE_TEST_MOST + 1] = {1, 2, 3, 4, 5, 6};

	for (size_t count = 0; count < 2; count++)
		cr_expect(isnan(range_test_interval(values, count).low));
	cr_expect(isnan(range_test_interval(values, RANGE_TEST_MOST + 1).high));
}

/* A standard normal value (Box and Muller 1958). */
static double normal(struct random *random)
{
	double u = 1 - random_unit(random), v = random_unit(random);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* The table of 1947, tried: a centre that is missed in one case of twenty, and no less than half as often. */
Test(range_test, it_misses_the_centre_as_seldom_as_it_says)
{
	enum { CASES = 40000 };

	struct random random;

	random_seed(&random, 1947);
	for (size_t count = 2; count <= RANGE_TEST_MOST; count++) {
		int missed = 0;

		for (int i = 0; i < CASES; i++) {
			double values[RANGE_TEST_MOST];
			struct interval interval;

			for (size_t j = 0; j < count; j++)
				values[j] = 3 + normal(&random);
			interval = range_test_interval(values, count);
			missed += interval.low > 3 || interval.high < 3;
		}
		cr_expect_lt(missed, 0.054 * CASES, "%zu values: %d", count, missed);
		cr_expect_gt(missed, 0.025 * CASES, "%zu values: %d", count, missed);
	}
}
