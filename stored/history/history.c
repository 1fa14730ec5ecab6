#include "stored/history/history.h"

#include "lib/clock.h"
#include "lib/json.h"
#include "stored/axis.h"
#include "stored/blocks/blocks.h"
#include "stored/environment.h"
#include "stored/json_lines.h"
#include "stored/metric.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HISTORY_SCHEMA = 1, LOCK_TRIES = 200, LOCK_PAUSE_MS = 50, COMMIT_SHOWN = 8 };

/* The descriptors of the metrics that decide. New reference. */
static json_t *gating_metrics(const struct results *results)
{
	json_t *gating = json_array(), *descriptor;
	size_t i;

	json_array_foreach(json_object_get(results->run, "metrics"), i, descriptor)
	{
		if (json_is_true(json_object_get(descriptor, "gating")))
			json_array_append(gating, descriptor);
	}
	return gating;
}

/* The value of a metric in a cell; NULL where it has none. New reference. */
static json_t *cell_value(const struct results *results, const struct cell *cell,
			  const json_t *descriptor)
{
	struct summary summary = blocks_summary(results, cell, json_string_of(descriptor, "key"));
	json_t *value;

	if (summary.count == 0)
		return NULL;
	value = json_pack("{s:f, s:f, s:f, s:f, s:I}", "median", summary.median, "low", summary.low,
			  "high", summary.high, "coverage", summary.coverage, "trials",
			  (json_int_t)summary.count);
	if (metric_may_be_lower_bound(descriptor) && results_rate_is_bound(results, cell))
		json_object_set_new(value, "at_least", json_true());
	return value;
}

/* Adds a cell with what it has of those metrics that are slopes, or of those that are not. */
static void add_cell(json_t *cells, const struct results *results, const struct cell *cell,
		     const json_t *metrics, bool slopes)
{
	json_t *values = json_object(), *descriptor;
	size_t i;

	json_array_foreach(metrics, i, descriptor)
	{
		json_t *value = (metric_slope_of(descriptor) != NULL) == slopes
					? cell_value(results, cell, descriptor)
					: NULL;

		if (value)
			json_object_set_new(values, json_string_of(descriptor, "key"), value);
	}
	if (json_object_size(values) > 0)
		json_array_append_new(cells, json_pack("{s:s, s:s, s:s, s:O, s:O}", "scenario",
						       cell->scenario, "part", cell->part, "server",
						       cell->server, "point", cell->point, "values",
						       values));
	json_decref(values);
}

/* In the order of their axes' values, so that a history does not depend on the order of trials. */
static int compare_points(const void *left, const void *right)
{
	const json_t *a = *(json_t *const *)left, *b = *(json_t *const *)right;

	for (enum axis_kind kind = 0; kind < AXIS_COUNT; kind++) {
		double x = json_number_of(a, axis_at(kind)->key);
		double y = json_number_of(b, axis_at(kind)->key);

		if (x < y || x > y)
			return x < y ? -1 : 1;
	}
	return 0;
}

/*
 * The points of a part's trials, each once; of slopes, which are over connections, without these. An
 * array of new references, to be freed; NULL: no memory.
 */
static json_t **list_points(const struct results *results, const struct cell *part, bool slopes,
			    size_t *count)
{
	json_t **points = calloc(results->trial_count + 1, sizeof *points);
	size_t kept = 0;

	*count = 0;
	for (size_t i = 0; points && i < results->trial_count; i++) {
		json_t *point = json_object_get(results->trials[i], "point");

		if (!json_is_object(point) || !results_trial_matches(results->trials[i], part))
			continue;
		point = json_copy(point);
		if (point && slopes)
			json_object_del(point, axis_at(AXIS_CONNECTIONS)->key);
		if (point)
			points[(*count)++] = point;
	}
	if (points)
		qsort(points, *count, sizeof *points, compare_points);
	for (size_t i = 0; i < *count; i++) {
		if (kept > 0 && json_equal(points[kept - 1], points[i]))
			json_decref(points[i]);
		else
			points[kept++] = points[i];
	}
	*count = kept;
	return points;
}

static void add_part(json_t *cells, const struct results *results, const char *scenario,
		     const json_t *part, const json_t *metrics)
{
	struct cell cell = {.scenario = scenario, .part = json_string_of(part, "name")};
	json_t *server;

	for (int slopes = 0; slopes < 2; slopes++) {
		size_t count, j;
		json_t **points = list_points(results, &cell, slopes, &count);

		for (size_t i = 0; i < count; i++) {
			struct cell at = cell;

			at.point = points[i];
			json_array_foreach(json_object_get(part, "servers"), j, server)
			{
				at.server = json_string_value(server);
				add_cell(cells, results, &at, metrics, slopes);
			}
			json_decref(points[i]);
		}
		free(points);
	}
}

/* Who was in the run, and of which family, by which pictures tell them apart. New reference. */
static json_t *name_servers(const json_t *run)
{
	json_t *servers = json_array(), *server;
	size_t i;

	json_array_foreach(json_object_get(run, "servers"), i, server)
	{
		json_array_append_new(servers, json_pack("{s:O*, s:O*}", "name",
							 json_object_get(server, "name"), "family",
							 json_object_get(server, "family")));
	}
	return servers;
}

json_t *history_line(const struct history_entry *entry, struct error *error)
{
	const json_t *run = entry->results->run;
	json_t *metrics = gating_metrics(entry->results), *cells = json_array(), *line = NULL;
	json_t *environment = json_copy(json_object_get(run, "environment"));
	json_t *scenario, *part;
	size_t i, j;

	json_object_del(environment, ENVIRONMENT_OBSERVED);
	json_array_foreach(json_object_get(run, "scenarios"), i, scenario)
	{
		json_array_foreach(json_object_get(scenario, "parts"), j, part)
		{
			add_part(cells, entry->results, json_string_of(scenario, "name"), part,
				 metrics);
		}
	}
	if (strcmp(json_string_of(run, "status"), "complete") != 0)
		error_set(error, "%s was not finished: go on with tenk run --resume %s",
			  entry->results->directory, entry->results->directory);
	else if (json_array_size(cells) == 0)
		error_set(error, "%s has no value of any metric that decides: nothing to keep",
			  entry->results->directory);
	else
		line = json_pack("{s:i, s:s, s:s, s:O*, s:s?, s:O?, s:O?, s:o, s:O, s:O}", "schema",
				 HISTORY_SCHEMA, "run", json_string_of(run, "id"), "started_at",
				 json_string_of(run, "started_at"), "seed",
				 json_object_get(run, "seed"), "label", entry->label, "commit",
				 entry->commit, "environment", environment, "servers",
				 name_servers(run), "metrics", metrics, "cells", cells);
	json_decref(environment);
	json_decref(metrics);
	json_decref(cells);
	return line;
}

/* Refuses what is no line of a history, and what a newer tenk wrote. */
static int check_line(const json_t *line, struct error *error)
{
	const json_t *schema = json_object_get(line, "schema");

	if (!json_is_integer(schema) || json_integer_value(schema) < 1)
		return error_set(error, "no valid \"schema\": not a line of a history");
	if (json_integer_value(schema) > HISTORY_SCHEMA)
		return error_set(error,
				 "written by a newer tenk (schema %lld); this one reads schema %d. "
				 "Update tenk to read this history.",
				 (long long)json_integer_value(schema), HISTORY_SCHEMA);
	if (!json_is_string(json_object_get(line, "run")) ||
	    !json_is_string(json_object_get(line, "started_at")) ||
	    !json_is_array(json_object_get(line, "cells")))
		return error_set(error, "not a line of a history: \"run\", \"started_at\" or "
					"\"cells\" is missing");
	return 0;
}

static int take_line(void *context, json_t *line, struct error *error)
{
	struct history *history = context;
	json_t **lines;

	if (check_line(line, error) < 0)
		return -EINVAL;
	lines = reallocarray(history->lines, history->count + 1, sizeof *lines);
	if (!lines) {
		error_set(error, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	history->lines = lines;
	lines[history->count++] = line;
	return 0;
}

/* By when their runs began; the text of a time sorts as the time does. */
static int compare_lines(const void *left, const void *right)
{
	const json_t *a = *(json_t *const *)left, *b = *(json_t *const *)right;
	int order = strcmp(json_string_of(a, "started_at"), json_string_of(b, "started_at"));

	return order ? order : strcmp(json_string_of(a, "run"), json_string_of(b, "run"));
}

int history_load(struct history *history, const char *file, struct error *error)
{
	int code;

	*history = (struct history){0};
	code = json_lines_read(file, take_line, history, &history->cut, error);
	if (history->count > 0)
		qsort(history->lines, history->count, sizeof *history->lines, compare_lines);
	return code;
}

void history_destroy(struct history *history)
{
	for (size_t i = 0; i < history->count; i++)
		json_decref(history->lines[i]);
	free(history->lines);
	*history = (struct history){0};
}

/* Whoever appends holds the lock for a moment only. */
static int lock(int fd, const char *file, struct error *error)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR) {
			int code = -errno;

			error_set(error, "cannot lock %s: %s", file, strerror(-code));
			return code;
		}
		clock_pause(LOCK_PAUSE_MS * NS_PER_MS);
	}
	error_set(error, "another tenk keeps %s locked", file);
	return -EBUSY;
}

/* -EEXIST where the run is there already. */
static int check_new(const char *file, const json_t *line, size_t *cut, struct error *error)
{
	struct history history;
	int code = history_load(&history, file, error);

	for (size_t i = 0; code == 0 && i < history.count; i++)
		if (compare_lines(&history.lines[i], &line) == 0) {
			error_set(error, "%s is in %s already", json_string_of(line, "run"), file);
			code = -EEXIST;
		}
	*cut = history.cut;
	history_destroy(&history);
	return code;
}

/* That the file is there has to be on disk too, or all of it may be gone. */
static int sync_folder(const char *file)
{
	char path[PATH_MAX];
	char *slash;
	int fd, code;

	snprintf(path, sizeof path, "%s", file);
	slash = strrchr(path, '/');
	if (slash)
		slash[slash == path] = '\0';
	fd = open(slash ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	code = fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
	close(fd);
	return code;
}

static int append(int fd, const char *file, const json_t *line, struct error *error)
{
	off_t end = json_lines_end(fd);
	int code = end < 0 || ftruncate(fd, end) < 0 ? -errno : json_lines_append(fd, line);

	if (code == 0 && end == 0)
		code = sync_folder(file);
	if (code < 0)
		error_set(error, "cannot append to %s: %s", file, strerror(-code));
	return code;
}

int history_add(const char *file, const json_t *line, size_t *cut, struct error *error)
{
	int fd = open(file, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666), code;

	*cut = 0;
	if (fd < 0) {
		code = -errno;
		error_set(error, "cannot open %s: %s", file, strerror(-code));
		return code;
	}
	code = lock(fd, file, error);
	if (code == 0)
		code = check_new(file, line, cut, error);
	if (code == 0)
		code = append(fd, file, line, error);
	close(fd);
	return code;
}

char *history_name(const json_t *line, char *out, size_t size)
{
	const json_t *commit = json_object_get(line, "commit");
	const char *label = json_string_of(line, "label"), *hash = json_string_of(commit, "hash");
	bool dirty = json_is_true(json_object_get(commit, "dirty"));

	if (!*label && !*hash)
		snprintf(out, size, "%s", json_string_of(line, "run"));
	else
		snprintf(out, size, "%s (%s%s%.*s%s)", json_string_of(line, "run"), label,
			 *label && *hash ? ", " : "", COMMIT_SHOWN, hash,
			 *hash && dirty ? " and changes" : "");
	return out;
}

const char *history_fingerprint(const json_t *line)
{
	return json_string_of(json_object_get(line, "environment"), "fingerprint");
}
