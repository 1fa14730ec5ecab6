/*
 * The few distributions that tests need: tails and quantiles, to some twelve digits. All are pure, and
 * any thread may call them.
 */
#ifndef TENK_DISTRIBUTIONS_H
#define TENK_DISTRIBUTIONS_H

#include <stdint.h>

/* P(Z > z) of the standard normal distribution. */
double normal_above(double z);

/* The z below which a standard normal value is with this probability, over 0 and under 1. */
double normal_quantile(double probability);

/* The t below which a value of Student's distribution is with this probability, over 0 and under 1. */
double student_quantile(double probability, unsigned degrees_of_freedom);

/* P(X >= least) of a binomial distribution: `trials` trials, each a success with `chance`. */
double binomial_at_least(uint64_t least, uint64_t trials, double chance);

/* P(X = events) of a Poisson distribution with this mean, above 0. */
double poisson_term(uint64_t events, double mean);

/* P(X >= least) of a Poisson distribution with this mean. */
double poisson_at_least(uint64_t least, double mean);

/*
 * Where a function that does not fall reaches `target`, between low and high, by halving: to the last
 * digits of a double. `low` or `high` itself where it reaches it outside.
 */
double solve_rising(double (*function)(double, const void *), const void *context, double low,
		    double high, double target);

#endif
