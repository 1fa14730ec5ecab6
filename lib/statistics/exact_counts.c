#include "lib/statistics/exact_counts.h"

#include "lib/statistics/distributions.h"

#include <math.h>

double exact_counts_p_ratio(struct exact_count a, struct exact_count b, double than)
{
	double share = than * b.exposure;

	return binomial_at_least(b.events, a.events + b.events, share / (a.exposure + share));
}

/* P(at least `least` of `trials`), to be solved for the chance of each. */
struct binomial {
	uint64_t least, trials;
};

static double binomial_rising(double chance, const void *context)
{
	const struct binomial *binomial = context;

	return binomial_at_least(binomial->least, binomial->trials, chance);
}

static double ratio_of_chance(double chance, struct exact_count a, struct exact_count b)
{
	return chance / (1 - chance) * a.exposure / b.exposure;
}

struct interval exact_counts_ratio(struct exact_count a, struct exact_count b, double confidence)
{
	struct binomial from = {b.events, a.events + b.events},
			beyond = {b.events + 1, a.events + b.events};
	struct interval interval = {0, INFINITY, confidence};
	double tail = (1 - confidence) / 2;

	if (b.events > 0)
		interval.low = ratio_of_chance(solve_rising(binomial_rising, &from, 0, 1, tail), a,
					       b);
	if (a.events > 0)
		interval.high = ratio_of_chance(
			solve_rising(binomial_rising, &beyond, 0, 1, 1 - tail), a, b);
	return interval;
}

static double poisson_rising(double mean, const void *least)
{
	return poisson_at_least(*(const uint64_t *)least, mean);
}

/* Far beyond the mean of any count this large at any tail that a double can tell from 0. */
static double mean_most(uint64_t events)
{
	return 2 * (double)events + 100 * sqrt((double)events) + 1000;
}

struct interval exact_counts_rate(struct exact_count count, double confidence)
{
	uint64_t beyond = count.events + 1;
	struct interval interval = {0, INFINITY, confidence};
	double tail = (1 - confidence) / 2, most = mean_most(count.events);

	if (count.events > 0)
		interval.low = solve_rising(poisson_rising, &count.events, 0, most, tail) /
			       count.exposure;
	interval.high = solve_rising(poisson_rising, &beyond, 0, most, 1 - tail) / count.exposure;
	return interval;
}

/* The error that is spent on not knowing a's rate, and how many rates of it are tried. */
static const double NUISANCE_ERROR = 1e-6;
enum { NUISANCE_STEPS = 32 };

/* "b's rate is that of a plus `than`", and by how many of its standard deviations it is more than that. */
struct difference {
	struct exact_count a, b;
	double than, deviations;
};

/* The fewest events of b that are as far beyond the hypothesis, with so many events of a. */
static uint64_t least_as_far(const struct difference *difference, uint64_t events)
{
	double exposure = difference->b.exposure, square = pow(difference->deviations, 2);
	double rate = (double)events / difference->a.exposure;
	double from = rate + difference->than, half = from + square / (2 * exposure);
	double root = half * half - from * from + square * rate / difference->a.exposure;
	double least = (half + sqrt(fmax(root, 0))) * exposure;

	return (uint64_t)ceil(fmax(least - 1e-9 * (1 + least), 0));
}

/*
 * The probability, where a's rate is `rate` and b's is `than` above it, of counts as far beyond as those
 * that there are: over all events of a that may well be, each with the tail of b that belongs to it.
 */
static double chance_as_far(const struct difference *difference, double rate)
{
	double mean_a = rate * difference->a.exposure;
	double mean_b = (rate + difference->than) * difference->b.exposure;
	double reach = 10 * sqrt(mean_a) + 20, chance = 0;
	uint64_t from = mean_a > reach ? (uint64_t)(mean_a - reach) : 0;
	uint64_t to = (uint64_t)(mean_a + reach), least = least_as_far(difference, from);
	double of_a = mean_a > 0 ? poisson_term(from, mean_a) : 1;
	double of_b = poisson_term(least, mean_b), tail = poisson_at_least(least, mean_b);

	for (uint64_t events = from; events <= to; events++) {
		for (uint64_t next = least_as_far(difference, events); least < next; least++) {
			tail -= of_b;
			of_b *= mean_b / (double)(least + 1);
		}
		chance += of_a * fmax(tail, 0);
		of_a *= mean_a / (double)(events + 1);
	}
	return chance;
}

double exact_counts_p_difference(struct exact_count a, struct exact_count b, double than)
{
	struct interval rate = exact_counts_rate(a, 1 - NUISANCE_ERROR);
	struct difference difference = {a, b, than, 0};
	double beyond = (double)b.events / b.exposure - (double)a.events / a.exposure - than;
	double variance = (double)a.events / pow(a.exposure, 2) +
			  (double)b.events / pow(b.exposure, 2);
	double worst = 0;

	if (beyond <= 0)
		return 1;
	difference.deviations = beyond / sqrt(variance);
	for (int step = 0; step <= NUISANCE_STEPS; step++) {
		double tried = rate.low + (rate.high - rate.low) * step / NUISANCE_STEPS;

		worst = fmax(worst, chance_as_far(&difference, tried));
	}
	return fmin(1, worst + NUISANCE_ERROR);
}

static double p_rising(double than, const void *context)
{
	const struct difference *difference = context;

	return exact_counts_p_difference(difference->a, difference->b, than);
}

/*
 * How much b's rate is above that of a at least. Where the test does not even tell them apart, what both
 * rates are by themselves bounds it, each with half of the error.
 */
static double least_difference(struct exact_count a, struct exact_count b, double tail)
{
	struct difference difference = {.a = a, .b = b};
	double found = (double)b.events / b.exposure - (double)a.events / a.exposure;
	struct interval rate_a, rate_b;

	if (p_rising(0, &difference) <= tail)
		return solve_rising(p_rising, &difference, 0, found, tail);
	rate_a = exact_counts_rate(a, 1 - tail);
	rate_b = exact_counts_rate(b, 1 - tail);
	return fmin(rate_b.low - rate_a.high, 0);
}

struct interval exact_counts_difference(struct exact_count a, struct exact_count b,
					double confidence)
{
	double tail = (1 - confidence) / 2;

	return (struct interval){least_difference(a, b, tail), -least_difference(b, a, tail),
				 confidence};
}
