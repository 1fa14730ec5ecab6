/*
 * Verdicts on published claims, from the stored trials of a run and nothing else.
 * What each verdict means is in docs/method.md.
 */
#ifndef TENK_CLAIMS_H
#define TENK_CLAIMS_H

#include "stored/results.h"
#include "stored/claims/verdict.h"

/* Evaluates every claim of the run; the caller frees *verdicts. Returns their number or -errno. */
long claims_evaluate(const struct results *results, struct verdict **verdicts);

/* All verdicts of the run as results/SCHEMA.md has them. New reference; NULL: no memory. */
json_t *claims_to_json(const struct results *results);

#endif
