#include "lib/statistics/exact_counts.h"

#include "lib/statistics/distributions.h"

#include <criterion/criterion.h>
#include <math.h>

Test(distributions, tails_and_quantiles_are_those_of_the_tables)
{
	static const struct {
		double probability, z;
	} quantiles[] = {{0.5, 0},
			 {0.9, 1.2815515655446},
			 {0.95, 1.6448536269515},
			 {0.975, 1.9599639845401},
			 {0.99, 2.3263478740408},
			 {0.001, -3.0902323061678},
			 {1e-9, -5.9978070150077}};

	for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
		cr_expect_float_eq(normal_quantile(quantiles[i].probability), quantiles[i].z,
				   1e-10);
		cr_expect_float_eq(normal_above(quantiles[i].z), 1 - quantiles[i].probability,
				   1e-12);
	}
	/* Student's, of printed tables: .975 by degrees of freedom, and two other probabilities. */
	cr_expect_float_eq(student_quantile(0.975, 1), 12.706, 5e-4);
	cr_expect_float_eq(student_quantile(0.975, 2), 4.303, 5e-4);
	cr_expect_float_eq(student_quantile(0.975, 5), 2.571, 5e-4);
	cr_expect_float_eq(student_quantile(0.975, 14), 2.145, 5e-4);
	cr_expect_float_eq(student_quantile(0.975, 1000), 1.962, 5e-4);
	cr_expect_float_eq(student_quantile(0.995, 10), 3.169, 5e-4);
	cr_expect_float_eq(student_quantile(0.05, 7), -1.895, 5e-4);
	cr_expect_float_eq(student_quantile(0.5, 7), 0, 1e-12);
	/* Of ten fair coins; and the ends. */
	cr_expect_float_eq(binomial_at_least(8, 10, 0.5), 56.0 / 1024, 1e-14);
	cr_expect_float_eq(binomial_at_least(3, 10, 0.5), 968.0 / 1024, 1e-14);
	cr_expect_float_eq(binomial_at_least(2, 3, 0.1), 0.028, 1e-14);
	cr_expect_eq(binomial_at_least(0, 10, 0), 1);
	cr_expect_eq(binomial_at_least(1, 10, 0), 0);
	cr_expect_eq(binomial_at_least(10, 10, 1), 1);
	cr_expect_eq(binomial_at_least(11, 10, 0.5), 0);
	cr_expect_float_eq(poisson_at_least(1, 2), 1 - exp(-2), 1e-14);
	cr_expect_float_eq(poisson_at_least(5, 1) / 0.0036598468273437, 1, 1e-10);
	cr_expect_float_eq(poisson_at_least(3, 10), 1 - 61 * exp(-10), 1e-13);
	cr_expect_eq(poisson_at_least(0, 0), 1);
	cr_expect_eq(poisson_at_least(1, 0), 0);
}

Test(distributions, large_counts_keep_their_digits)
{
	/* A million trials: the normal approximation with its correction is right to 1e-6 there. */
	for (double z = -3; z <= 3; z += 0.5) {
		uint64_t least = (uint64_t)(500000 + round(500 * z));

		cr_expect_float_eq(binomial_at_least(least, 1000000, 0.5),
				   normal_above(((double)least - 500000 - 0.5) / 500), 1e-6);
	}
	/* Both tails of a Poisson distribution are whole together. */
	cr_expect_float_eq(poisson_at_least(100001, 1e5) + (1 - poisson_at_least(100001, 1e5)), 1,
			   1e-12);
	cr_expect_float_eq(poisson_at_least(100000, 1e5), 0.5, 0.002);
}

Test(exact_counts, worked_examples)
{
	/*
	 * R's manual of poisson.test: new cases of lung cancer in Fredericia, 11 in 800, against three other
	 * towns, 21 in 3,011. It gives a ratio of 1.971488, from 0.8584264 to 4.2772659.
	 */
	struct exact_count towns = {21, 3011}, fredericia = {11, 800};
	struct interval interval = exact_counts_ratio(towns, fredericia, 0.95);
	/* Two events and thirteen in five trials each: 0.01685531 to 0.67955077 (and p .007385, two-sided). */
	struct exact_count many = {13, 5}, few = {2, 5};
	struct interval less = exact_counts_ratio(many, few, 0.95);

	cr_expect_float_eq(interval.low, 0.8584264, 1e-6);
	cr_expect_float_eq(interval.high, 4.2772659, 1e-6);
	cr_expect_eq(interval.coverage, 0.95);
	cr_expect_float_eq(less.low, 0.01685531, 1e-7);
	cr_expect_float_eq(less.high, 0.67955077, 1e-7);
	cr_expect_float_eq(exact_counts_p_ratio(few, many, 1), 121.0 / 32768, 1e-14);
	/* The bounds are where the test changes its mind. */
	cr_expect_float_eq(exact_counts_p_ratio(towns, fredericia, interval.low), 0.025, 1e-9);
	cr_expect_float_eq(exact_counts_p_ratio(fredericia, towns, 1 / interval.high), 0.025, 1e-9);
}

Test(exact_counts, rates_have_garwoods_bounds)
{
	/* Garwood 1936, and many tables since: 95 % of a Poisson mean. */
	static const struct {
		uint64_t events;
		double low, high;
	} table[] = {{0, 0, 3.689},	   {1, 0.0253, 5.572},	  {2, 0.242, 7.225},
		     {5, 1.624, 11.668},   {10, 4.795, 18.390},	  {20, 12.217, 30.888},
		     {50, 37.111, 65.919}, {100, 81.364, 121.627}};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct exact_count count = {table[i].events, 2};
		struct interval rate = exact_counts_rate(count, 0.95);

		cr_expect_float_eq(rate.low * 2, table[i].low, 6e-4, "%lu: %g",
				   (unsigned long)count.events, rate.low * 2);
		cr_expect_float_eq(rate.high * 2, table[i].high, 6e-4, "%lu: %g",
				   (unsigned long)count.events, rate.high * 2);
	}
}

Test(exact_counts, nothing_counted_still_bounds)
{
	struct exact_count none = {0, 1000}, three = {3, 1000};
	struct interval unknown = exact_counts_ratio(none, none, 0.95);
	struct interval more = exact_counts_ratio(none, three, 0.95);
	struct interval fewer = exact_counts_ratio(three, none, 0.95);
	struct interval rise = exact_counts_difference(none, none, 0.95);

	cr_expect(unknown.low == 0 && isinf(unknown.high));
	cr_expect(more.low > 0 && isinf(more.high));
	cr_expect(fewer.low == 0 && fewer.high > 0 && isfinite(fewer.high));
	/* The chance of all three in b is .025 where the ratio makes it (.025)^(1/3) each. */
	cr_expect_float_eq(more.low, cbrt(0.025) / (1 - cbrt(0.025)), 1e-9);
	cr_expect_float_eq(fewer.high * more.low, 1, 1e-9);
	cr_expect_eq(exact_counts_p_ratio(none, none, 1), 1);
	cr_expect_eq(exact_counts_p_difference(none, none, 1e-6), 1);
	/* The rule of three, for .0125: -ln(.0125) = 4.38 in a thousand. */
	cr_expect_float_eq(rise.high, -log(0.0125) / 1000, 1e-9);
	cr_expect_float_eq(rise.low, -rise.high, 1e-12);
}

Test(exact_counts, the_difference_and_its_test_agree)
{
	static const struct exact_count sides[][2] = {
		{{0, 1000}, {9, 1000}}, {{4, 500}, {30, 800}}, {{100, 1e6}, {180, 1e6}}};

	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
		struct exact_count a = sides[i][0], b = sides[i][1];
		double low = exact_counts_difference(a, b, 0.9).low;

		cr_assert_gt(low, 0);
		/* The interval's lower end excludes with .05, half of it for either rate. */
		cr_expect_float_eq(exact_counts_p_difference(a, b, low), 0.05, 1e-6);
		cr_expect_lt(exact_counts_p_difference(a, b, low * 0.9), 0.05);
		cr_expect_gt(exact_counts_p_difference(a, b, low * 1.1), 0.05);
	}
}

/*
 * The probability of a p of .05 or less, summed over all counts, of rates a and b with these exposures; the
 * hypothesis is a ratio, or a rise.
 */
static double share_found(struct exact_count a, double rate_a, struct exact_count b, double rate_b,
			  double ratio, double rise)
{
	double mean_a = rate_a * a.exposure, mean_b = rate_b * b.exposure, found = 0;

	for (a.events = 0; a.events < 50; a.events++) {
		for (b.events = 0; b.events < 60; b.events++) {
			double p = rise > 0 ? exact_counts_p_difference(a, b, rise)
					    : exact_counts_p_ratio(a, b, ratio);

			found += p <= 0.05 ? poisson_term(a.events, mean_a) *
						     poisson_term(b.events, mean_b)
					   : 0;
		}
	}
	return found;
}

Test(exact_counts, never_more_false_alarms_than_said)
{
	struct exact_count one = {0, 1}, more = {0, 2.5};

	for (double rate = 0.5; rate < 20; rate *= 6) {
		cr_expect_leq(share_found(one, rate, one, rate * 1.5, 1.5, 0), 0.05, "%g", rate);
		cr_expect_leq(share_found(one, rate, one, rate + 5, 0, 5), 0.05, "%g", rate);
	}
	for (double rate = 0.5; rate < 6; rate *= 10) {
		cr_expect_leq(share_found(one, rate, more, rate + 2, 0, 2), 0.05, "%g", rate);
		cr_expect_leq(share_found(more, rate, one, rate + 0.5, 0, 0.5), 0.05, "%g", rate);
	}
	/* And what is there is found. */
	cr_expect_gt(share_found(one, 2, one, 20, 1.5, 0), 0.9);
	cr_expect_gt(share_found(one, 2, one, 20, 0, 5), 0.9);
}

Test(exact_counts, large_counts_are_what_the_normal_distribution_says)
{
	/* A rise of 700 less one of 400 that is allowed: 300 are 1.49 deviations. */
	struct exact_count a = {20000, 1}, b = {20700, 1};

	cr_expect_float_eq(exact_counts_p_difference(a, b, 400), normal_above(300 / sqrt(40700)),
			   0.003);
	cr_expect_float_eq(exact_counts_difference(a, b, 0.95).low, 700 - 1.96 * sqrt(40700), 4);
}
