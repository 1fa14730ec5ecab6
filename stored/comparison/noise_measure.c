/* What two subjects that are the same program show of a machine. */
#include "stored/comparison/noise.h"

#include "lib/json.h"
#include "lib/random.h"
#include "lib/statistics/signed_rank.h"
#include "lib/statistics/statistics.h"
#include "stored/comparison/cells.h"
#include "stored/comparison/row.h"
#include "stored/metric.h"
#include "stored/store.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	PAIRS_LEAST = 10,
	DRAWS = 400,
	RUN_OF_PAIRS =
		4, /* drawn as they followed each other, so that what drifts is in a draw too */
};

/* A floor for each of these numbers of pairs. */
static const size_t steps[] = {10, 20, 40, 80};

enum { STEPS = sizeof steps / sizeof *steps };

#define QUANTILE 0.95

static double deviation(const double *values, size_t count)
{
	double mean = 0, sum = 0;

	for (size_t i = 0; i < count; i++)
		mean += values[i] / (double)count;
	for (size_t i = 0; i < count; i++)
		sum += (values[i] - mean) * (values[i] - mean);
	return sqrt(sum / (double)(count - 1));
}

/* Pearson's; 0 where one of them does not vary. */
static double correlation(const double *x, const double *y, size_t count)
{
	double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;

	for (size_t i = 0; i < count; i++) {
		mean_x += x[i] / (double)count;
		mean_y += y[i] / (double)count;
	}
	for (size_t i = 0; i < count; i++) {
		xx += (x[i] - mean_x) * (x[i] - mean_x);
		yy += (y[i] - mean_y) * (y[i] - mean_y);
		xy += (x[i] - mean_x) * (y[i] - mean_y);
	}
	return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

static int ascending(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/*
 * The 95th percentile of |estimate| over draws of so many pairs from those that were measured, in short runs
 * of neighbours (Künsch, The Jackknife and the Bootstrap for General Stationary Observations, 1989). What
 * differs always, such as by the layout of a program, is in each draw.
 */
static double find_floor(const double *differences, size_t count, size_t pairs)
{
	double *drawn = calloc(pairs, sizeof *drawn), *found = calloc(DRAWS, sizeof *found);
	double floor = NAN;
	struct random random;

	random_seed(&random, pairs);
	for (size_t draw = 0; drawn && found && draw < DRAWS; draw++) {
		for (size_t i = 0; i < pairs; i += RUN_OF_PAIRS) {
			size_t first = random_below(&random, count);

			for (size_t j = i; j < pairs && j < i + RUN_OF_PAIRS; j++)
				drawn[j] = differences[(first + j - i) % count];
		}
		found[draw] = fabs(hodges_lehmann(drawn, pairs));
	}
	if (drawn && found) {
		qsort(found, DRAWS, sizeof *found, ascending);
		floor = found[(size_t)(QUANTILE * DRAWS)];
	}
	free(drawn);
	free(found);
	return floor;
}

/* What one metric showed so far, over all cells. */
struct measured {
	double floors[STEPS];
	json_t *cells;
};

static json_t *list_floors(const double *floors)
{
	json_t *list = json_array();

	for (size_t i = 0; i < STEPS; i++)
		json_array_append_new(list, json_pack("{s:I, s:f}", "pairs", (json_int_t)steps[i],
						      "change", floors[i]));
	return list;
}

/* Adds a cell; the floors are those of the cell that is worst. */
static int add_cell(struct measured *measured, const struct comparison_row *row)
{
	const struct decision_series *series = &row->values.series;
	size_t count = series->a.count;
	double *differences = calloc(count + 1, sizeof *differences);
	bool ratio = row->values.scale == COMPARISON_RATIO;
	double floors[STEPS];

	if (!differences)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		differences[i] = series->b.values[i] - series->a.values[i];
	for (size_t i = 0; i < STEPS; i++) {
		double floor = find_floor(differences, count, steps[i]);

		floors[i] = ratio ? expm1(floor) : floor;
		measured->floors[i] = fmax(measured->floors[i], floors[i]);
	}
	json_array_append_new(
		measured->cells,
		json_pack("{s:s, s:o, s:s, s:I, s:f, s:f, s:f, s:f}", "cell", row->comparison.cell,
			  "floors", list_floors(floors), "scale", ratio ? "ratio" : "difference",
			  "pairs", (json_int_t)count, "variation",
			  deviation(series->a.values, count), "correlation",
			  correlation(series->a.values, series->b.values, count), "autocorrelation",
			  correlation(differences, differences + 1, count - 1), "change",
			  hodges_lehmann(differences, count)));
	free(differences);
	return 0;
}

static json_t *describe(const char *metric, const struct measured *measured)
{
	return json_pack("{s:s, s:o, s:O}", "key", metric, "floors", list_floors(measured->floors),
			 "cells", measured->cells);
}

/* One metric in all cells. What cannot vary, or is counted by an exact test, needs no floor. */
static int measure_metric(const struct results *run, const struct compared_cells *cells,
			  const json_t *descriptor, json_t *metrics)
{
	static const struct comparison_rules as_described = {.looks = 1};
	struct measured measured = {.cells = json_array()};
	int result = measured.cells ? 0 : -ENOMEM;

	for (size_t i = 0; result == 0 && i < cells->count; i++) {
		struct comparison_row row;

		if (cells->items[i].slopes != (metric_slope_of(descriptor) != NULL))
			continue;
		result = comparison_row_make(&row, run, run, &cells->items[i], descriptor,
					     &as_described, true);
		if (result == -ENODATA) {
			result = 0;
			continue;
		}
		if (result == 0 && row.comparison.gating && row.comparison.pairs >= PAIRS_LEAST &&
		    row.values.scale != COMPARISON_COUNT)
			result = add_cell(&measured, &row);
		if (result >= 0)
			comparison_row_destroy(&row);
	}
	if (result == 0 && json_array_size(measured.cells) > 0)
		json_array_append_new(metrics,
				      describe(json_string_of(descriptor, "key"), &measured));
	json_decref(measured.cells);
	return result;
}

json_t *noise_measure(const struct results *run, const char *a_subject, const char *b_subject,
		      struct error *error)
{
	const json_t *descriptors = json_object_get(run->run, "metrics"), *descriptor;
	json_t *metrics = json_array(), *noise = NULL;
	struct compared_cells cells;
	char now[STORE_TIME_BYTES];
	int result = compared_cells_find(&cells, run, a_subject, run, b_subject, error);
	size_t i;

	json_array_foreach(descriptors, i, descriptor) if (result == 0)
		result = measure_metric(run, &cells, descriptor, metrics);
	if (result == -ENOMEM)
		error_set(error, "out of memory");
	else if (result == 0 && json_array_size(metrics) == 0)
		error_set(error, "%s has too few pairs for a noise floor: at least %d are needed",
			  run->directory, PAIRS_LEAST);
	else if (result == 0)
		noise = json_pack("{s:i, s:s, s:s, s:s, s:O, s:O}", "schema", 1, "tool",
				  "tenk compare --aa", "run", run->directory, "made_at",
				  store_time(now, true), "environment",
				  json_object_get(run->run, "environment"), "metrics", metrics);
	json_decref(metrics);
	compared_cells_destroy(&cells);
	return noise;
}
