/* Noise for tests. */
#ifndef TENK_TESTS_RANDOM_NORMAL_H
#define TENK_TESTS_RANDOM_NORMAL_H

#include "lib/random.h"

#include <math.h>

/* A standard normal value, one half of what Box and Muller make of two uniform ones. */
static inline double random_normal(struct random *random)
{
	double radius = sqrt(2 * random_exponential(random));

	return radius * cos(6.283185307179586 * random_unit(random));
}

#endif
