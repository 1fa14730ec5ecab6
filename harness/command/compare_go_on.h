/* A run that tenk compare --run began, and that tenk run --resume takes up again. */
#ifndef TENK_COMPARE_GO_ON_H
#define TENK_COMPARE_GO_ON_H

#include "harness/run/run.h"

/* Whether a run was made for a comparison. */
bool compare_began(const struct run *run);

/*
 * Measures on, to the first look at which all is decided, and compares as tenk compare --run would have, with the
 * policy that is here. Returns tenk's exit code.
 */
int compare_go_on(struct run *run);

#endif
