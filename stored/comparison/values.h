/* What two runs have of one metric in one cell, made ready to be decided. */
#ifndef TENK_COMPARISON_VALUES_H
#define TENK_COMPARISON_VALUES_H

#include "lib/statistics/decision.h"
#include "stored/blocks/blocks.h"
#include "stored/comparison/cells.h"
#include "stored/comparison/types.h"

/* Trials of one side in a cell. */
struct compared_trials {
	size_t counting, failed, invalid, unsteady;
	bool at_least;	      /* its rate is mostly a lower bound of what it could do */
	double samples_least; /* response times in the trial that has fewest; NAN: not known */
	const char *spoiled;  /* why one of them is invalid, borrowed; "": none is */
};

struct compared_values {
	enum comparison_scale scale;
	bool more_is_worse;
	/* In the metric's unit, of counts events; paired: those of blocks that both have. */
	struct block_values a, b;
	size_t a_had, b_had; /* values, in whatever blocks */
	struct compared_trials a_trials, b_trials;
	/* On the scale of lib/statistics/decision.h; `smallest` is not set. Borrows from this struct. */
	struct decision_series series;
	double *turned[2];		 /* the values of the series */
	struct block_values requests[2]; /* its exposures; only of counts */
};

/*
 * A ratio of values that are not all above zero is compared as a difference. 0 or -ENOMEM. Destroy it in any
 * case.
 */
int compared_values_read(struct compared_values *values, const struct results *a,
			 const struct results *b, const struct compared_cell *cell,
			 const json_t *descriptor, bool paired);
void compared_values_destroy(struct compared_values *values);

/* How much there is of each side, which `value` is: of counts the rate, else the median. NAN: nothing. */
double compared_values_of_a(const struct compared_values *values);
double compared_values_of_b(const struct compared_values *values);

#endif
