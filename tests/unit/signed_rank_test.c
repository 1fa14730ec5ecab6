#include "lib/statistics/signed_rank.h"

#include "lib/statistics/distributions.h"
#include "lib/random.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* Darwin's maize, crossed less self-fertilised, in eighths of an inch (Fisher, The Design of Experiments). */
static const double maize[] = {49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48};

/* Depression scores before and after tranquilizers (Hollander and Wolfe, table 3.1), before less after. */
static const double depression[] = {0.952, -0.147, 1.022,  0.430, 0.620,
				    0.590, 0.490,  -0.080, 0.010};

/* Values 1 to n, of which those are negative whose ranks sum up to `negative`. */
static void fill_with_rank_sum(double *d, size_t n, size_t negative)
{
	for (size_t rank = n; rank > 0; rank--) {
		bool is_negative = rank <= negative;

		d[rank - 1] = is_negative ? -(double)rank : (double)rank;
		negative -= is_negative ? rank : 0;
	}
}

Test(signed_rank, critical_values_are_those_of_the_tables)
{
	/*
	 * The largest sum of ranks whose one-sided p is at most .05, .025, .01, .005, for n from 5
	 * (McCornack, Extended Tables of the Wilcoxon Matched Pair Signed Rank Statistic, JASA 60, 1965;
	 * also OEIS A226329 to A226332). -1: there is none.
	 */
	static const double levels[] = {0.05, 0.025, 0.01, 0.005};
	static const int table[][4] = {{0, -1, -1, -1},	 {2, 0, -1, -1},   {3, 2, 0, -1},
				       {5, 3, 1, 0},	 {8, 5, 3, 1},	   {10, 8, 5, 3},
				       {13, 10, 7, 5},	 {17, 13, 9, 7},   {21, 17, 12, 9},
				       {25, 21, 15, 12}, {30, 25, 19, 15}, {35, 29, 23, 19},
				       {41, 34, 27, 23}, {47, 40, 32, 27}, {53, 46, 37, 32},
				       {60, 52, 43, 37}, {67, 58, 49, 42}, {75, 65, 55, 48},
				       {83, 73, 62, 54}, {91, 81, 69, 61}, {100, 89, 76, 68}};
	double d[25];

	for (size_t row = 0; row < sizeof table / sizeof *table; row++) {
		size_t n = row + 5;

		for (size_t level = 0; level < 4; level++) {
			int critical = table[row][level];

			if (critical >= 0) {
				fill_with_rank_sum(d, n, (size_t)critical);
				cr_expect_leq(signed_rank_p_greater(d, n, 0), levels[level],
					      "n %zu, level %g: %d", n, levels[level], critical);
			}
			fill_with_rank_sum(d, n, (size_t)critical + 1);
			cr_expect_gt(signed_rank_p_greater(d, n, 0), levels[level],
				     "n %zu, level %g: %d is too small", n, levels[level],
				     critical);
		}
	}
}

Test(signed_rank, worked_examples)
{
	/* The manual of SciPy's wilcoxon has the first: 96 of 120, p 0.0206298828125. */
	cr_expect_float_eq(signed_rank_p_greater(maize, 15, 0), 0.0206298828125, 1e-13);
	/* T+ = 40 of 45: 10 of 512 ways are as extreme. The estimate is 0.46 in the book. */
	cr_expect_float_eq(signed_rank_p_greater(depression, 9, 0), 10.0 / 512, 1e-15);
	cr_expect_float_eq(hodges_lehmann(depression, 9), 0.46, 1e-12);
	/* Seven of nine are positive: 1 + 9 + 36 of 512 ways. */
	cr_expect_float_eq(sign_test_p_greater(depression, 9, 0), 46.0 / 512, 1e-15);
}

/* P(positive ranks as large or larger) by dealing all 2^n signs, zeros ranked but left out. */
static double enumerate(const double *d, size_t n, double than)
{
	double twice_rank[16], observed = 0;
	size_t as_large = 0, all = (size_t)1 << n;

	for (size_t i = 0; i < n; i++) {
		double distance = fabs(d[i] - than);

		twice_rank[i] = 1;
		for (size_t j = 0; j < n; j++)
			twice_rank[i] += (fabs(d[j] - than) < distance) * 2 +
					 (fabs(d[j] - than) == distance);
		if (distance == 0)
			twice_rank[i] = 0;
		observed += d[i] > than ? twice_rank[i] : 0;
	}
	for (size_t signs = 0; signs < all; signs++) {
		double sum = 0;

		for (size_t i = 0; i < n; i++)
			sum += signs >> i & 1 ? twice_rank[i] : 0;
		as_large += sum >= observed;
	}
	return (double)as_large / (double)all;
}

Test(signed_rank, ties_and_zeros_as_by_dealing_all_signs)
{
	struct random random;
	double d[10];

	random_seed(&random, 5);
	for (size_t round = 0; round < 600; round++) {
		size_t n = 1 + round % 10;
		double than = (double)random_below(&random, 3) - 1;

		for (size_t i = 0; i < n; i++)
			d[i] = (double)random_below(&random, 7) - 3;
		cr_assert_float_eq(signed_rank_p_greater(d, n, than), enumerate(d, n, than), 1e-12,
				   "round %zu", round);
	}
}

Test(signed_rank, ties_that_differ_in_their_last_digit_are_ties)
{
	/* 0.3 - 0.2 and 0.2 - 0.1 are not the same number; 0.1 and -0.1 about 0 are. */
	const double exact[] = {1, -1, 3, 2, 4}, rounded[] = {1.1, 0.9, 1.3, 1.2, 1.4};

	cr_expect_float_eq(signed_rank_p_greater(rounded, 5, 1), enumerate(exact, 5, 0), 1e-12);
	cr_expect_eq(signed_rank_p_greater((const double[]){0.1 + 0.2}, 1, 0.3), 1);
}

Test(signed_rank, nothing_and_nothing_but_zeros)
{
	const double zeros[] = {2, 2, 2};
	struct interval none = signed_rank_interval(NULL, 0, 0.95);
	struct interval same = signed_rank_interval(zeros, 3, 0.95);

	cr_expect_eq(signed_rank_p_greater(NULL, 0, 0), 1);
	cr_expect_eq(signed_rank_p_greater(zeros, 3, 2), 1);
	cr_expect_eq(signed_rank_p_greater(zeros, 3, 1), 0.125);
	cr_expect_eq(sign_test_p_greater(zeros, 3, 2), 1);
	cr_expect(isnan(hodges_lehmann(NULL, 0)));
	cr_expect(isnan(none.low) && isnan(none.high));
	cr_expect_eq(none.coverage, 0);
	cr_expect(same.low == 2 && same.high == 2);
	cr_expect_eq(same.coverage, 0.75);
}

Test(signed_rank, intervals_have_the_ends_and_the_coverage_of_the_tables)
{
	/*
	 * For 1, 2, 4, ..., 2^(n-1) the smallest averages are known. Of n = 10 at 95 % the ninth from
	 * either end, since P(T <= 8) = .0244 (Hollander and Wolfe, table A.4: 47, .024).
	 */
	double d[10], averages[55] = {0};
	struct interval interval;
	size_t used = 0;

	for (size_t i = 0; i < 10; i++)
		d[9 - i] = ldexp(1, (int)i);
	for (size_t i = 0; i < 10; i++)
		for (size_t j = 0; j <= i; j++) {
			double average = (ldexp(1, (int)i) + ldexp(1, (int)j)) / 2;
			size_t place = used++;

			for (; place > 0 && averages[place - 1] > average; place--)
				averages[place] = averages[place - 1];
			averages[place] = average;
		}
	interval = signed_rank_interval(d, 10, 0.95);
	cr_expect_float_eq(interval.coverage, 1 - 2 * 25.0 / 1024, 1e-12);
	cr_expect_eq(interval.low, averages[8]);
	cr_expect_eq(interval.high, averages[46]);
	/* 1 - 2 / 2^n is all that n values can give; asked for exactly, it is given. */
	interval = signed_rank_interval(d, 5, 0.9375);
	cr_expect_eq(interval.coverage, 0.9375);
	cr_expect(interval.low == 32 && interval.high == 512);
	cr_expect_eq(signed_rank_interval(d, 5, 0.99).coverage, 0.9375);
}

Test(signed_rank, interval_and_test_agree)
{
	struct random random;
	double d[40];

	random_seed(&random, 9);
	for (size_t n = 6; n <= 40; n++) {
		struct interval interval;
		double tail;

		for (size_t i = 0; i < n; i++)
			d[i] = random_exponential(&random);
		interval = signed_rank_interval(d, n, 0.9);
		tail = (1 - interval.coverage) / 2;
		cr_expect_leq(signed_rank_p_greater(d, n, interval.low - 1e-9), tail * 1.000001);
		cr_expect_gt(signed_rank_p_greater(d, n, interval.low + 1e-9), tail * 1.000001);
	}
}

Test(signed_rank, intervals_cover_the_centre_as_often_as_they_say)
{
	static const size_t counts[] = {6, 10, 20};
	enum { ROUNDS = 3000 };
	struct random random;

	random_seed(&random, 71);
	for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
		size_t covered = 0;
		double said = 0, d[20];

		for (size_t round = 0; round < ROUNDS; round++) {
			struct interval interval;

			/* Laplace's distribution: symmetric, with long tails. */
			for (size_t i = 0; i < counts[c]; i++)
				d[i] = random_exponential(&random) - random_exponential(&random);
			interval = signed_rank_interval(d, counts[c], 0.9);
			covered += interval.low <= 0 && 0 <= interval.high;
			said = interval.coverage;
		}
		cr_expect_geq(said, 0.9);
		/* Four standard errors of a share near 0.9 in 3,000 rounds. */
		cr_expect_float_eq((double)covered / ROUNDS, said, 0.022, "n %zu: %zu, said %g",
				   counts[c], covered, said);
	}
}

Test(signed_rank, the_exact_and_the_normal_distribution_meet)
{
	enum { MOST = SIGNED_RANK_EXACT_MOST };
	double d[MOST + 1], positive = 0;
	struct interval exact, normal;

	for (size_t i = 0; i <= MOST; i++) {
		double n = (double)i + 1, deviation = sqrt(n * (n + 1) * (2 * n + 1) / 24);

		d[i] = i % 9 < 4 ? -n : n;
		positive += fmax(d[i], 0);
		if (i + 1 >= MOST)
			cr_expect_float_eq(
				signed_rank_p_greater(d, i + 1, 0),
				normal_above((positive - n * (n + 1) / 4 - 0.5) / deviation),
				i + 1 > MOST ? 1e-12 : 5e-4, "%g", n);
	}
	exact = signed_rank_interval(d, MOST, 0.95);
	normal = signed_rank_interval(d, MOST + 1, 0.95);
	cr_expect_float_eq(exact.coverage, 0.95, 0.001);
	cr_expect_float_eq(normal.coverage, 0.95, 0.001);
	cr_expect_float_eq(exact.low, normal.low, 2);
	/* Far out, where counting all 2^60 ways one by one is out of the question. */
	for (size_t i = 0; i < 60; i++)
		d[i] = (double)(i + 1);
	cr_expect_float_eq(signed_rank_p_greater(d, 60, 0) * 0x1p60, 1, 1e-9);
}

Test(signed_rank, estimates_move_with_the_values_and_resist_an_outlier)
{
	double moved[15];

	for (size_t i = 0; i < 15; i++)
		moved[i] = maize[i] + 100;
	cr_expect_float_eq(hodges_lehmann(moved, 15), hodges_lehmann(maize, 15) + 100, 1e-9);
	moved[0] = 1e9;
	cr_expect_lt(hodges_lehmann(moved, 15), 140);
}
