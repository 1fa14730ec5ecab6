/* Between the files that make a comparison; nobody else includes this. */
#ifndef TENK_COMPARISON_PARTS_H
#define TENK_COMPARISON_PARTS_H

#include "stored/comparison/cells.h"
#include "stored/comparison/row.h"

/* What is compared, and what came of it so far. */
struct comparing {
	const struct results *a, *b;
	const struct comparison_rules *rules;
	struct compared_cells cells;
	struct comparison_row *rows;
	size_t count;
	bool paired;
};

/*
 * warnings.c. Whether both were measured under the same conditions; where other conditions are
 * allowed, a warning. 0, or -EINVAL with a message, or -ENOMEM.
 */
int comparison_check_machines(const struct comparing *comparing, struct comparisons *comparisons,
			      struct error *error);

/* What a reader should know of rows that are decided. 0 or -ENOMEM. */
int comparison_warn(const struct comparing *comparing, struct comparisons *comparisons);

#endif
