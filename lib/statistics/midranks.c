#include "lib/statistics/midranks.h"

#include <float.h>
#include <stdlib.h>

struct placed {
	double value;
	size_t index;
};

static int compare_placed(const void *left, const void *right)
{
	double a = ((const struct placed *)left)->value, b = ((const struct placed *)right)->value;

	return (a > b) - (a < b);
}

size_t midranks_doubled(const double *values, size_t count, double tolerance, size_t *twice)
{
	struct placed *placed = calloc(count ? count : 1, sizeof *placed);

	if (!placed)
		return 0;
	for (size_t i = 0; i < count; i++)
		placed[i] = (struct placed){values[i], i};
	qsort(placed, count, sizeof *placed, compare_placed);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && placed[end].value - placed[i].value <= tolerance;
		     end++)
			;
		/* Places i + 1 to end: their mean is half of the first and the last together. */
		for (size_t k = i; k < end; k++)
			twice[placed[k].index] = i + 1 + end;
	}
	free(placed);
	return count * (count + 1);
}

double midranks_tolerance(double magnitude)
{
	return 16 * DBL_EPSILON * magnitude;
}
