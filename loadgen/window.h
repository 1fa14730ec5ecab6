/* The measured window as a worker passes through it: see worker_pass_edge. */
#ifndef TENK_WINDOW_H
#define TENK_WINDOW_H

#include "loadgen/worker.h"

/* CPU time of the calling thread. */
void window_read_cpu(struct window_cpu *cpu);

/*
 * And how long it waited for a core: a file, which takes so long that it is read before the window
 * begins, when its times become known.
 */
void window_read_delay(struct window_cpu *cpu);

/* Adds what it used since then. */
void window_add_cpu(struct result *result, const struct window_cpu *start);

/* The window's times are known: a burst, or stages, begin with it. */
void window_begin_stages(struct worker *worker);

/* Stages of connections: has as many as are wanted now. */
void window_adjust(struct worker *worker);

#endif
