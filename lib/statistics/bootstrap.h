/*
 * An interval for whatever can be computed from blocks, when nothing is known of its distribution: blocks are drawn
 * again and again from those that there are, whole, each as often as it comes (Efron, Bootstrap Methods: Another
 * Look at the Jackknife, 1979).
 */
#ifndef TENK_BOOTSTRAP_H
#define TENK_BOOTSTRAP_H

#include "lib/statistics/interval.h"

#include <stddef.h>
#include <stdint.h>

struct bootstrap {
	/* Of the blocks with these numbers, of which some stand several times. Infinite where it lies beyond all bounds; no NAN. */
	double (*statistic)(const size_t *blocks, size_t count, const void *context);
	const void *context;
	size_t blocks; /* how many there are */
	uint64_t seed; /* the same one gives the same interval */
};

/*
 * From percentiles of 2,000 draws. Of few blocks those are too narrow, for they know neither that the spread is
 * estimated nor that it is one of n, not of n - 1; so they are taken further out, by Student's t and that
 * factor (Hesterberg, What Teachers Should Know About the Bootstrap, The American Statistician 69, 2015). The coverage is
 * the confidence or, of so few blocks that not even their range would have it, that of their range.
 */
struct interval bootstrap_interval(const struct bootstrap *bootstrap, double confidence);

#endif
