/* What the rows of the table of metrics are made of. Private to metrics*.c. */
#ifndef TENK_METRICS_PARTS_H
#define TENK_METRICS_PARTS_H

#include "harness/measure/metrics.h"

enum applies {
	TO_NOTHING = 0,
	TO_LOAD = 1,
	TO_MEMORY = 2,
	TO_OPEN_LOOP = 4,
	TO_BURST = 8,
	TO_COLLECTED = 16,  /* of servers that collect garbage when they are told to */
	TO_IDLE = 64,	    /* connections that are silent */
	TO_CALLS = 32,	    /* where the load asks for them to be counted */
	TO_BACKENDS = 256,  /* where servers ask backends */
	TO_WORK = 128,	    /* where requests ask for work of a processor */
	TO_RESTED = 512,    /* at a fixed rate, in slices */
	TO_OBSERVED = 1024, /* what a program that observes itself may print, by the same key */
	TO_SLICES = 2048,
	TO_ALL = TO_LOAD | TO_MEMORY
};

/* Whether each kind of request of a mix has such a metric too, "latency_p99_ns@quick", and whether that gates. */
enum of_kinds { KINDS_HAVE_NONE, KINDS_HAVE_ONE, KINDS_GATE };

struct metric {
	const char *key, *title, *unit, *better, *group;
	bool gating;
	unsigned applies;     /* TO_NOTHING: only kinds have it */
	const char *slope_of; /* derived by readers: nothing is stored */
	bool most;     /* not the slope: the most of `slope_of` at any count of connections */
	bool of_group; /* had from a memory group, which charges in batches */
	double (*value)(const struct observation *observation);
	const char *path[2]; /* instead of value: where tenk-load's report has it */
	const char *missing; /* why it may be null */
	const char *(*why)(const struct observation *observation); /* instead: why it is */
	enum of_kinds of_kinds; /* by `path` in the kind's entry of tenk-load's mix, or: */
	double (*kind_value)(const struct observation *observation, const json_t *entry);
	/* How two values are compared, where key and unit do not say it (stored/metric.h): */
	const char *compared_by;    /* "ratio", "difference" or "count" */
	double smallest_difference; /* a ratio beyond 1 */
	double smallest_absolute;   /* in its unit */
};

struct metric_rows {
	const struct metric *rows;
	size_t count;
};
extern const struct metric_rows metrics_of_load, metrics_of_kinds, metrics_of_memory,
	metrics_of_programs;

/* Of a kind of request, by its entry in tenk-load's mix: good answers in a second, and errors. */
double metrics_kind_rate(const struct observation *observation, const json_t *entry);
double metrics_kind_errors(const struct observation *observation, const json_t *entry);

/* A number of tenk-load's report, in an object of it or (NULL) at its top; NAN: not there. */
double metrics_from_load(const struct observation *observation, const char *object,
			 const char *key);

#endif
