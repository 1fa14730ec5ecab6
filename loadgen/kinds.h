/*
 * What is kept of each kind of request of a mix while it runs, beside its tally: for others to look at meanwhile,
 * and what comes of time and not of requests. A load of one request has no kinds, and nothing is kept.
 */
#ifndef TENK_KINDS_H
#define TENK_KINDS_H

#include "loadgen/gaps.h"
#include "loadgen/interval.h"
#include "loadgen/recent.h"

struct kind {
	struct interval_counters intervals;
	struct recent recent;
	struct gaps gaps; /* to be read when the worker has ended */
};

struct kinds {
	struct kind *kind; /* as many as requests; malloc'ed */
	size_t count;	   /* 0: there is one request */
};

/* 0 or -ENOMEM; kinds_destroy in any case. `recents`: as recent_init's `wanted`. */
int kinds_init(struct kinds *kinds, size_t requests, bool recents);
void kinds_destroy(struct kinds *kinds);

#endif
