#include "stored/history/series.h"

#include "lib/statistics/change_points.h"
#include "lib/json.h"
#include "lib/statistics/statistics.h"
#include "stored/metric.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 1 % of noise alone at each step of the search, and enough shuffles to see that. */
static const struct change_rules rules_for_all = {.permutations = 199, .significance = 0.01};

static bool same_series(const struct history_series *series, const json_t *cell, const char *metric)
{
	return strcmp(series->metric, metric) == 0 &&
	       strcmp(series->server, json_string_of(cell, "server")) == 0 &&
	       strcmp(series->part, json_string_of(cell, "part")) == 0 &&
	       strcmp(series->scenario, json_string_of(cell, "scenario")) == 0 &&
	       json_equal(series->point, json_object_get(cell, "point"));
}

/*
 * The series of a metric in a cell, among those of one machine, which begin at `first`. It is nearly
 * always the one after that of the value before, at `likely`. NULL: no memory for a new one.
 */
static struct history_series *find_series(struct history_analysis *analysis, size_t first,
					  size_t *likely, const json_t *cell, const char *metric)
{
	struct history_series *items;
	size_t known = analysis->count - first;

	for (size_t i = 0; i < known; i++) {
		size_t at = first + (*likely - first + i) % known;

		if (same_series(&analysis->items[at], cell, metric)) {
			*likely = at + 1;
			return &analysis->items[at];
		}
	}
	items = reallocarray(analysis->items, analysis->count + 1, sizeof *items);
	if (!items)
		return NULL;
	analysis->items = items;
	items[analysis->count] =
		(struct history_series){.scenario = json_string_of(cell, "scenario"),
					.part = json_string_of(cell, "part"),
					.server = json_string_of(cell, "server"),
					.metric = metric,
					.point = json_object_get(cell, "point")};
	*likely = analysis->count + 1;
	return &items[analysis->count++];
}

static int add_point(struct history_series *series, size_t line, const json_t *value)
{
	struct history_point *points = reallocarray(series->points, series->count + 1,
						    sizeof *points);

	if (!points)
		return -ENOMEM;
	series->points = points;
	points[series->count++] = (struct history_point){
		.line = line,
		.median = json_number_of(value, "median"),
		.low = json_number_of(value, "low"),
		.high = json_number_of(value, "high"),
		.trials = (size_t)json_integer_value(json_object_get(value, "trials")),
		.at_least = json_is_true(json_object_get(value, "at_least")),
	};
	return 0;
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return count == 0;
}

static bool is_chosen(const struct history_choice *choice, const char *server, const char *metric)
{
	return !choice || (is_among(server, choice->servers, choice->server_count) &&
			   is_among(metric, choice->metrics, choice->metric_count));
}

/* Adds the values of one line to the series of its machine. */
static int add_line(struct history_analysis *analysis, size_t first, size_t line)
{
	const json_t *json = analysis->history->lines[line], *cell, *value;
	const char *metric;
	size_t i, likely = first;

	json_array_foreach(json_object_get(json, "cells"), i, cell)
	{
		json_object_foreach(json_object_get(cell, "values"), metric, value)
		{
			struct history_series *series;

			if (!isfinite(json_number_of(value, "median")) ||
			    !is_chosen(analysis->choice, json_string_of(cell, "server"), metric))
				continue;
			series = find_series(analysis, first, &likely, cell, metric);
			if (!series || add_point(series, line, value) < 0)
				return -ENOMEM;
			series->fingerprint = history_fingerprint(json);
			series->descriptor = json_find(json_object_get(json, "metrics"), "key",
						       metric);
		}
	}
	return 0;
}

/* Machine by machine, each where it is met for the first time. */
static int sort_into_series(struct history_analysis *analysis)
{
	const struct history *history = analysis->history;
	bool *done = calloc(history->count + 1, sizeof *done);
	int code = done ? 0 : -ENOMEM;

	for (size_t i = 0; code == 0 && i < history->count; i++) {
		const char *machine = history_fingerprint(history->lines[i]);
		size_t first = analysis->count;

		for (size_t j = i; code == 0 && !done[i] && j < history->count; j++) {
			if (strcmp(history_fingerprint(history->lines[j]), machine) != 0)
				continue;
			code = add_line(analysis, first, j);
			done[j] = j > i;
		}
	}
	free(done);
	return code;
}

/* Whether values are compared by their logarithms, which those at zero have not. */
static bool is_by_ratio(const struct history_series *series)
{
	for (size_t i = 0; i < series->count; i++)
		if (series->points[i].median <= 0)
			return false;
	return metric_compared_by(series->descriptor) == METRIC_BY_RATIO;
}

/* What a change must come to, on the scale on which it is looked for. */
static double smallest_change(const struct history_series *series, const double *values,
			      size_t count, bool by_ratio)
{
	double ratio = metric_smallest_difference(series->descriptor);

	if (by_ratio)
		return log1p(ratio);
	return fmax(metric_smallest_absolute(series->descriptor),
		    ratio * fabs(statistics_median(values, count)));
}

static struct history_change describe_change(const struct history_series *series,
					     const struct change_point *found, const size_t *places,
					     bool by_ratio)
{
	const char *better = json_string_of(series->descriptor, "better");
	bool more = found->after > found->before;
	struct history_change change = {.at = places[found->position],
					.before = found->before,
					.after = found->after,
					.size = found->after - found->before,
					.is_ratio = by_ratio,
					.p = found->p};

	if (by_ratio) {
		change.size = expm1(change.size);
		change.before = exp(change.before);
		change.after = exp(change.after);
	}
	change.worse = strcmp(better, more ? "lower" : "higher") == 0;
	return change;
}

/* Looks at the values that are figures of the server; `places` are theirs in the series. */
static int find_changes(struct history_series *series, uint64_t seed)
{
	struct change_rules rules = rules_for_all;
	double *values = calloc(series->count + 1, sizeof *values);
	size_t *places = calloc(series->count + 1, sizeof *places), count = 0;
	struct change_point *found = calloc(series->count / CHANGE_POINTS_SEGMENT + 1,
					    sizeof *found);
	bool by_ratio = is_by_ratio(series);
	int changes = -ENOMEM;

	series->changes = calloc(series->count / CHANGE_POINTS_SEGMENT + 1,
				 sizeof *series->changes);
	if (values && places && found && series->changes) {
		size_t first = series->count > HISTORY_SEARCHED ? series->count - HISTORY_SEARCHED
								: 0;

		for (size_t i = first; i < series->count; i++) {
			if (series->points[i].at_least)
				continue;
			places[count] = i;
			values[count++] = by_ratio ? log(series->points[i].median)
						   : series->points[i].median;
		}
		rules.seed = seed;
		rules.smallest = smallest_change(series, values, count, by_ratio);
		changes = change_points_find(values, count, &rules, found);
	}
	for (int i = 0; i < changes; i++)
		series->changes[series->change_count++] = describe_change(series, &found[i], places,
									  by_ratio);
	free(values);
	free(places);
	free(found);
	return changes < 0 ? changes : 0;
}

/* A change, and where among the machines and runs it lies. */
struct placed {
	struct history_change *change;
	const char *fingerprint;
	size_t line;
};

static int compare_places(const void *left, const void *right)
{
	const struct placed *a = left, *b = right;
	int order = strcmp(a->fingerprint, b->fingerprint);

	return order ? order : (a->line > b->line) - (a->line < b->line);
}

/* Whoever changes one thing moves several cells and metrics: those that moved together are one shift. */
static int number_shifts(struct history_analysis *analysis)
{
	struct placed *places;
	size_t count = 0, first = 0;

	for (size_t i = 0; i < analysis->count; i++)
		count += analysis->items[i].change_count;
	places = calloc(count + 1, sizeof *places);
	if (!places)
		return -ENOMEM;
	count = 0;
	for (size_t i = 0; i < analysis->count; i++) {
		struct history_series *series = &analysis->items[i];

		for (size_t j = 0; j < series->change_count; j++)
			places[count++] =
				(struct placed){&series->changes[j], series->fingerprint,
						series->points[series->changes[j].at].line};
	}
	qsort(places, count, sizeof *places, compare_places);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(places[i].fingerprint, places[first].fingerprint) != 0 ||
		    places[i].line - places[first].line > HISTORY_SHIFT_RUNS) {
			first = i;
			analysis->shift_count++;
		}
		places[i].change->shift = analysis->shift_count - 1;
	}
	free(places);
	return 0;
}

int history_analyse(struct history_analysis *analysis, const struct history *history,
		    const struct history_choice *choice, uint64_t seed)
{
	int code;

	*analysis = (struct history_analysis){.history = history, .choice = choice};
	code = sort_into_series(analysis);
	for (size_t i = 0; code == 0 && i < analysis->count; i++)
		code = find_changes(&analysis->items[i], seed);
	return code == 0 ? number_shifts(analysis) : code;
}

void history_analysis_destroy(struct history_analysis *analysis)
{
	for (size_t i = 0; i < analysis->count; i++) {
		free(analysis->items[i].points);
		free(analysis->items[i].changes);
	}
	free(analysis->items);
	*analysis = (struct history_analysis){0};
}
