#include "stored/results.h"

#include "lib/json.h"
#include "stored/codes.h"
#include "stored/metric.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESULTS_SCHEMA = 1 };

/* A slope takes no heed of fewer connections than these. */
struct slope {
	double from;
};

/* One trial's contribution to a metric. */
struct trial_value {
	long block;
	double connections;
	double value, intercept; /* a slope's, where the samples of a block became a line */
};

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

static FILE *open_file(const char *path)
{
	return fopen(path, "re");
}

static int run_load(struct results *results, const char *path, struct error *error)
{
	json_error_t problem;
	FILE *file = open_file(path);

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

static int trial_append(struct results *results, json_t *trial, size_t *room)
{
	if (results->trial_count == *room) {
		size_t grown = *room ? *room * 2 : 64;
		json_t **trials = reallocarray(results->trials, grown, sizeof *trials);

		if (!trials)
			return -ENOMEM;
		results->trials = trials;
		*room = grown;
	}
	results->trials[results->trial_count++] = trial;
	return 0;
}

/* Adds one line of trials.jsonl; a blank line adds nothing. */
static int line_load(struct results *results, const char *text, size_t length, const char *path,
		     size_t line, size_t *room, struct error *error)
{
	json_error_t problem;
	json_t *trial;
	int code;

	if (strspn(text, " \t\r\n") == length)
		return 0;
	trial = json_loadb(text, length, 0, &problem);
	if (!trial)
		return error_set(error, "%s:%zu:%d: %s", path, line, problem.column, problem.text);
	code = schema_check(trial, error);
	if (code == 0) {
		code = trial_append(results, trial, room);
		if (code < 0)
			error_set(error, "%s", strerror(-code));
	}
	if (code < 0) {
		error_prefix(error, "%s:%zu", path, line);
		json_decref(trial);
	}
	return code;
}

static int trials_load(struct results *results, const char *path, struct error *error)
{
	FILE *file = open_file(path);
	char *text = NULL;
	size_t size = 0, line = 0, room = 0;
	ssize_t length;
	int code = 0;

	if (!file) {
		code = -errno;
		/* A run that was stopped before its first trial has no such file. */
		if (code == -ENOENT &&
		    strcmp(json_string_of(results->run, "status"), "complete") != 0)
			return 0;
		error_set(error, "%s: %s", path, strerror(-code));
		return code;
	}
	while (code == 0 && (length = getline(&text, &size, file)) >= 0) {
		line++;
		if (length > 0 && text[length - 1] == '\n')
			code = line_load(results, text, (size_t)length, path, line, &room, error);
	}
	if (code == 0 && ferror(file)) {
		error_set(error, "%s: cannot be read", path);
		code = -EIO;
	}
	free(text);
	fclose(file);
	return code;
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

static bool trial_matches(const json_t *trial, const struct cell *cell, const char *but)
{
	if (cell->scenario && strcmp(cell->scenario, json_string_of(trial, "scenario")) != 0)
		return false;
	if (cell->part && strcmp(cell->part, json_string_of(trial, "part")) != 0)
		return false;
	if (cell->server && strcmp(cell->server, json_string_of(trial, "server")) != 0)
		return false;
	return point_matches(trial, cell->point, but);
}

bool results_trial_matches(const json_t *trial, const struct cell *cell)
{
	return trial_matches(trial, cell, NULL);
}

bool results_trial_counts(const json_t *trial)
{
	return trial_ended_as(trial, OUTCOME_OK) || trial_ended_as(trial, OUTCOME_SATURATED);
}

/* The connections that a part's load fixes for all of its trials; NAN if it varies them. */
static double part_connections(const struct results *results, const json_t *trial)
{
	size_t i, j;
	json_t *scenario, *part;

	json_array_foreach(json_object_get(results->run, "scenarios"), i, scenario)
	{
		if (strcmp(json_string_of(scenario, "name"), json_string_of(trial, "scenario")) !=
		    0)
			continue;
		json_array_foreach(json_object_get(scenario, "parts"), j,
				   part) if (strcmp(json_string_of(part, "name"),
						    json_string_of(trial, "part")) ==
					     0) return json_number_of(json_object_get(part, "load"),
								      "connections");
	}
	return NAN;
}

/* An insertion sort, stable, because trials come almost in the order of their blocks. */
static void sort_samples(struct trial_value *samples, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct trial_value moving = samples[i];
		size_t j = i;

		for (; j > 0 && samples[j - 1].block > moving.block; j--)
			samples[j] = samples[j - 1];
		samples[j] = moving;
	}
}

/*
 * Every counting trial of a cell that has a number under `key`, in the order of blocks. For a
 * slope the trials of all counts of connections belong together. Returns their number or -ENOMEM.
 */
static long collect_samples(const struct results *results, const struct cell *cell, const char *key,
			    const struct slope *slope, struct trial_value **samples)
{
	size_t count = 0;

	*samples = calloc(results->trial_count + 1, sizeof **samples);
	if (!*samples)
		return -ENOMEM;
	for (size_t i = 0; i < results->trial_count; i++) {
		const json_t *trial = results->trials[i];
		struct trial_value *sample = &(*samples)[count];

		if (!results_trial_counts(trial) ||
		    !trial_matches(trial, cell, slope ? "connections" : NULL))
			continue;
		sample->block = (long)json_integer_value(json_object_get(trial, "trial"));
		sample->value = json_number_of(json_object_get(trial, "metrics"), key);
		if (isnan(sample->value))
			continue;
		if (slope) {
			sample->connections = json_number_of(json_object_get(trial, "point"),
							     "connections");
			if (isnan(sample->connections))
				sample->connections = part_connections(results, trial);
			if (!(sample->connections >= slope->from))
				continue;
		}
		count++;
	}
	sort_samples(*samples, count);
	return (long)count;
}

/* The line over connections of the samples of one block; false with too few different counts. */
static bool block_line(const struct trial_value *samples, size_t count, double *x, double *y,
		       struct trial_value *line)
{
	size_t different = 0;

	for (size_t i = 0; i < count; i++) {
		bool seen = false;

		x[i] = samples[i].connections;
		y[i] = samples[i].value;
		for (size_t j = 0; j < i; j++)
			seen = seen || x[j] == x[i];
		different += !seen;
	}
	if (different < RESULTS_SLOPE_POINTS)
		return false;
	line->block = samples->block;
	line->value = statistics_slope(x, y, count, &line->intercept);
	return true;
}

/* Turns the samples, sorted by block, into one line a block, in place. Returns their number. */
static long reduce_to_slopes(struct trial_value *samples, size_t count)
{
	double *x = calloc(count + 1, sizeof *x), *y = calloc(count + 1, sizeof *y);
	size_t kept = 0;

	for (size_t first = 0, end; x && y && first < count; first = end) {
		for (end = first + 1; end < count; end++)
			if (samples[end].block != samples[first].block)
				break;
		struct trial_value line;

		if (block_line(samples + first, end - first, x, y, &line))
			samples[kept++] = line;
	}
	long result = x && y ? (long)kept : -ENOMEM;
	free(x);
	free(y);
	return result;
}

/* The trials of a cell or, of a slope, its blocks; -ENOMEM or how many. The caller frees *samples. */
static long read_samples(const struct results *results, const struct cell *cell, const char *metric,
			 struct trial_value **samples)
{
	const json_t *descriptor = results_metric(results, metric);
	const char *slope_of = metric_slope_of(descriptor);
	const struct slope slope = {metric_slope_from(descriptor)};
	long count = collect_samples(results, cell, slope_of ? slope_of : metric,
				     slope_of ? &slope : NULL, samples);

	return count > 0 && slope_of ? reduce_to_slopes(*samples, (size_t)count) : count;
}

long results_values_by_block(const struct results *results, const struct cell *cell,
			     const char *metric, double **values, long **blocks)
{
	struct trial_value *samples;
	long count = read_samples(results, cell, metric, &samples);

	*values = NULL;
	*blocks = NULL;
	if (count > 0) {
		*values = calloc((size_t)count, sizeof **values);
		*blocks = calloc((size_t)count, sizeof **blocks);
		if (!*values || !*blocks) {
			free(*values);
			free(*blocks);
			*values = NULL;
			*blocks = NULL;
			count = -ENOMEM;
		}
	}
	for (long i = 0; i < count; i++) {
		(*values)[i] = samples[i].value;
		(*blocks)[i] = samples[i].block;
	}
	free(samples);
	return count;
}

struct summary results_intercepts(const struct results *results, const struct cell *cell,
				  const char *metric)
{
	struct trial_value *samples;
	long count = read_samples(results, cell, metric, &samples);
	size_t blocks = count > 0 ? (size_t)count : 0;
	double *intercepts = calloc(blocks + 1, sizeof *intercepts);
	struct summary summary;

	for (size_t i = 0; intercepts && i < blocks; i++)
		intercepts[i] = samples[i].intercept;
	summary = statistics_summarise(intercepts, intercepts ? blocks : 0, 0.95);
	free(intercepts);
	free(samples);
	return summary;
}

long results_values(const struct results *results, const struct cell *cell, const char *metric,
		    double **values)
{
	long *blocks, count = results_values_by_block(results, cell, metric, values, &blocks);

	free(blocks);
	return count;
}

struct summary results_summary(const struct results *results, const struct cell *cell,
			       const char *metric)
{
	double *values;
	long count = results_values(results, cell, metric, &values);
	struct summary summary = statistics_summarise(values, count > 0 ? (size_t)count : 0, 0.95);

	free(values);
	return summary;
}

size_t results_count_outcome(const struct results *results, const struct cell *cell,
			     const char *outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < results->trial_count; i++)
		count += results_trial_matches(results->trials[i], cell) &&
			 strcmp(json_string_of(results->trials[i], "outcome"), outcome) == 0;
	return count;
}
