/* What a run found, cell by cell, as a machine wants it: results/SCHEMA.md, "What tenk run --json prints". */
#ifndef TENK_REPORT_FIGURES_H
#define TENK_REPORT_FIGURES_H

#include "stored/results.h"

/*
 * The figures that tables and the report show, and by the same rules: nothing of failed and invalid
 * trials, no percentile with too few samples behind it. New reference; NULL: no memory.
 */
json_t *figures_to_json(const struct results *results);

#endif
