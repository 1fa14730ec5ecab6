#include "lib/statistics/rank_sum.h"

#include "lib/statistics/ascending.h"
#include "lib/statistics/distributions.h"
#include "lib/statistics/midranks.h"
#include "lib/statistics/statistics.h"

#include <math.h>
#include <stdlib.h>

/* Every b[j] - a[i], in no order; NULL if there are none or no memory. */
static double *all_differences(const double *a, size_t a_count, const double *b, size_t b_count)
{
	size_t count = a_count * b_count, used = 0;
	double *differences = count ? calloc(count, sizeof *differences) : NULL;

	for (size_t i = 0; differences && i < a_count; i++)
		for (size_t j = 0; j < b_count; j++)
			differences[used++] = b[j] - a[i];
	return differences;
}

double rank_sum_shift(const double *a, size_t a_count, const double *b, size_t b_count)
{
	double *differences = all_differences(a, a_count, b, b_count), median;

	if (!differences)
		return NAN;
	median = statistics_median(differences, a_count * b_count);
	free(differences);
	return median;
}

/*
 * In how many ways `chosen` of these ranks sum up to s, for each s from 0 to `sum`. Owned by the caller;
 * NULL without memory. Row k of the table has the ways to choose k of those ranks seen so far.
 */
static double *count_choices(const size_t *ranks, size_t count, size_t chosen, size_t sum)
{
	size_t width = sum + 1, reached = 0;
	double *ways = calloc((chosen + 1) * width, sizeof *ways);
	double *last = calloc(width, sizeof *last);

	if (ways && last) {
		ways[0] = 1;
		for (size_t i = 0; i < count; i++) {
			for (size_t k = i < chosen ? i + 1 : chosen; k-- > 0;)
				for (size_t s = 0; s <= reached; s++)
					ways[(k + 1) * width + s + ranks[i]] += ways[k * width + s];
			reached += ranks[i];
		}
		for (size_t s = 0; s < width; s++)
			last[s] = ways[chosen * width + s];
	} else {
		free(last);
		last = NULL;
	}
	free(ways);
	return last;
}

/* P(the chosen ones sum up to `least` or more). */
static double exact_tail(const size_t *ranks, size_t count, size_t chosen, size_t sum, size_t least)
{
	double *ways = count_choices(ranks, count, chosen, sum);
	double all = 0, tail = 0;

	if (!ways)
		return NAN;
	for (size_t s = sum + 1; s-- > 0;) {
		all += ways[s];
		if (s >= least)
			tail += ways[s];
	}
	free(ways);
	return tail / all;
}

/* The same, nearly. Sums of doubled ranks differ by two, of which half is the correction for continuity. */
static double normal_tail(const size_t *ranks, size_t count, size_t chosen, size_t sum,
			  size_t least)
{
	double n = (double)count, mean = (double)sum / n, squares = 0, variance;

	for (size_t i = 0; i < count; i++)
		squares += pow((double)ranks[i] - mean, 2);
	variance = (double)chosen * (n - (double)chosen) / (n * (n - 1)) * squares;
	if (variance <= 0)
		return 1;
	return normal_above(((double)least - (double)chosen * mean - 1) / sqrt(variance));
}

double rank_sum_p_greater(const double *a, size_t a_count, const double *b, size_t b_count,
			  double than)
{
	size_t count = a_count + b_count, sum, of_b = 0;
	double *pooled = calloc(count + 1, sizeof *pooled), magnitude = fabs(than), p = NAN;
	size_t *ranks = calloc(count + 1, sizeof *ranks);

	if (a_count == 0 || b_count == 0) {
		p = 1;
	} else if (pooled && ranks) {
		for (size_t i = 0; i < count; i++) {
			double value = i < b_count ? b[i] : a[i - b_count];

			pooled[i] = i < b_count ? value - than : value;
			magnitude = fmax(magnitude, fabs(value));
		}
		sum = midranks_doubled(pooled, count, midranks_tolerance(magnitude), ranks);
		for (size_t i = 0; i < b_count; i++)
			of_b += ranks[i];
		if (sum > 0)
			p = count <= RANK_SUM_EXACT_MOST
				    ? exact_tail(ranks, count, b_count, sum, of_b)
				    : normal_tail(ranks, count, b_count, sum, of_b);
	}
	free(pooled);
	free(ranks);
	return p;
}

/*
 * How many of the differences lie below the interval, and as many above: the largest k with P(U <= k) at
 * most `tail`, U being Mann and Whitney's statistic without ties; *below is that probability. 0 if there
 * is none.
 */
static size_t differences_outside(size_t a_count, size_t b_count, double tail, double *below)
{
	size_t count = a_count + b_count, sum = count * (count + 1) / 2, k = 0;
	size_t least = b_count * (b_count + 1) / 2;
	double *ways, reached, all = 0;
	size_t *ranks;

	if (count > RANK_SUM_EXACT_MOST) {
		double product = (double)a_count * (double)b_count;
		double deviation = sqrt(product * ((double)count + 1) / 12);
		double end = product / 2 + normal_quantile(tail) * deviation - 0.5;

		k = end > 0 ? (size_t)end : 0;
		*below = normal_above((product / 2 - (double)k - 0.5) / deviation);
		return k;
	}
	*below = NAN;
	ranks = calloc(count, sizeof *ranks);
	for (size_t i = 0; ranks && i < count; i++)
		ranks[i] = i + 1;
	ways = ranks ? count_choices(ranks, count, b_count, sum) : NULL;
	free(ranks);
	if (!ways)
		return 0;
	for (size_t s = 0; s <= sum; s++)
		all += ways[s];
	reached = ways[least] / all;
	while (2 * (k + 1) < a_count * b_count &&
	       reached + ways[least + k + 1] / all <= tail * (1 + 1e-12))
		reached += ways[least + ++k] / all;
	free(ways);
	*below = reached;
	return k;
}

struct interval rank_sum_interval(const double *a, size_t a_count, const double *b, size_t b_count,
				  double confidence)
{
	double *differences = all_differences(a, a_count, b, b_count), below;
	struct interval interval = {NAN, NAN, 0};
	size_t count = a_count * b_count, outside;

	if (!differences)
		return interval;
	outside = differences_outside(a_count, b_count, (1 - confidence) / 2, &below);
	if (!isnan(below)) {
		qsort(differences, count, sizeof *differences, ascending);
		interval.low = differences[outside];
		interval.high = differences[count - 1 - outside];
		interval.coverage = fmax(1 - 2 * below, 0);
	}
	free(differences);
	return interval;
}
