#include "lib/exact_counts.h"

#include "lib/distributions.h"

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

struct difference {
	struct exact_count a, b;
	double than;
};

/* How improbable b's many events are at a's rate plus `than`, less how improbable a's few are. */
static double tension(double rate, const void *context)
{
	const struct difference *difference = context;
	struct exact_count a = difference->a, b = difference->b;

	return poisson_at_least(b.events, (rate + difference->than) * b.exposure) -
	       (1 - poisson_at_least(a.events + 1, rate * a.exposure));
}

/*
 * The bounds of both rates, each wrong with half of p, meet where both tails are the same: there is no
 * smaller p at which they still exclude "a plus `than`".
 */
double exact_counts_p_difference(struct exact_count a, struct exact_count b, double than)
{
	struct difference difference = {a, b, than};
	double most = fmax(mean_most(a.events) / a.exposure, mean_most(b.events) / b.exposure);
	double rate;

	if (b.events == 0)
		return 1;
	rate = solve_rising(tension, &difference, 0, most, 0);
	return fmin(1, 2 * poisson_at_least(b.events, (rate + than) * b.exposure));
}

struct interval exact_counts_difference(struct exact_count a, struct exact_count b,
					double confidence)
{
	double each = 1 - (1 - confidence) / 2;
	struct interval rate_a = exact_counts_rate(a, each), rate_b = exact_counts_rate(b, each);

	return (struct interval){rate_b.low - rate_a.high, rate_b.high - rate_a.low, confidence};
}
