/*
 * A run as it lies on disk, read. Everything that explains a run (report, verdicts, comparisons)
 * works on this and on nothing else. Keys are defined in results/SCHEMA.md.
 */
#ifndef TENK_RESULTS_H
#define TENK_RESULTS_H

#include "lib/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct results {
	char *directory;
	json_t *run;	 /* run.json */
	json_t **trials; /* trials.jsonl in the order of the file; a cut last line is left out */
	size_t trial_count;
};

/* A cell: which trials to look at. `point` may be NULL or lack axes: then any value matches. */
struct cell {
	const char *scenario;
	const char *part;
	const char *server;
	const json_t *point;
};

/* 0, or -errno and a message that names file and line. */
int results_load(struct results *results, const char *directory, struct error *error);
void results_destroy(struct results *results);

/* The descriptor of a metric in run.json; NULL if the run does not know it. */
const json_t *results_metric(const struct results *results, const char *key);

bool results_trial_matches(const json_t *trial, const struct cell *cell);

/* The same with any value on the axis `but`. */
bool results_trial_matches_but(const json_t *trial, const struct cell *cell, const char *but);

/*
 * "ok" and "saturated" trials carry figures that count; "failed" and "invalid" ones do not, nor do
 * those of a block of which another attempt counts (repeats.h).
 */
bool results_trial_counts(const json_t *trial);

/* Whether a server gave way by itself, and not for want of the machine's means or by what it is set to. */
bool results_trial_is_own_end(const json_t *trial);

/* Whether any trial of the cell that counts was not limited by its server: its rate is "at least". */
bool results_rate_is_bound(const struct results *results, const struct cell *cell);

/*
 * The same of the cell's values of a metric, whose descriptor says whether that concerns it. The most connections that
 * were held are a bound where a ladder ended at its top, at a limit of the machine, or at one that a server was set to.
 */
bool results_value_is_bound(const struct results *results, const struct cell *cell,
			    const char *metric);

/* A percentile says nothing with fewer response times beyond it, in any trial. */
enum { RESULTS_TAIL_SAMPLES = 20 };

/*
 * How many lie beyond a percentile (0 to 1) of what a metric measures ("": of all requests) in the trial of the cell
 * that has the fewest, of those that count. NAN: none counts, or it is not known of one.
 */
double results_samples_beyond(const struct results *results, const struct cell *cell,
			      const char *metric, double percentile);

/* What response times tell of a cell. */
enum results_tail {
	RESULTS_TAIL_TELLS, /* as does every metric that is none */
	RESULTS_TAIL_THIN, /* in some trial fewer than RESULTS_TAIL_SAMPLES lie beyond that percentile */
	RESULTS_TAIL_WITHHELD, /* most trials lack it, as others were late: the rest had a quiet machine */
};

/* Of a metric, by the trials that count. Where none does, or none has it, it is missing, not withheld: it tells. */
enum results_tail results_tail(const struct results *results, const struct cell *cell,
			       const char *metric);

/* Whether so few of all trials have a value that these are a choice, and not by the server: less than half. */
bool results_are_few(size_t known, size_t all);

/* How many trials of the cell ended so. */
size_t results_count_outcome(const struct results *results, const struct cell *cell,
			     const char *outcome);

#endif
