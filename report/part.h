/*
 * One part of a scenario as the report sees it: its servers that ran, its points, its cells.
 * Figures come from stored/results.h; this only knows which cells there are and what may be said
 * of each (a percentile with too few samples behind it, a rate that is a lower bound).
 */
#ifndef TENK_REPORT_PART_H
#define TENK_REPORT_PART_H

#include "lib/json.h"
#include "stored/blocks/ratio.h"
#include "stored/blocks/blocks.h"

/* What a part measures decides its answer, its table and how it is described. */
enum part_kind {
	PART_RATE,    /* closed loop: how much */
	PART_LATENCY, /* open loop: how long at a given rate */
	PART_MEMORY,  /* what a connection costs, idle or busy */
};

struct part {
	const struct results *results;
	const json_t *scenario, *json; /* borrowed from the run */
	char id[128];		       /* safe as a file name and as an anchor: "quick-memory" */
	enum part_kind kind;
	bool idle;	      /* its connections were silent */
	bool has_memory;      /* it was looked at, whatever kind the part is of */
	const char **servers; /* those with a trial, in the scenario's order */
	size_t server_count;
	/*
	 * The server that ratios are to: epoll, the plain loop that the other models are explained by; where
	 * it has no figures the loop that the scenario names first, else the server that it names first.
	 * NULL: there are no two to compare. Borrowed.
	 */
	const char *against;
	json_t **points; /* every combination of the varied axes; one empty point if none varies */
	size_t point_count;
};

struct part_outcomes {
	size_t all, ok, saturated, failed, invalid;
	size_t beyond; /* of those that failed: over what the model can hold */
};

/* 0 or -ENOMEM. */
int part_init(struct part *part, const struct results *results, const json_t *scenario,
	      const json_t *json);
void part_destroy(struct part *part);

/* All parts of a run, scenario by scenario. 0 or -ENOMEM. Destroy them in any case. */
int parts_open(struct part **parts, size_t *count, const struct results *results);
void parts_close(struct part *parts, size_t count);

/* A string of the part, "" if absent. */
const char *part_text(const struct part *part, const char *key);

struct cell part_cell(const struct part *part, const char *server, const json_t *point);

/* What the load has under this key at this point (an axis' value, else the part's); NAN if none. */
double part_load(const struct part *part, const json_t *point, const char *key);

/* Whether the scenario varies this axis here. */
bool part_varies(const struct part *part, const char *axis);

/* Whether it asks for a chart of that name. */
bool part_has_chart(const struct part *part, const char *name);

/* Whether requests are due at a rate of their own. */
bool part_is_open_loop(const struct part *part);

/* The axis that charts put on x: connections if varied, else the first varied, else connections. */
const char *part_main_axis(const struct part *part);

struct summary part_summary(const struct part *part, const char *server, const json_t *point,
			    const char *metric);

/* point may be NULL: over all points; server may be NULL: over all servers. */
struct part_outcomes part_count(const struct part *part, const char *server, const json_t *point);

/* Whether the cell was left out because the model cannot hold as many connections. */
bool part_is_beyond_model(const struct part *part, const char *server, const json_t *point);

/* True if any counting trial of the cell says that its rate is "at least". */
bool part_rate_is_bound(const struct part *part, const char *server, const json_t *point);

/* The same of its values of a metric: false of one that has no lower bounds. */
bool part_value_is_bound(const struct part *part, const char *server, const json_t *point,
			 const char *metric);

/* What a metric tells of a cell, and whether it may be shown: of response times only where they tell. */
enum results_tail part_tail(const struct part *part, const char *server, const json_t *point,
			    const char *metric);
bool part_metric_shown(const struct part *part, const char *server, const json_t *point,
		       const char *metric);

/* part_summary, but empty where the metric may not be shown. */
struct summary part_shown_summary(const struct part *part, const char *server, const json_t *point,
				  const char *metric);

/*
 * A server's metric as a multiple of that of part->against, block by block at a point (NULL: over
 * all): one value for terminal, sentences, tables and data. Without a count where it is that server itself,
 * where the metric may not be shown, or where nothing is found.
 */
struct block_ratio part_ratio(const struct part *part, const char *server, const json_t *point,
			      const char *metric);

/*
 * The next trial of the cell from *index on, in the order of the file; NULL after the last. Those of a
 * block that was made again, where another attempt counts, are left out.
 */
const json_t *part_next_trial(const struct part *part, const char *server, const json_t *point,
			      size_t *index);

#endif
