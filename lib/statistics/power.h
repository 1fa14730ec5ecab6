/*
 * How large a change so many pairs find, and how many pairs a change needs: for the one-sided signed rank
 * test on differences that are about normal (Noether, Sample Size Determination for Some Common
 * Nonparametric Tests, 1987, has the reasoning; the factor is pi / 3, what the signed rank needs more than
 * the mean would, Lehmann, Nonparametrics, 1975; two pairs are added for the steps of small samples).
 *
 * `alpha` and `power` are between 0 and 1, and power is greater than alpha.
 */
#ifndef TENK_POWER_H
#define TENK_POWER_H

#include <stddef.h>

/*
 * Pairs, not rounded, that find with this power that the centre is `gap` above what it is tested against;
 * differences have the standard deviation `spread`. Infinite where gap is not above 0.
 */
double power_pairs(double spread, double gap, double alpha, double power);

/* The smallest gap that so many pairs find; infinite with two pairs or fewer. */
double power_gap(double spread, double pairs, double alpha, double power);

/*
 * The standard deviation of ln(B/A) within a pair from what one side varies by (cv) and how much both do so
 * together (correlation, -1 to 1).
 */
double power_spread_of_pair(double cv, double correlation);

/*
 * The standard deviation of the bulk of values, which a few outliers do not move: the median of all
 * |x[i] - x[j]|, scaled for the normal distribution (Shamos 1976). NAN with fewer than two.
 */
double power_spread(const double *values, size_t count);

#endif
