/*
 * One cell set against another, block by block: what a machine did to a block fell on both of them there,
 * and drops out of their quotient (docs/statistics.md).
 */
#ifndef TENK_BLOCK_RATIO_H
#define TENK_BLOCK_RATIO_H

#include "lib/statistics/interval.h"
#include "lib/statistics/statistics.h"
#include "stored/results.h"

/* From so many pairs on an interval is exact at 95 %; of fewer it is their range. */
enum { BLOCK_PAIRS_EXACT = 6 };

enum block_ratio_kind {
	BLOCK_RATIO_FOUND,
	BLOCK_RATIO_NO_VALUES,	  /* of the cell */
	BLOCK_RATIO_NO_REFERENCE, /* of the one that it is set against */
	BLOCK_RATIO_APART,	  /* no block has both */
	BLOCK_RATIO_BOTH_BOUNDS,  /* of neither is more known than a lower bound */
	BLOCK_RATIO_NO_DIVISOR,	  /* what would divide is not above zero */
	BLOCK_RATIO_NO_LOGARITHM, /* of two runs: what would be divided is not above zero */
};

struct block_ratio {
	enum block_ratio_kind kind;
	/*
	 * Of the quotients: count is how many blocks have both, min and max are those of single blocks.
	 * The median is Hodges and Lehmann's estimate with its exact signed-rank interval, of logarithms;
	 * of fewer than BLOCK_PAIRS_EXACT it is the median, and the interval their range. Without a count
	 * unless it is found.
	 */
	struct summary summary;
	/*
	 * What may be concluded from: the interval of the summary, and of fewer than BLOCK_PAIRS_EXACT one that
	 * is wide enough for so few (range_test.h). Its ends are NAN where those of the summary are.
	 */
	struct interval sure;
	size_t pairs;		/* blocks that have both, also where no quotient is found */
	bool at_least, at_most; /* nothing is known of its upper, of its lower end: that is NAN */
	const char *why;	/* a clause; NULL: both are known */
};

/* Clauses for `why`: of the one that is divided, and of the one that divides. */
extern const char block_ratio_not_driven[], block_ratio_other_not_driven[];

/* Of differences of pairs, as said above: the same estimate and interval wherever pairs are compared. */
struct summary block_pairs_summarise(const double *differences, size_t count, double confidence);

/* Takes back the ends of which nothing is known, as at_least and at_most say. */
void block_ratio_heed_bounds(struct block_ratio *ratio);

struct block_ratio block_ratio_find(const struct results *results, const struct cell *of,
				    const struct cell *over, const char *metric, double confidence);

#endif
