/* Why a cell has no value of the metric that a claim is about. */
#ifndef TENK_MISSING_H
#define TENK_MISSING_H

#include "stored/results.h"
#include "stored/claims/verdict.h"

/* Makes the verdict, whose metric is set, "not testable", and says why. */
void missing_explain(struct verdict *verdict, const struct results *results,
		     const struct cell *cell);

#endif
