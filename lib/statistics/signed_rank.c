#include "lib/statistics/signed_rank.h"

#include "lib/statistics/ascending.h"
#include "lib/statistics/distributions.h"
#include "lib/statistics/midranks.h"
#include "lib/statistics/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* All n (n + 1) / 2 of Walsh's averages, in no order; NULL of none or without memory. */
static double *walsh_averages(const double *d, size_t n)
{
	double *averages = n ? calloc(n * (n + 1) / 2, sizeof *averages) : NULL;
	size_t used = 0;

	for (size_t i = 0; averages && i < n; i++)
		for (size_t j = i; j < n; j++)
			averages[used++] = d[i] / 2 + d[j] / 2;
	return averages;
}

double hodges_lehmann(const double *d, size_t n)
{
	double *averages = walsh_averages(d, n), median;

	if (!averages)
		return NAN;
	median = statistics_median(averages, n * (n + 1) / 2);
	free(averages);
	return median;
}

/*
 * In how many ways signs can be dealt to these ranks so that the positive ones sum up to s, for each s
 * from 0 to the sum of all. Owned by the caller; NULL without memory.
 */
static double *count_sums(const size_t *ranks, size_t count, size_t sum)
{
	double *ways = calloc(sum + 1, sizeof *ways);
	size_t reached = 0;

	if (!ways)
		return NULL;
	ways[0] = 1;
	for (size_t i = 0; i < count; i++) {
		for (size_t s = reached + 1; s-- > 0;)
			ways[s + ranks[i]] += ways[s];
		reached += ranks[i];
	}
	return ways;
}

static double exact_tail(const size_t *ranks, size_t count, size_t sum, size_t least)
{
	double *ways = count_sums(ranks, count, sum), tail = 0;

	if (!ways)
		return NAN;
	for (size_t s = sum + 1; s-- > least;)
		tail += ways[s];
	free(ways);
	return ldexp(tail, -(int)count);
}

/* `half_step`: half of what sums of ranks differ by, the correction for continuity. */
static double normal_tail(const size_t *ranks, size_t count, size_t sum, size_t least,
			  double half_step)
{
	double squares = 0;

	for (size_t i = 0; i < count; i++)
		squares += (double)ranks[i] * (double)ranks[i];
	return normal_above(((double)least - (double)sum / 2 - half_step) / sqrt(squares / 4));
}

/*
 * Fills `ranks` with twice the ranks of what differs from `than`, their number in *count, their sum in
 * *sum; returns the sum of those above it in *positive.
 */
static bool rank_differences(const double *d, size_t n, double than, size_t *ranks, size_t *count,
			     size_t *sum, size_t *positive)
{
	double *distances = calloc(n, sizeof *distances);
	double magnitude = fabs(than), tolerance;
	bool ranked;

	if (!distances)
		return false;
	for (size_t i = 0; i < n; i++) {
		distances[i] = fabs(d[i] - than);
		magnitude = fmax(magnitude, fabs(d[i]));
	}
	tolerance = midranks_tolerance(magnitude);
	ranked = midranks_doubled(distances, n, tolerance, ranks) > 0;
	*count = *sum = *positive = 0;
	for (size_t i = 0; ranked && i < n; i++) {
		if (distances[i] <= tolerance)
			continue;
		if (d[i] > than)
			*positive += ranks[i];
		*sum += ranks[i];
		ranks[(*count)++] = ranks[i];
	}
	free(distances);
	return ranked;
}

double signed_rank_p_greater(const double *d, size_t n, double than)
{
	size_t *ranks = n ? calloc(n, sizeof *ranks) : NULL;
	size_t count, sum, positive;
	double p = NAN;

	if (n == 0)
		return 1;
	if (ranks && rank_differences(d, n, than, ranks, &count, &sum, &positive)) {
		if (positive == 0)
			p = 1;
		else if (count <= SIGNED_RANK_EXACT_MOST)
			p = exact_tail(ranks, count, sum, positive);
		else
			p = normal_tail(ranks, count, sum, positive, 1);
	}
	free(ranks);
	return p;
}

/*
 * How many of the averages lie below the interval, and as many above: the largest k with P(W <= k) at most
 * `tail`, W being the signed rank of n values without ties; *below is that probability. 0 if there is none.
 */
static size_t averages_outside(size_t n, double tail, double *below)
{
	size_t sum = n * (n + 1) / 2, k = 0;
	double *ways, reached;
	size_t *ranks;

	if (n > SIGNED_RANK_EXACT_MOST) {
		double deviation = sqrt((double)sum * (2 * (double)n + 1) / 12);
		double end = (double)sum / 2 + normal_quantile(tail) * deviation - 0.5;

		k = end > 0 ? (size_t)end : 0;
		*below = normal_above(((double)sum / 2 - (double)k - 0.5) / deviation);
		return k;
	}
	*below = NAN;
	ranks = calloc(n, sizeof *ranks);
	for (size_t i = 0; ranks && i < n; i++)
		ranks[i] = i + 1;
	ways = ranks ? count_sums(ranks, n, sum) : NULL;
	free(ranks);
	if (!ways)
		return 0;
	reached = ldexp(ways[0], -(int)n);
	/* The margin is for confidences such as 0.9375, which are met exactly. */
	while (2 * (k + 1) < sum && reached + ldexp(ways[k + 1], -(int)n) <= tail * (1 + 1e-12))
		reached += ldexp(ways[++k], -(int)n);
	free(ways);
	*below = reached;
	return k;
}

struct interval signed_rank_interval(const double *d, size_t n, double confidence)
{
	struct interval interval = {NAN, NAN, 0};
	size_t count = n * (n + 1) / 2, outside;
	double *averages = walsh_averages(d, n), below;

	if (!averages)
		return interval;
	outside = averages_outside(n, (1 - confidence) / 2, &below);
	if (!isnan(below)) {
		qsort(averages, count, sizeof *averages, ascending);
		interval.low = averages[outside];
		interval.high = averages[count - 1 - outside];
		interval.coverage = fmax(1 - 2 * below, 0);
	}
	free(averages);
	return interval;
}

double sign_test_p_greater(const double *d, size_t n, double than)
{
	size_t above = 0, below = 0;

	for (size_t i = 0; i < n; i++) {
		above += d[i] > than;
		below += d[i] < than;
	}
	return binomial_at_least(above, above + below, 0.5);
}
