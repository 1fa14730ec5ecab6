#include "lib/statistics/holm.h"

#include <math.h>

/* The index of the smallest p that has not been adjusted; n if there is none. */
static size_t smallest_left(const double *p, size_t n)
{
	size_t smallest = n;

	for (size_t i = 0; i < n; i++)
		if (!isnan(p[i]) && !signbit(p[i]) && (smallest == n || p[i] < p[smallest]))
			smallest = i;
	return smallest;
}

/* What is adjusted carries a minus until all are, so that nothing else has to remember it. */
void holm_adjust(double *p, size_t n)
{
	double most = 0;
	size_t next;

	for (size_t left = n; (next = smallest_left(p, n)) < n; left--) {
		most = fmax(most, fmin(1, (double)left * p[next]));
		p[next] = -most;
	}
	for (size_t i = 0; i < n; i++)
		if (!isnan(p[i]))
			p[i] = fabs(p[i]);
}
