/*
 * A cell's values, block by block. A block is one round of a run, in which every cell has its turn:
 * what is compared is compared within a block, so that what drifts over a run falls on both sides.
 */
#ifndef TENK_BLOCKS_H
#define TENK_BLOCKS_H

#include "lib/statistics/statistics.h"
#include "stored/results.h"

/* A slope needs so many different counts of connections within a block. */
enum { BLOCKS_SLOPE_POINTS = 4 };

/*
 * Where the points lie further off their line than this, as a share of what the line rises by, there is
 * no slope: what would be shown is noise. Flat lines are as good if they are smooth: a megabyte is what
 * allocators, and a kernel that charges in batches, move by themselves.
 */
#define BLOCKS_OFF_MOST	  0.15
#define BLOCKS_FLAT_BYTES (1024.0 * 1024.0)

/* In ascending order of blocks, which are the trial numbers. */
struct block_values {
	double *values;
	long *blocks;
	size_t count;
};

/*
 * One value for each counting trial of the cell; for a metric with `slope_of`, one slope for each
 * block that has at least BLOCKS_SLOPE_POINTS different counts of connections (or the most of the block,
 * metric_is_most), and none at all where the points of most blocks are on no line. Trials whose value
 * is null are left out. 0, or -ENOMEM: then there are no values. Destroy it in any case.
 */
int block_values_read(struct block_values *read, const struct results *results,
		      const struct cell *cell, const char *metric);
void block_values_destroy(struct block_values *values);

/* Keeps of both the values of blocks that both have, in pairs. Returns their number. */
size_t block_values_pair(struct block_values *a, struct block_values *b);

/*
 * How far the points of a slope lie off their lines: their standard deviation about it over what it
 * rises by, the median of the blocks. NAN: there are no lines.
 */
double blocks_off_line(const struct results *results, const struct cell *cell, const char *metric);

/* The summary of the values at a confidence of 0.95. */
struct summary blocks_summary(const struct results *results, const struct cell *cell,
			      const char *metric);

/*
 * Of a metric with `slope_of`: the other end of each block's line, what there would be without any
 * connection, summed up in the same way.
 */
struct summary blocks_intercepts(const struct results *results, const struct cell *cell,
				 const char *metric);

#endif
