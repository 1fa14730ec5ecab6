/* What a thread costs: its CPU time, and how long it could have run and had no core. */
#ifndef TENK_THREAD_COST_H
#define TENK_THREAD_COST_H

#include "loadgen/result.h"

#include <stdint.h>

struct thread_cost {
	uint64_t all_ns, user_ns, system_ns;
	uint64_t run_delay_ns; /* UINT64_MAX: the kernel does not tell */
};

/* CPU time of the calling thread. */
void thread_cost_read_cpu(struct thread_cost *cost);

/*
 * And how long it waited for a core: a file, which takes so long that it is read before the window
 * begins, when its times become known.
 */
void thread_cost_read_delay(struct thread_cost *cost);

/* Adds to the result what the calling thread used since then. */
void thread_cost_add(struct result *result, const struct thread_cost *since);

#endif
