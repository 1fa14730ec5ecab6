#include "stored/results.h"

#include "lib/json.h"
#include "stored/axis.h"
#include "stored/codes.h"
#include "stored/json_lines.h"
#include "stored/metric.h"
#include "stored/repeats.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESULTS_SCHEMA = 1 };

static char *path_join(const char *directory, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

/* Refuses what a newer tenk wrote: its keys may mean something else. */
static int schema_check(const json_t *object, struct error *error)
{
	const json_t *schema = json_object_get(object, "schema");
	json_int_t version = json_integer_value(schema);

	if (!json_is_object(object))
		return error_set(error, "expected a JSON object");
	if (!json_is_integer(schema) || version < 1)
		return error_set(error, "no valid \"schema\": not written by tenk");
	if (version > RESULTS_SCHEMA)
		return error_set(error,
				 "written by a newer tenk (schema %lld); this one reads schema %d. "
				 "Update tenk to read this run.",
				 (long long)version, RESULTS_SCHEMA);
	return 0;
}

static int run_load(struct results *results, const char *path, struct error *error)
{
	json_error_t problem;
	FILE *file = fopen(path, "re");

	if (!file) {
		int code = -errno;

		error_set(error, "%s: %s%s", path, strerror(-code),
			  code == -ENOENT ? "; is this the folder of a run?" : "");
		return code;
	}
	results->run = json_loadf(file, 0, &problem);
	fclose(file);
	if (!results->run)
		return error_set(error, "%s:%d:%d: %s", path, problem.line, problem.column,
				 problem.text);
	if (schema_check(results->run, error) < 0) {
		error_prefix(error, "%s", path);
		return -EINVAL;
	}
	return 0;
}

/* What is read of trials.jsonl, and for how many there is room. */
struct trials_read {
	struct results *results;
	size_t room;
};

static int trial_take(void *context, json_t *trial, struct error *error)
{
	struct trials_read *read = context;
	struct results *results = read->results;
	int code = schema_check(trial, error);

	if (code < 0)
		return code;
	if (results->trial_count == read->room) {
		size_t grown = read->room ? read->room * 2 : 64;
		json_t **trials = reallocarray(results->trials, grown, sizeof *trials);

		if (!trials) {
			error_set(error, "%s", strerror(ENOMEM));
			return -ENOMEM;
		}
		results->trials = trials;
		read->room = grown;
	}
	results->trials[results->trial_count++] = trial;
	return 0;
}

/* A run that was stopped before its first trial has no such file. */
static int trials_load(struct results *results, const char *path, struct error *error)
{
	struct trials_read read = {.results = results};
	int code = json_lines_read(path, trial_take, &read, NULL, error);

	return code == -ENOENT && strcmp(json_string_of(results->run, "status"), "complete") != 0
		       ? 0
		       : code;
}

int results_load(struct results *results, const char *directory, struct error *error)
{
	char *run_path = path_join(directory, "run.json");
	char *trials_path = path_join(directory, "trials.jsonl");
	int code = -ENOMEM;

	*results = (struct results){.directory = strdup(directory)};
	if (!run_path || !trials_path || !results->directory)
		error_set(error, "%s: %s", directory, strerror(ENOMEM));
	else
		code = run_load(results, run_path, error);
	if (code == 0)
		code = trials_load(results, trials_path, error);
	if (code == 0)
		code = repeats_mark(results->run, results->trials, results->trial_count);
	if (code == -ENOMEM)
		error_set(error, "%s: %s", directory, strerror(ENOMEM));
	if (code < 0)
		results_destroy(results);
	free(run_path);
	free(trials_path);
	return code;
}

void results_destroy(struct results *results)
{
	for (size_t i = 0; i < results->trial_count; i++)
		json_decref(results->trials[i]);
	free(results->trials);
	json_decref(results->run);
	free(results->directory);
	*results = (struct results){0};
}

const json_t *results_metric(const struct results *results, const char *key)
{
	return json_find(json_object_get(results->run, "metrics"), "key", key);
}

/* Whether a trial lies at a point; `but` names an axis that may have any value, or is NULL. */
static bool point_matches(const json_t *trial, const json_t *point, const char *but)
{
	const json_t *own = json_object_get(trial, "point");
	const char *axis;
	json_t *value;

	json_object_foreach((json_t *)point, axis, value)
	{
		if (but && strcmp(axis, but) == 0)
			continue;
		if (!json_is_number(value) || json_number_of(own, axis) != json_number_value(value))
			return false;
	}
	return true;
}

bool results_trial_matches_but(const json_t *trial, const struct cell *cell, const char *but)
{
	/* First what most trials differ in: every figure of a report looks at all of them. */
	if (cell->server && strcmp(cell->server, json_string_of(trial, "server")) != 0)
		return false;
	if (cell->part && strcmp(cell->part, json_string_of(trial, "part")) != 0)
		return false;
	if (cell->scenario && strcmp(cell->scenario, json_string_of(trial, "scenario")) != 0)
		return false;
	return point_matches(trial, cell->point, but);
}

bool results_trial_matches(const json_t *trial, const struct cell *cell)
{
	return results_trial_matches_but(trial, cell, NULL);
}

bool results_trial_counts(const json_t *trial)
{
	return !repeats_superseded(trial) &&
	       (trial_ended_as(trial, OUTCOME_OK) || trial_ended_as(trial, OUTCOME_SATURATED));
}

bool results_rate_is_bound(const struct results *results, const struct cell *cell)
{
	for (size_t i = 0; i < results->trial_count; i++)
		if (results_trial_matches(results->trials[i], cell) &&
		    results_trial_counts(results->trials[i]) &&
		    json_is_true(json_object_get(results->trials[i], "rate_is_lower_bound")))
			return true;
	return false;
}

bool results_trial_is_own_end(const json_t *trial)
{
	static const char *const not_its_own[] = {"descriptors", "ports",  "threads",
						  "cores",	 "memory", "workers"};
	const json_t *reason;
	size_t i;

	if (!trial_ended_as(trial, OUTCOME_FAILED))
		return false;
	json_array_foreach(json_object_get(trial, "reasons"), i,
			   reason) for (size_t j = 0; j < sizeof not_its_own / sizeof *not_its_own;
					j++) if (strcmp(json_string_of(reason, "limit"),
							not_its_own[j]) == 0) return false;
	return true;
}

/* The most that was held is all that a server holds only if it did not hold more by its own doing. */
static bool most_is_bound(const struct results *results, const struct cell *cell)
{
	const char *connections = axis_at(AXIS_CONNECTIONS)->key;
	double held = 0, ended = 0; /* in any block, by what it was asked at most */

	for (size_t i = 0; i < results->trial_count; i++) {
		const json_t *trial = results->trials[i];
		double step = json_number_of(json_object_get(trial, "point"), connections);

		if (!results_trial_matches_but(trial, cell, connections))
			continue;
		held = results_trial_counts(trial) ? fmax(held, step) : held;
		ended = results_trial_is_own_end(trial) ? fmax(ended, step) : ended;
	}
	return !(ended > held);
}

bool results_value_is_bound(const struct results *results, const struct cell *cell,
			    const char *metric)
{
	const json_t *descriptor = results_metric(results, metric);

	if (metric_is_most(descriptor))
		return most_is_bound(results, cell);
	return metric_may_be_lower_bound(descriptor) && results_rate_is_bound(results, cell);
}

double results_samples_beyond(const struct results *results, const struct cell *cell,
			      const char *metric, double percentile)
{
	double fewest = INFINITY;

	for (size_t i = 0; i < results->trial_count; i++) {
		const json_t *trial = results->trials[i];
		double count = metric_responses(metric, trial);

		if (!results_trial_matches(trial, cell) || !results_trial_counts(trial))
			continue;
		if (isnan(count))
			return NAN;
		/* The small allowance: 1 - 0.99 is a little under 0.01. */
		fewest = fmin(fewest, count * (1 - percentile) + 1e-6);
	}
	return isinf(fewest) ? NAN : fewest;
}

bool results_are_few(size_t known, size_t all)
{
	return 2 * known < all;
}

/* How many trials of the cell that count there are; *known: how many of them have the metric. */
static size_t count_trials(const struct results *results, const struct cell *cell,
			   const char *metric, size_t *known)
{
	size_t all = 0;

	*known = 0;
	for (size_t i = 0; i < results->trial_count; i++) {
		const json_t *trial = results->trials[i];

		if (!results_trial_matches(trial, cell) || !results_trial_counts(trial))
			continue;
		all++;
		*known += !isnan(json_number_of(json_object_get(trial, "metrics"), metric));
	}
	return all;
}

enum results_tail results_tail(const struct results *results, const struct cell *cell,
			       const char *metric)
{
	double percentile = metric_percentile(metric);
	const char *group = json_string_of(results_metric(results, metric), "group");
	size_t known, all;

	if (isnan(percentile) && strcmp(group, "latency") != 0)
		return RESULTS_TAIL_TELLS;
	all = count_trials(results, cell, metric, &known);
	if (all == 0)
		return RESULTS_TAIL_TELLS;
	if (!isnan(percentile) &&
	    !(results_samples_beyond(results, cell, metric, percentile) >= RESULTS_TAIL_SAMPLES))
		return RESULTS_TAIL_THIN;
	return known > 0 && results_are_few(known, all) ? RESULTS_TAIL_WITHHELD
							: RESULTS_TAIL_TELLS;
}

size_t results_count_outcome(const struct results *results, const struct cell *cell,
			     const char *outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < results->trial_count; i++)
		count += !repeats_superseded(results->trials[i]) &&
			 results_trial_matches(results->trials[i], cell) &&
			 strcmp(json_string_of(results->trials[i], "outcome"), outcome) == 0;
	return count;
}
