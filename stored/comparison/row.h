/* One row of a comparison: a metric in a cell, from its values to what is said of it. */
#ifndef TENK_COMPARISON_ROW_H
#define TENK_COMPARISON_ROW_H

#include "stored/comparison/values.h"

struct comparison_row {
	struct comparison comparison;
	struct compared_values values;
	double accepted_up_to; /* a change of this size; 0: of any */
	bool decides;	       /* it is of the family that is decided together */
};

/* Whether a rule is about this metric and this cell. */
bool comparison_rule_fits(const struct comparison_rule *rule, const struct compared_cell *cell,
			  const char *metric);

/*
 * Fills a row but for what is decided. 0, -ENOMEM, or -ENODATA where there is nothing to compare, which leaves
 * nothing to destroy.
 */
int comparison_row_make(struct comparison_row *row, const struct results *a,
			const struct results *b, const struct compared_cell *cell,
			const json_t *descriptor, const struct comparison_rules *rules,
			bool paired);
void comparison_row_destroy(struct comparison_row *row);

/* Takes over what was decided of its series, as one of a family of this size. */
void comparison_row_conclude(struct comparison_row *row, const struct decision *decision,
			     size_t family);

#endif
