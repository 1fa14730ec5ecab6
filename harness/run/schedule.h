/*
 * Which block is next: the plan's, in order, but for those that are done, until all are or the one who
 * asked for the run has seen enough of them.
 */
#ifndef TENK_RUN_SCHEDULE_H
#define TENK_RUN_SCHEDULE_H

#include "harness/run/run.h"

/* The trials of all servers at one point of a block: first up to, and without, end. */
struct block {
	size_t first, end;
};

/*
 * The next block that is to be made. False: there is none. If that is because those made are enough, the
 * plan ends there, and run->json says so.
 */
bool schedule_next(struct run *run, struct block *block);

#endif
