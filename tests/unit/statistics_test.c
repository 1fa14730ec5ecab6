#include "lib/statistics/statistics.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* splitmix64: the same numbers in every run of the tests. */
static double uniform(uint64_t *state)
{
	uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
	return ((double)((mixed ^ (mixed >> 31)) >> 11) + 0.5) * 0x1p-53;
}

/* Skewed as waiting times are; its median is ln 2. */
static double exponential(uint64_t *state)
{
	return -log(uniform(state));
}

Test(statistics, interval_ranks_are_those_of_the_tables)
{
	/*
	 * Confidence intervals for the median from the binomial distribution, as tabulated for
	 * the sign test (for instance Hollander and Wolfe, Nonparametric Statistical Methods,
	 * table A.2): the k-th value from either end, and what that covers.
	 */
	static const struct {
		size_t count, rank;
		double confidence, coverage;
	} table[] = {
		{5, 1, 0.90, 0.9375},	{8, 2, 0.90, 0.9297},	{11, 3, 0.90, 0.9346},
		{20, 6, 0.90, 0.9586},	{6, 1, 0.95, 0.96875},	{8, 1, 0.95, 0.9922},
		{9, 2, 0.95, 0.9609},	{10, 2, 0.95, 0.9785},	{12, 3, 0.95, 0.9614},
		{15, 4, 0.95, 0.9648},	{20, 6, 0.95, 0.9586},	{25, 8, 0.95, 0.9567},
		{30, 10, 0.95, 0.9572}, {50, 18, 0.95, 0.9672}, {100, 40, 0.95, 0.9648},
	};
	double values[100];

	for (size_t row = 0; row < sizeof table / sizeof *table; row++) {
		size_t n = table[row].count;
		struct summary summary;

		for (size_t i = 0; i < n; i++)
			values[i] = (double)(n - i); /* descending: it must sort */
		summary = statistics_summarise(values, n, table[row].confidence);
		cr_assert_eq(summary.count, n);
		cr_assert_eq(summary.low, (double)table[row].rank, "n %zu: low %g", n, summary.low);
		cr_assert_eq(summary.high, (double)(n + 1 - table[row].rank), "n %zu: high %g", n,
			     summary.high);
		cr_assert_float_eq(summary.coverage, table[row].coverage, 5e-5, "n %zu: covers %g",
				   n, summary.coverage);
		cr_assert_eq(summary.median, ((double)n + 1) / 2);
		cr_assert_eq(summary.min, 1);
		cr_assert_eq(summary.max, (double)n);
	}
}

Test(statistics, few_values_give_their_range_and_say_what_it_covers)
{
	static const double coverage[] = {0, 0, 0.5, 0.75, 0.875, 0.9375};
	const double values[] = {3, 1, 2, 5, 4};

	for (size_t n = 1; n <= 5; n++) {
		struct summary summary = statistics_summarise(values, n, 0.95);

		cr_assert_eq(summary.coverage, coverage[n], "n %zu covers %g", n, summary.coverage);
		cr_assert_eq(summary.low, summary.min);
		cr_assert_eq(summary.high, summary.max);
	}
}

Test(statistics, a_confidence_that_is_met_exactly_is_met)
{
	const double values[] = {1, 2, 3, 4, 5};

	cr_assert_eq(statistics_summarise(values, 5, 0.9375).coverage, 0.9375);
	cr_assert_eq(statistics_trials_for_confidence(0.9375), 5);
}

Test(statistics, nothing_and_nans)
{
	const double values[] = {NAN, 7, NAN, 9};
	struct summary none = statistics_summarise(NULL, 0, 0.95);
	struct summary only_nans = statistics_summarise(values, 1, 0.95);
	struct summary two = statistics_summarise(values, 4, 0.95);

	cr_assert_eq(none.count, 0);
	cr_assert(isnan(none.median) && isnan(none.low) && isnan(none.high));
	cr_assert_eq(none.coverage, 0);
	cr_assert_eq(only_nans.count, 0);
	cr_assert(isnan(only_nans.min) && isnan(only_nans.max));
	cr_assert_eq(two.count, 2);
	cr_assert_eq(two.median, 8);
	cr_assert_eq(two.coverage, 0.5);
	cr_assert(isnan(statistics_median(values, 1)));
	cr_assert_eq(statistics_median(values, 4), 8);
}

Test(statistics, many_values_neither_underflow_nor_take_the_whole_range)
{
	enum { MANY = 40000 };
	double *values = malloc(MANY * sizeof *values);
	struct summary summary;

	cr_assert_not_null(values);
	for (size_t i = 0; i < MANY; i++)
		values[i] = (double)i;
	summary = statistics_summarise(values, MANY, 0.95);
	cr_assert_geq(summary.coverage, 0.95);
	cr_assert_lt(summary.coverage, 0.955);
	/* 1.96 standard deviations of the binomial: 196 ranks either way. */
	cr_assert_float_eq(summary.high - summary.low, 392, 4);
	free(values);
}

Test(statistics, intervals_cover_the_true_median_as_often_as_they_say)
{
	static const size_t counts[] = {5, 6, 10, 20};
	enum { ROUNDS = 20000 };
	uint64_t state = 7731;

	for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
		size_t covered = 0;
		double said = 0, share;

		for (size_t round = 0; round < ROUNDS; round++) {
			double values[20];
			struct summary summary;

			for (size_t i = 0; i < counts[c]; i++)
				values[i] = exponential(&state);
			summary = statistics_summarise(values, counts[c], 0.90);
			covered += summary.low <= log(2) && log(2) <= summary.high;
			said = summary.coverage;
		}
		share = (double)covered / ROUNDS;
		/* Four standard errors of a share near 0.95 in 20,000 rounds are 0.006. */
		cr_assert_float_eq(share, said, 0.008, "n %zu: %g of %g", counts[c], share, said);
		cr_assert_geq(said, 0.90);
	}
}

Test(statistics, fewest_trials)
{
	cr_assert_eq(statistics_trials_for_confidence(0.90), 5);
	cr_assert_eq(statistics_trials_for_confidence(0.95), 6);
	cr_assert_eq(statistics_trials_for_confidence(0.99), 8);
	cr_assert_eq(statistics_trials_for_confidence(0), 1);
}

Test(statistics, slope_of_known_lines)
{
	/* The first of Anscombe's four data sets (1973): y = 3.00 + 0.500 x. */
	const double x[] = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
	const double y[] = {8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68};
	const double counts[] = {1000, 2000, 4000, 10000};
	double bytes[4], intercept;

	cr_assert_float_eq(statistics_slope(x, y, 11, &intercept), 0.5001, 1e-4);
	cr_assert_float_eq(intercept, 3.0001, 1e-4);
	/* Small slopes on a large base are where sums of squares lose their digits. */
	for (size_t i = 0; i < 4; i++)
		bytes[i] = 8e10 + 200 * counts[i];
	cr_assert_float_eq(statistics_slope(counts, bytes, 4, &intercept), 200, 1e-6);
	cr_assert_float_eq(intercept, 8e10, 1);
}

Test(statistics, slope_needs_two_different_x)
{
	const double x[] = {0.1, 0.1, 0.1}, y[] = {1, 2, 3};

	cr_assert(isnan(statistics_slope(x, y, 3, NULL)));
	cr_assert(isnan(statistics_slope(x, y, 1, NULL)));
	cr_assert(isnan(statistics_slope(x, y, 0, NULL)));
}

Test(statistics, mann_kendall_known_examples)
{
	/*
	 * Hollander and Wolfe's example of Kendall's test, tuna by its lightness, in the order
	 * of the first variable: S = 16, 9 values, variance 92, z = 15 / sqrt(92).
	 */
	const double tuna[] = {2.5, 4.0, 2.6, 3.6, 2.8, 3.1, 5.2, 5.0, 3.8};
	/* Ties, by hand: S = 4, variance (4*3*13 - 2*2*1*9) / 18 = 20/3. */
	const double tied[] = {1, 1, 2, 2};
	const double falling[] = {8, 7, 6, 5, 4, 3, 2, 1};

	cr_assert_float_eq(statistics_mann_kendall_p(tuna, 9), 0.1179, 1e-4);
	cr_assert_float_eq(statistics_mann_kendall_p(tied, 4), 0.2453, 1e-4);
	/* S = -28, variance 196/3. */
	cr_assert_float_eq(statistics_mann_kendall_p(falling, 8), 0.00083, 1e-5);
}

Test(statistics, mann_kendall_without_a_trend)
{
	const double same[] = {4, 4, 4, 4, 4}, three[] = {1, 2, 3}, balanced[] = {1, 3, 3, 1};

	cr_assert_eq(statistics_mann_kendall_p(same, 5), 1);
	cr_assert_eq(statistics_mann_kendall_p(three, 3), 1);
	cr_assert_eq(statistics_mann_kendall_p(balanced, 4), 1);
	cr_assert_eq(statistics_mann_kendall_p(NULL, 0), 1);
}

Test(statistics, mann_kendall_alarms_as_rarely_as_it_should)
{
	enum { ROUNDS = 10000, COUNT = 30 };
	uint64_t state = 11;
	size_t alarms = 0;

	for (size_t round = 0; round < ROUNDS; round++) {
		double values[COUNT];

		for (size_t i = 0; i < COUNT; i++)
			values[i] = exponential(&state);
		alarms += statistics_mann_kendall_p(values, COUNT) < 0.05;
	}
	cr_assert_float_eq((double)alarms / ROUNDS, 0.05, 0.01, "%zu alarms", alarms);
}

Test(statistics, theil_sen_is_not_moved_by_an_outlier)
{
	const double values[] = {1, 2, 3, 4, 100}, gap[] = {2, NAN, 6, 8};

	cr_assert_eq(statistics_theil_sen(values, 5), 1);
	cr_assert_eq(statistics_theil_sen(gap, 4), 2);
	cr_assert(isnan(statistics_theil_sen(values, 1)));
	cr_assert(isnan(statistics_theil_sen(NULL, 0)));
}

Test(statistics, theil_sen_of_a_long_series)
{
	enum { LONG = 9001 };
	double *values = malloc(LONG * sizeof *values);
	uint64_t state = 3;

	cr_assert_not_null(values);
	for (size_t i = 0; i < LONG; i++)
		values[i] = 0.25 * (double)i + uniform(&state);
	values[17] = 1e9;
	cr_assert_float_eq(statistics_theil_sen(values, LONG), 0.25, 1e-4);
	free(values);
}

Test(statistics, the_residual_is_what_the_line_leaves)
{
	const double x[] = {1, 2, 3, 4}, y[] = {3, 5, 7, 9}, off[] = {4, 4, 6, 10};

	cr_expect_float_eq(statistics_residual(x, y, 4, 2, 1), 0, 1e-12);
	cr_expect_float_eq(statistics_residual(x, off, 4, 2, 1), sqrt(4.0 / 2), 1e-12);
	cr_expect(isnan(statistics_residual(x, y, 2, 2, 1)));
}
