/*
 * Two counts of rare events, each with its exposure (requests, seconds): what can be said of the ratio and
 * of the difference of their rates without an approximation, also when one count or both are zero. Events
 * must come by themselves (Poisson): whether they do is for the caller to look at.
 *
 * Exposures are positive and in the same unit.
 */
#ifndef TENK_EXACT_COUNTS_H
#define TENK_EXACT_COUNTS_H

#include "lib/statistics/interval.h"

#include <stdint.h>

struct exact_count {
	uint64_t events;
	double exposure;
};

/*
 * One-sided p of "the rate of b is at most `than` times that of a": given a's and b's events together, b's
 * are binomial (Przyborowski and Wilenski, Homogeneity of Results in Testing Samples from Poisson Series,
 * 1940). 1 when there are no events.
 */
double exact_counts_p_ratio(struct exact_count a, struct exact_count b, double than);

/*
 * Of the ratio b to a, from the interval of that binomial (Clopper and Pearson 1934). `low` is 0 when b has
 * no event, `high` infinite when a has none. It covers at least what was asked for, which is its coverage.
 */
struct interval exact_counts_ratio(struct exact_count a, struct exact_count b, double confidence);

/* Of the rate itself (Garwood, Fiducial Limits for the Poisson Distribution, 1936). */
struct interval exact_counts_rate(struct exact_count count, double confidence);

/*
 * One-sided p of "the rate of b is at most that of a plus `than`" (`than` at least 0), and the interval that
 * belongs to it. What is as extreme is ordered by the difference over its standard deviation (Krishnamoorthy
 * and Thomson, A More Powerful Test for Comparing Two Poisson Means, 2004); the rate of a, which is not known,
 * is the worst in an interval that is wrong once in a million, which is added to p (Berger and Boos, P Values
 * Maximized Over a Confidence Set for the Nuisance Parameter, 1994).
 */
double exact_counts_p_difference(struct exact_count a, struct exact_count b, double than);
struct interval exact_counts_difference(struct exact_count a, struct exact_count b,
					double confidence);

#endif
