#include "lib/statistics/rank_sum.h"

#include "lib/statistics/distributions.h"
#include "lib/random.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>

/* Permeability of human chorioamnion, at term and earlier (Hollander and Wolfe, table 4.1). */
static const double at_term[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
static const double earlier[] = {1.15, 0.88, 0.90, 0.74, 1.21};

Test(rank_sum, critical_values_are_those_of_the_tables)
{
	/* The largest U whose two-sided p is at most .05 (Mann and Whitney's test; Siegel 1956, table K). */
	static const struct {
		size_t a, b, u;
	} table[] = {{5, 5, 2},	   {5, 10, 8},	{6, 6, 5},    {7, 7, 8},    {8, 8, 13},
		     {9, 9, 17},   {9, 15, 34}, {10, 10, 23}, {12, 8, 22},  {13, 13, 45},
		     {15, 15, 64}, {20, 5, 20}, {16, 20, 98}, {20, 20, 127}};
	double a[20], b[20];

	for (size_t row = 0; row < sizeof table / sizeof *table; row++) {
		size_t n = table[row].a, m = table[row].b;

		for (size_t more = 0; more < 2; more++) {
			/* Each b passes over as many of a's as are left: U of them lie below a's. */
			size_t u = table[row].u + more;
			double p;

			for (size_t i = 0; i < n; i++)
				a[i] = (double)i;
			for (size_t j = 0; j < m; j++) {
				size_t below = u < n ? u : n;

				b[j] = (double)(n - below) - 0.5 + (double)j * 1e-3;
				u -= below;
			}
			p = rank_sum_p_greater(a, n, b, m, 0);
			if (more)
				cr_expect_gt(p, 0.025, "%zu and %zu: %g", n, m, p);
			else
				cr_expect_leq(p, 0.025, "%zu and %zu: %g", n, m, p);
		}
	}
}

Test(rank_sum, worked_example)
{
	/* U = 35 of 50: the book has p = .1272, and 0.305 for how much more it is at term. */
	struct interval interval = rank_sum_interval(earlier, 5, at_term, 10, 0.95);

	cr_expect_float_eq(rank_sum_p_greater(earlier, 5, at_term, 10, 0), 0.1272, 5e-5);
	cr_expect_float_eq(rank_sum_shift(earlier, 5, at_term, 10), 0.305, 1e-12);
	/* And, for 96 %, the ninth difference from either end: -0.15 and 0.76. */
	cr_expect_float_eq(interval.low, -0.15, 1e-12);
	cr_expect_float_eq(interval.high, 0.76, 1e-12);
	cr_expect_float_eq(interval.coverage, 0.960, 5e-4);
}

/* P(ranks of b as large or larger) by dealing the pooled values in all ways. */
static double enumerate(const double *a, size_t n, const double *b, size_t m, double than)
{
	double pooled[10], twice_rank[10], observed = 0;
	size_t all = 0, as_large = 0;

	for (size_t i = 0; i < n + m; i++)
		pooled[i] = i < m ? b[i] - than : a[i - m];
	for (size_t i = 0; i < n + m; i++) {
		twice_rank[i] = 1;
		for (size_t j = 0; j < n + m; j++)
			twice_rank[i] += (pooled[j] < pooled[i]) * 2 + (pooled[j] == pooled[i]);
		observed += i < m ? twice_rank[i] : 0;
	}
	for (size_t chosen = 0; chosen < (size_t)1 << (n + m); chosen++) {
		double sum = 0;

		if ((size_t)__builtin_popcountl(chosen) != m)
			continue;
		for (size_t i = 0; i < n + m; i++)
			sum += chosen >> i & 1 ? twice_rank[i] : 0;
		all++;
		as_large += sum >= observed;
	}
	return (double)as_large / (double)all;
}

Test(rank_sum, ties_as_by_dealing_all_ways)
{
	struct random random;
	double a[5], b[5];

	random_seed(&random, 3);
	for (size_t round = 0; round < 500; round++) {
		size_t n = 1 + random_below(&random, 5), m = 1 + random_below(&random, 5);
		double than = (double)random_below(&random, 3) - 1;

		for (size_t i = 0; i < n; i++)
			a[i] = (double)random_below(&random, 6);
		for (size_t i = 0; i < m; i++)
			b[i] = (double)random_below(&random, 6);
		cr_assert_float_eq(rank_sum_p_greater(a, n, b, m, than),
				   enumerate(a, n, b, m, than), 1e-12, "round %zu", round);
	}
}

Test(rank_sum, nothing_and_nothing_but_the_same)
{
	const double same[] = {4, 4, 4};
	struct interval none = rank_sum_interval(same, 3, NULL, 0, 0.95);

	cr_expect_eq(rank_sum_p_greater(NULL, 0, same, 3, 0), 1);
	cr_expect_eq(rank_sum_p_greater(same, 3, same, 3, 0), 1);
	cr_expect_float_eq(rank_sum_p_greater(same, 3, same, 3, -1), 0.05, 1e-12);
	cr_expect(isnan(rank_sum_shift(same, 3, NULL, 0)));
	cr_expect(isnan(none.low) && none.coverage == 0);
	cr_expect_float_eq(rank_sum_interval(same, 3, same, 3, 0.99).coverage, 0.9, 1e-12);
}

Test(rank_sum, interval_and_test_agree)
{
	struct random random;
	double a[30], b[40];

	random_seed(&random, 8);
	for (size_t n = 4; n <= 30; n += 2) {
		size_t m = n + n / 3;
		struct interval interval;
		double tail;

		for (size_t i = 0; i < n; i++)
			a[i] = random_exponential(&random);
		for (size_t i = 0; i < m; i++)
			b[i] = random_exponential(&random) + 0.5;
		interval = rank_sum_interval(a, n, b, m, 0.9);
		tail = (1 - interval.coverage) / 2;
		cr_expect_leq(rank_sum_p_greater(a, n, b, m, interval.low - 1e-9), tail * 1.000001);
		cr_expect_gt(rank_sum_p_greater(a, n, b, m, interval.low + 1e-9), tail * 1.000001);
	}
}

Test(rank_sum, the_exact_and_the_normal_distribution_meet)
{
	enum { HALF = RANK_SUM_EXACT_MOST / 2 };
	double a[HALF + 1], b[HALF];
	struct interval exact, normal;

	for (size_t i = 0; i <= HALF; i++)
		a[i] = (double)(i * 37 % 101);
	for (size_t i = 0; i < HALF; i++)
		b[i] = (double)(i * 53 % 101) + 8.5;
	for (size_t n = HALF; n <= HALF + 1; n++) {
		double u = 0, product = (double)n * HALF;

		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < HALF; j++)
				u += b[j] > a[i];
		cr_expect_float_eq(rank_sum_p_greater(a, n, b, HALF, 0),
				   normal_above((u - product / 2 - 0.5) /
						sqrt(product * (double)(n + HALF + 1) / 12)),
				   n > HALF ? 1e-12 : 1e-3, "%zu", n);
	}
	exact = rank_sum_interval(a, HALF, b, HALF, 0.95);
	normal = rank_sum_interval(a, HALF + 1, b, HALF, 0.95);
	cr_expect_float_eq(exact.coverage, 0.95, 0.002);
	cr_expect_float_eq(normal.coverage, 0.95, 0.002);
	cr_expect_float_eq(exact.low, normal.low, 2);
}
