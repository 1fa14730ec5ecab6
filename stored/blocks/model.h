/*
 * All servers of a point together, as randomised complete blocks: ln y = server + block + error
 * (docs/statistics.md). A metric that is not compared by ratio has no logarithm in it.
 */
#ifndef TENK_BLOCK_MODEL_H
#define TENK_BLOCK_MODEL_H

#include "stored/blocks/blocks.h"

#include <stdbool.h>

/* Sums of squares of one point or more, with their degrees of freedom. */
struct block_spread {
	double left, left_free; /* what neither server nor block explains, of all values */
	/* Of blocks in which every server has a value: between blocks, and what is left there. */
	double between, between_free, within, within_free;
	double servers_free;
};

struct block_model {
	size_t servers;
	struct block_values
		*of;	 /* of each server, in the order of the cells; logarithms if there are */
	bool logarithms; /* compared by ratio, and all values are above zero */
	/*
	 * How each server stands to the middle of all; NAN: no value.
	 *
	 * Doksum's estimate (Annals of Mathematical Statistics 38, 1967), after Lehmann (1964): the medians
	 * of the differences of every two servers within the blocks that have both, made to agree with
	 * each other by least squares. So one spoiled value in a block spoils none of the others' estimates as
	 * means would, a missing one costs only its own pairs, and what a block did to all drops
	 * out before anything is estimated.
	 */
	double *effects;
	struct block_spread spread;
};

/* 0 or -ENOMEM: then there is nothing in it. Destroy it in any case. */
int block_model_fit(struct block_model *model, const struct results *results,
		    const struct cell *cells, size_t count, const char *metric);
void block_model_destroy(struct block_model *model);

/*
 * Whether `server` is worse than `first` in every block that has both, of which there is one at least;
 * `higher` is better, or lower.
 */
bool block_model_always_behind(const struct block_model *model, size_t server, size_t first,
			       bool higher);

/* Adds that of another point. */
void block_spread_add(struct block_spread *sum, const struct block_spread *other);

/* The standard deviation that is left within blocks: of logarithms, so a ratio. NAN: not known. */
double block_spread_residual(const struct block_spread *spread);

/*
 * How many times as many trials would be needed, independent and in no blocks, to compare as precisely:
 * the relative efficiency of blocks, with Fisher's correction for its degrees of freedom (Cochran and
 * Cox, Experimental Designs, 1957). About 1: blocks were all alike, and nothing is lost. NAN: not known.
 */
double block_spread_efficiency(const struct block_spread *spread);

#endif
