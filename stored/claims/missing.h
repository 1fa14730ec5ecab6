/* Why a cell has no value of the metric that a claim is about, and why a part was not run. */
#ifndef TENK_MISSING_H
#define TENK_MISSING_H

#include "stored/results.h"
#include "stored/claims/verdict.h"

/* Makes the verdict, whose metric is set, "not testable", and says why. */
void missing_explain(struct verdict *verdict, const struct results *results,
		     const struct cell *cell);

/* What the run warned of a part that left it, with what would bring it back; NULL: of nothing. Borrowed. */
const char *missing_part(const struct results *results, const char *part);

#endif
