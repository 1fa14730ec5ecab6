/* What every rank but 0 does: it works as it is told, says how far it is, and gives what it counted. */
#ifndef TENK_FOLLOW_H
#define TENK_FOLLOW_H

#include "loadgen/run.h"

/*
 * One run after another, until rank 0 says that there is none. `run` says what to load, as on rank 0. 0, or -errno
 * with a message if rank 0 was lost.
 */
int follow_runs(struct run *run, struct error *error);

#endif
