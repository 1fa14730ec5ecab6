/* A metric along an axis, block by block: what claims about a shape are decided from. */
#ifndef TENK_CLAIM_CURVE_H
#define TENK_CLAIM_CURVE_H

#include "stored/claims/question.h"

enum { CURVE_POINTS_FEWEST = 3 };

/*
 * Points are those at which half of the blocks or more have a value, and blocks those that have one at each of them;
 * so that no draw of blocks is without some point.
 */
struct claim_curve {
	double *x; /* ascending */
	double *y; /* y[block * points + point]: logarithms of values or, of two cells, of their ratio */
	size_t points, blocks;
	size_t dropped; /* points that were tried and are not among these: too few blocks have a value above zero there */
};

/* Of `of` or, if it is not NULL, of `of` over `over`, which the same run has. 0 or -ENOMEM; destroy it in any case. */
int claim_curve_read(struct claim_curve *curve, const struct question *question,
		     const struct cell *of, const struct cell *over);
void claim_curve_destroy(struct claim_curve *curve);

#endif
