/* The figures of the closing sentence. */
#ifndef TENK_DEMO_FIGURES_H
#define TENK_DEMO_FIGURES_H

#include "harness/demo/side.h"

/* The value of a series in a column. */
double demo_value(const struct demo_column *column, const struct demo_series *series);

/*
 * Of what both sides have drawn. Each figure is one of the values that were: the last, or the one in the middle
 * when they are sorted (of two the lower). False: there is none yet.
 */
bool demo_figures_make(struct demo_figures *figures, const struct demo_side *sides,
		       uint64_t connections);

#endif
