/*
 * Verdicts on published claims, from stored trials and nothing else. What each verdict means is in
 * docs/method.md.
 */
#ifndef TENK_CLAIMS_H
#define TENK_CLAIMS_H

#include "stored/claims/verdict.h"
#include "stored/results.h"

/*
 * Evaluates every claim of every run, run after run. A cell of another scenario is looked for in the claim's
 * own run, then in the others, from the last one on. The verdicts of a claim follow one another, first the one
 * that counts (`headline`). The caller frees *verdicts, which borrow from the runs. Returns their number or -ENOMEM.
 */
long claims_evaluate(const struct results *runs, size_t run_count, struct verdict **verdicts);

/*
 * The same of one claim, in the form of run.json, that stands in that scenario and part, whether any run has it
 * or not: so a claim that was written later is decided from runs that lie here. Its own run is the last one that has
 * that part.
 */
long claims_evaluate_one(const json_t *claim, const char *scenario, const char *part,
			 const struct results *runs, size_t run_count, struct verdict **verdicts);

/* All verdicts of runs as results/SCHEMA.md has them. New reference; NULL: no memory. */
json_t *claims_to_json(const struct results *runs, size_t run_count);

#endif
