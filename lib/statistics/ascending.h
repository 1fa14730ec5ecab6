/* The order that statistics sort numbers in. */
#ifndef TENK_ASCENDING_H
#define TENK_ASCENDING_H

/* For qsort of doubles, of which none is NAN. */
static inline int ascending(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

#endif
