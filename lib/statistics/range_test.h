/*
 * Few values of which one may be spoiled, judged by their own spread: with three of them all on one side of
 * zero by luck is one case in four, so being on one side says nothing by itself.
 */
#ifndef TENK_RANGE_TEST_H
#define TENK_RANGE_TEST_H

#include "lib/statistics/interval.h"

#include <stddef.h>

/* So many values at most; of more, signed ranks say as much without a belief about their distribution. */
enum { RANGE_TEST_MOST = 5 };

/*
 * The 95 % interval of the centre of normally distributed values, from their mean and their range (Lord,
 * The Use of Range in Place of Standard Deviation in the t-Test, 1947): 2 to RANGE_TEST_MOST of them.
 * It never lies within the range itself. Of any other number of values it is unknown: NAN.
 */
struct interval range_test_interval(const double *values, size_t count);

#endif
