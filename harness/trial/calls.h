/*
 * How many system calls of the server a request takes: counted after the measured window, since the
 * counter slows what it counts, with the same load once more for a moment.
 */
#ifndef TENK_TRIAL_CALLS_H
#define TENK_TRIAL_CALLS_H

#include "harness/trial/load_process.h"
#include "harness/measure/metrics.h"
#include "harness/trial/server_process.h"

struct trial_calls {
	const struct load *load; /* what has been measured */
	const struct load_target *target;
	const struct process_place *place; /* of the generator */
	const struct kept_program *program;
	const struct load_files *files; /* for the second load's report and body */
	void (*tick)(void *context);
	void *tick_context;
	/* Whether it has to end at once, for want of memory. */
	bool (*is_over)(void *context);
	void *is_over_context;
};

/* Fills `counted`: the count, or why there is none. Ends early when the person interrupts. */
void trial_calls_count(const struct trial_calls *calls, const struct server_process *server,
		       struct calls_counted *counted);

/* A window of load, and what was seen of it; times of CLOCK_MONOTONIC. */
struct calls_window {
	uint64_t began_ns, ended_ns; /* by the generator's word; 0: it has not */
	uint64_t looked_ns;	     /* when the calls were first counted, which may be late */
	double calls;		     /* counted from then until after the end */
	double futexes;		     /* of them, those of futex(2) */
	double good;		     /* requests that were answered well in the window */
};

/*
 * The generator works from the window's beginning to its end, so what is counted is of the part of it that
 * was seen, however late its end was noticed. NAN: too little was.
 */
double calls_per_request(const struct calls_window *window);

/* The same of those of futex(2). */
double calls_futexes_per_request(const struct calls_window *window);

#endif
