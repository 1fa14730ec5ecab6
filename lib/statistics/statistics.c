#include "lib/statistics/statistics.h"

#include "lib/statistics/ascending.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum {
	TREND_FEWEST_VALUES = 4,
	/* Beyond this many values Theil-Sen looks at distant pairs only; see below. */
	THEIL_SEN_COMPLETE_LIMIT = 2000,
};

/* A copy without NANs; *kept is its length. NULL when there is nothing or no memory. */
static double *copy_numbers(const double *values, size_t count, size_t *kept)
{
	double *copy = count ? calloc(count, sizeof *copy) : NULL;

	*kept = 0;
	for (size_t i = 0; copy && i < count; i++)
		if (!isnan(values[i]))
			copy[(*kept)++] = values[i];
	if (*kept == 0) {
		free(copy);
		return NULL;
	}
	return copy;
}

static double median_of_sorted(const double *sorted, size_t count)
{
	if (count == 0)
		return NAN;
	if (count % 2)
		return sorted[count / 2];
	return sorted[count / 2 - 1] / 2 + sorted[count / 2] / 2;
}

/*
 * The largest k for which the k-th smallest and the k-th largest value enclose the median with at
 * least `confidence`; 1 when no k does. *coverage is what that interval covers:
 * 1 - 2 P(X < k) for X binomial with n trials at one half. The terms of the sum carry their power
 * of two apart, so that they are exact for few values and do not underflow for many.
 */
static size_t interval_rank(size_t count, double confidence, double *coverage)
{
	long double term = 1, below = 0;
	int exponent = -(int)count;
	size_t rank = 1;

	*coverage = 0;
	for (size_t k = 1; k <= (count + 1) / 2; k++) {
		below += ldexpl(term, exponent);
		double covered = (double)(1 - 2 * below);
		if (k > 1 && covered < confidence)
			break;
		rank = k;
		*coverage = covered > 0 ? covered : 0;
		if (covered < confidence)
			break;
		term = term * (long double)(count - k + 1) / (long double)k;
		if (term > 0x1p1000L) {
			term *= 0x1p-1000L;
			exponent += 1000;
		}
	}
	return rank;
}

struct summary statistics_summarise(const double *values, size_t count, double confidence)
{
	struct summary summary = {.median = NAN, .low = NAN, .high = NAN, .min = NAN, .max = NAN};
	size_t kept, rank;
	double *sorted = copy_numbers(values, count, &kept);

	if (!sorted)
		return summary;
	qsort(sorted, kept, sizeof *sorted, ascending);
	rank = interval_rank(kept, confidence, &summary.coverage);
	summary.count = kept;
	summary.median = median_of_sorted(sorted, kept);
	summary.min = sorted[0];
	summary.max = sorted[kept - 1];
	summary.low = sorted[rank - 1];
	summary.high = sorted[kept - rank];
	free(sorted);
	return summary;
}

size_t statistics_trials_for_confidence(double confidence)
{
	size_t count = 1;

	assert(confidence < 1);
	while (1 - ldexp(1, 1 - (int)count) < confidence)
		count++;
	return count;
}

double statistics_median(const double *values, size_t count)
{
	size_t kept;
	double *sorted = copy_numbers(values, count, &kept), median;

	if (!sorted)
		return NAN;
	qsort(sorted, kept, sizeof *sorted, ascending);
	median = median_of_sorted(sorted, kept);
	free(sorted);
	return median;
}

double statistics_slope(const double *x, const double *y, size_t count, double *intercept)
{
	double mean_x = 0, mean_y = 0, xx = 0, xy = 0, slope;

	for (size_t i = 0; i < count; i++) {
		mean_x += x[i] / (double)count;
		mean_y += y[i] / (double)count;
	}
	/* Sums of products about the means: raw sums lose all digits at 10^10 bytes. */
	for (size_t i = 0; i < count; i++) {
		xx += (x[i] - mean_x) * (x[i] - mean_x);
		xy += (x[i] - mean_x) * (y[i] - mean_y);
	}
	slope = NAN;
	for (size_t i = 1; i < count; i++)
		if (x[i] != x[0]) /* else xx is zero, or mere rounding of the mean */
			slope = xy / xx;
	if (intercept)
		*intercept = mean_y - slope * mean_x;
	return slope;
}

double statistics_residual(const double *x, const double *y, size_t count, double slope,
			   double intercept)
{
	double squares = 0;

	for (size_t i = 0; i < count; i++)
		squares += pow(y[i] - intercept - slope * x[i], 2);
	return count > 2 ? sqrt(squares / (double)(count - 2)) : NAN;
}

/* Sum over groups of t equal values of t(t-1)(2t+5): what ties take from the variance of S. */
static double tie_correction(double *values, size_t count)
{
	double correction = 0;

	qsort(values, count, sizeof *values, ascending);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && values[end] == values[i]; end++)
			;
		double ties = (double)(end - i);
		correction += ties * (ties - 1) * (2 * ties + 5);
	}
	return correction;
}

double statistics_mann_kendall_p(const double *values, size_t count)
{
	size_t kept;
	double *copy = copy_numbers(values, count, &kept);
	double n = (double)kept, score = 0, variance, z;

	if (kept < TREND_FEWEST_VALUES) {
		free(copy);
		return 1;
	}
	for (size_t i = 0; i < kept; i++)
		for (size_t j = i + 1; j < kept; j++)
			score += (copy[j] > copy[i]) - (copy[j] < copy[i]);
	variance = (n * (n - 1) * (2 * n + 5) - tie_correction(copy, kept)) / 18;
	free(copy);
	if (variance <= 0 || score == 0)
		return 1;
	z = (fabs(score) - 1) / sqrt(variance); /* less one: the correction for continuity */
	return erfc(z / sqrt(2));
}

/*
 * All pairs up to a few thousand values. Beyond that only pairs half the series apart (Theil's
 * "incomplete" estimate, 1950), because all pairs of an hour of 100 ms windows would fill 5 GB.
 */
double statistics_theil_sen(const double *values, size_t count)
{
	size_t first = count > THEIL_SEN_COMPLETE_LIMIT ? count / 2 : 1;
	size_t last = count > THEIL_SEN_COMPLETE_LIMIT ? first : count - 1;
	size_t pairs = first == 1 ? count * (count - 1) / 2 : count - first;
	size_t used = 0;
	double *slopes, median;

	if (count < 2)
		return NAN;
	slopes = calloc(pairs, sizeof *slopes);
	if (!slopes)
		return NAN;
	for (size_t step = first; step <= last; step++)
		for (size_t i = 0; i + step < count; i++)
			slopes[used++] = (values[i + step] - values[i]) / (double)step;
	median = statistics_median(slopes, used); /* leaves out the NANs */
	free(slopes);
	return median;
}
