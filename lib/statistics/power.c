#include "lib/statistics/power.h"

#include "lib/statistics/distributions.h"
#include "lib/statistics/statistics.h"

#include <math.h>
#include <stdlib.h>

static const double PAIRS_FACTOR = 1.0471975511965976; /* pi / 3 */
static const double PAIRS_MORE = 2;
/* The median of |X - Y| of two standard normal values is sqrt(2) times the 75th percentile of one. */
static const double SHAMOS_FACTOR = 1.0483580;

static double quantiles(double alpha, double power)
{
	return normal_quantile(power) - normal_quantile(alpha);
}

double power_pairs(double spread, double gap, double alpha, double power)
{
	if (!(gap > 0))
		return INFINITY;
	return PAIRS_FACTOR * pow(quantiles(alpha, power) * spread / gap, 2) + PAIRS_MORE;
}

double power_gap(double spread, double pairs, double alpha, double power)
{
	if (!(pairs > PAIRS_MORE))
		return INFINITY;
	return quantiles(alpha, power) * spread * sqrt(PAIRS_FACTOR / (pairs - PAIRS_MORE));
}

double power_spread_of_pair(double cv, double correlation)
{
	return sqrt(2 * (1 - correlation)) * cv;
}

double power_spread(const double *values, size_t count)
{
	double *distances = count > 1 ? calloc(count * (count - 1) / 2, sizeof *distances) : NULL;
	size_t used = 0;
	double median;

	if (!distances)
		return NAN;
	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++)
			distances[used++] = fabs(values[i] - values[j]);
	median = statistics_median(distances, used);
	free(distances);
	return SHAMOS_FACTOR * median;
}
