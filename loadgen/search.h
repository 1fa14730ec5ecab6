/* --find-max: the search of capacity.h, run against the server. */
#ifndef TENK_SEARCH_H
#define TENK_SEARCH_H

#include "loadgen/control.h"

/*
 * Runs one trial after the other. Afterwards `run` is the last trial that was held at the rate that
 * was found (the last trial of all if there is none), and run->capacity is `capacity`, which the
 * caller keeps. 0 or -errno with a message, as control_run.
 */
int search_run(struct run *run, struct capacity *capacity, struct events *events, struct live *live,
	       struct error *error);

#endif
