/* A claim and one of its metrics, taken apart: between the files that decide claims; nobody else includes this. */
#ifndef TENK_CLAIM_QUESTION_H
#define TENK_CLAIM_QUESTION_H

#include "lib/statistics/statistics.h"
#include "stored/blocks/ratio.h"
#include "stored/claims/kinds.h"
#include "stored/claims/verdict.h"
#include "stored/results.h"

#include <stdint.h>

#define CLAIM_CONFIDENCE 0.90

/* A cell, and the run that has it. */
struct claimed_cell {
	const struct results *results;
	struct cell cell;
};

struct question {
	const struct claim_kind *kind;
	const json_t *claim;
	const char *metric;
	struct claimed_cell
		cells[CLAIM_CELLS_MOST]; /* `of`, and `over` if the kind has it; or all of them */
	size_t cell_count;
	double within_low, within_high; /* infinite: open at that end */
	const char *along;		/* the axis's key in a point; "" */
	uint64_t seed;			/* of what is drawn at random */
};

/* Whether what was found goes the way that the claim says, where its range is missed. */
enum claim_way {
	CLAIM_WAY_NONE, /* the claim has no direction */
	CLAIM_WAY_RIGHT,
	CLAIM_WAY_WRONG,
	CLAIM_WAY_OPEN, /* the interval does not tell */
};

/* What a measured quantity is known to be. */
struct finding {
	struct summary summary;
	bool at_least, at_most; /* nothing is known of its upper, of its lower end: that is NAN */
	const char *why;	/* a clause; NULL: both are known */
	/*
	 * A value of `neutral` shows no difference: 1 for a ratio, 0 for a slope; NAN: there is no such value, and `way` says
	 * which way it goes. One between the other two shows none that matters.
	 */
	double neutral, nothing_low, nothing_high;
	enum claim_way way;
};

/* Decides from the interval of what was found. */
void claim_decide(const struct question *question, struct verdict *verdict,
		  const struct finding *finding);

/* Sets an inconclusive verdict whose interval reaches across `bound`, with how many blocks would take it out of there. */
void claim_straddles(struct verdict *verdict, double bound, const char *what);

/*
 * One cell set against another, by blocks if one run has both, else as two samples (rank_sum.h). False if there is
 * nothing to decide from: then the verdict is set.
 */
bool claim_ratio_find(const struct question *question, const struct claimed_cell *of,
		      const struct claimed_cell *over, double confidence, struct verdict *verdict,
		      struct block_ratio *ratio);

#endif
