/*
 * The little statistics that tenk needs. The unit is the trial: every array here holds one value
 * a trial. See docs/method.md.
 */
#ifndef TENK_STATISTICS_H
#define TENK_STATISTICS_H

#include <stddef.h>

/*
 * A median with its distribution-free interval from order statistics (binomial; David and
 * Nagaraja, Order Statistics, 2003, section 7.1). `coverage` is what the interval really covers:
 * with few values it is all of them ("range of n") and may be under the confidence asked for.
 */
struct summary {
	size_t count;
	double median, low, high, min, max;
	double coverage; /* 0 to 1; 0 when count is 0 */
};

/* NANs are left out. With no value left, count is 0 and the rest NAN. */
struct summary statistics_summarise(const double *values, size_t count, double confidence);

/* The fewest values whose range covers the median with this confidence: 5 for 0.90, 6 for 0.95. */
size_t statistics_trials_for_confidence(double confidence);

double statistics_median(const double *values, size_t count);

/* Least squares line y = intercept + slope x; NAN with fewer than two different x. */
double statistics_slope(const double *x, const double *y, size_t count, double *intercept);

/* Standard deviation of the points about such a line; NAN with fewer than three. */
double statistics_residual(const double *x, const double *y, size_t count, double slope,
			   double intercept);

/*
 * Mann-Kendall test for a monotone trend: two-sided p (normal approximation with tie correction;
 * Mann 1945, Kendall 1975). 1 with fewer than 4 values.
 */
double statistics_mann_kendall_p(const double *values, size_t count);

/* Theil-Sen estimate of the slope per step: the median of the slopes of all pairs. */
double statistics_theil_sen(const double *values, size_t count);

#endif
