/*
 * Every metric is one row of a table (metrics_load.c, metrics_memory.c, metrics_programs.c): its key, how it is
 * described, how it is had from what was observed. Adding a metric is adding a row; readers learn of it from run.json.
 */
#ifndef TENK_METRICS_H
#define TENK_METRICS_H

#include "harness/measure/kernel_threads.h"
#include "harness/measure/memory_group.h"
#include "harness/scenario/plan.h"
#include "harness/measure/sampler.h"
#include "harness/measure/slices.h"

#include <jansson.h>
#include <stdbool.h>
#include <sys/resource.h>

/* What became of the load that was offered once more to count system calls. */
struct calls_counted {
	bool counted;
	double per_request;
	double futexes_per_request; /* of them, those by which threads wait for and wake each other */
	double good;		    /* right answers that it got, all in all */
	char why[200];		    /* it was not counted, and what would help */
};

/* What a trial has seen. */
struct observation {
	const struct planned_trial *planned;
	json_t *load; /* tenk-load's report; NULL: there is none */
	const json_t
		*printed; /* by a program that observes itself: its metrics; NULL: there are none */
	bool has_window;
	struct sample begin, end;    /* of the measured window, or of all slices together */
	const struct slices *slices; /* NULL: there was one window */
	/* In slices: the CPU of the other servers of the block in this one's turns, and how long these were. */
	double neighbours_ns, turns_ns;
	/* The kernel keeps interrupts' time apart from processes', where the server is and where the generator is. */
	bool interrupts_apart, load_interrupts_apart;
	bool backends_on_load; /* backends are on the generator's cores */
	bool one_core;	       /* server and generator share what there is */
	bool has_usage;	       /* the server ended when it was told to */
	struct rusage usage;   /* of its tree, all its life */
	bool has_memory;
	char no_memory[160]; /* why nothing holds of it; "": it does, or was not looked at */
	struct memory_sample memory;
	bool has_rest; /* the next two are there: before the load, and after all slices, with all connections open */
	struct memory_sample unloaded, rested;
	double most_threads;   /* that were seen in the window, of a single process */
	const char *no_groups; /* why nothing is known of groups; NULL: it is */
	struct group_memory server_group, load_group;
	bool collects; /* its garbage, and all was read once more; NAN: it did not */
	struct memory_sample collected;
	struct group_memory collected_group;
	struct calls_counted calls;
	struct kernel_memory kernel_before,
		kernel_then;		       /* the server's start; while memory was read */
	struct network_counters before, after; /* the trial */
	double work_alone_ns; /* a request's work, when there is no other; NAN: not known */
	/* Around the window, where the server is and where the generator is. */
	struct kernel_threads kernel_threads_before, kernel_threads_after;
	struct kernel_threads load_kernel_threads_before, load_kernel_threads_after;
};

/*
 * All descriptors; `kinds` says of which each kind of request of a mix has one of its own, "latency_p99_ns@quick". And
 * those for run.json, with those of the kinds that the scenarios have, for which `kind` says which. New references.
 */
json_t *metrics_describe(void);
json_t *metrics_describe_run(const struct scenario *scenarios, size_t count);

/* The object "metrics" of a trial; why a value is null goes to *unavailable. New references. */
json_t *metrics_compute(const struct observation *observation, json_t **unavailable);

/*
 * A response time is shown only at percentiles at which the generator sent what was due at most this late, or
 * by this share of the response time, a quarter of the smallest difference that matters; beyond, it is not the
 * server's doing.
 */
#define METRICS_LATE_NS	   (1e6)
#define METRICS_LATE_SHARE 0.005

/* Whether the generator was later than that at a percentile of all requests, "p99_ns". */
bool metrics_is_late(const struct observation *observation, const char *percentile);

/*
 * In slices a percentile is shown only if servers that were not asked had the core for a quarter, at most, of the share
 * of response times that lie beyond it: a runtime that collects garbage, or compiles, for a while after its own turn
 * would be what delays the slowest of others. METRICS_NEIGHBOURS is that quarter.
 */
#define METRICS_NEIGHBOURS 0.25

/* Whether they had it for longer. */
bool metrics_is_neighbours(const struct observation *observation, const char *percentile);

/* Whether a program that observes itself may print a metric of that key. */
bool metrics_may_be_printed(const char *key);

/* One stored metric by key; NAN if it is not available. */
double metrics_value(const struct observation *observation, const char *key);

#endif
