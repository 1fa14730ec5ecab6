#include "lib/statistics/range_test.h"

#include <math.h>

/* Two-sided 5 % points of (mean - centre) / range, by how many values there are. */
static const double critical[RANGE_TEST_MOST + 1] = {
	[2] = 6.353,
	[3] = 1.304,
	[4] = 0.717,
	[5] = 0.507,
};

struct interval range_test_interval(const double *values, size_t count)
{
	double low = INFINITY, high = -INFINITY, sum = 0, mean, reach;

	if (count < 2 || count > RANGE_TEST_MOST)
		return (struct interval){.low = NAN, .high = NAN};
	for (size_t i = 0; i < count; i++) {
		low = fmin(low, values[i]);
		high = fmax(high, values[i]);
		sum += values[i];
	}
	mean = sum / (double)count;
	reach = critical[count] * (high - low);
	return (struct interval){
		.low = fmin(low, mean - reach), .high = fmax(high, mean + reach), .coverage = 0.95};
}
