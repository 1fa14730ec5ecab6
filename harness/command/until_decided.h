/* tenk run --until-decided: measures on until the claims are decided. */
#ifndef TENK_UNTIL_DECIDED_H
#define TENK_UNTIL_DECIDED_H

#include "harness/run/run.h"

/*
 * Has the run that will be made of the request look at its claims after 10, 20 and 40 blocks, and end at the
 * first of these at which none is inconclusive any more. Each look spends a third of alpha; run.json says how
 * many are planned ("looks"), and so whoever judges the claims later comes to the same verdicts.
 */
void until_decided_ask(struct run_request *request, struct run *run);

/* The same for a run that is taken up again, if it was begun so. */
void until_decided_resume(struct run *run);

#endif
