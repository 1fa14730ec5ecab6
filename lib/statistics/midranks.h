/*
 * Ranks in which equals share the mean of their places. Twice of each is a whole number, which is what
 * exact tests count in.
 */
#ifndef TENK_MIDRANKS_H
#define TENK_MIDRANKS_H

#include <stddef.h>

/*
 * twice[i] is twice the rank of values[i], 2 for the smallest of different ones. Values that are at most
 * `tolerance` above the first of a group are equals: a difference of two decimal fractions that is the same
 * on paper differs in its last digit. Returns twice the sum, or 0 where there is no memory.
 */
size_t midranks_doubled(const double *values, size_t count, double tolerance, size_t *twice);

/* What differences of numbers up to this magnitude are off by for want of digits. */
double midranks_tolerance(double magnitude);

#endif
