/*
 * Where a series changes its level, or anything else of its distribution: E-divisive of Matteson and James
 * (A Nonparametric Approach for Multiple Change Point Analysis of Multivariate Data, JASA 109, 2014). The
 * best place to cut is the one at which the two sides are furthest apart in energy distance; it counts if
 * few shuffles of the series have one as good; and each side is then looked at in the same way.
 */
#ifndef TENK_CHANGE_POINTS_H
#define TENK_CHANGE_POINTS_H

#include <stddef.h>
#include <stdint.h>

/* Between two changes, and before the first and after the last, there are so many values at least. */
enum { CHANGE_POINTS_SEGMENT = 6 };

struct change_rules {
	uint64_t seed;	     /* of the shuffles: the same one finds the same */
	size_t permutations; /* shuffles for each change; 499 is a good number */
	double significance; /* how often noise alone may look like a change: 0.01 */
	double smallest;     /* changes of the median by less do not matter */
};

struct change_point {
	size_t position;      /* the first value after the change; the truth lies near it */
	double p;	      /* how often noise alone would have looked like this */
	double before, after; /* medians up to the next change on either side */
};

/*
 * Fills `found` with the changes, in the order of their positions, and returns their number; -ENOMEM if there
 * is no memory. `found` has room for count / CHANGE_POINTS_SEGMENT of them. All values are finite. Takes
 * time with the square of `count`, for each shuffle.
 */
int change_points_find(const double *values, size_t count, const struct change_rules *rules,
		       struct change_point *found);

#endif
