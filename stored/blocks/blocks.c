#include "stored/blocks/blocks.h"

#include "lib/json.h"
#include "stored/axis.h"
#include "stored/metric.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A slope takes no heed of fewer connections than these. */
struct slope {
	double from;
};

/* One trial's contribution to a metric. */
struct trial_value {
	long block;
	double connections;
	double value, intercept; /* a slope's, where the samples of a block became a line */
	double off;		 /* how far these lie off it */
};

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
		json_array_foreach(
			json_object_get(scenario, "parts"), j,
			part) if (strcmp(json_string_of(part, "name"),
					 json_string_of(trial, "part")) ==
				  0) return json_number_of(json_object_get(part, "load"),
							   axis_at(AXIS_CONNECTIONS)->key);
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

		if (!results_trial_matches_but(trial, cell,
					       slope ? axis_at(AXIS_CONNECTIONS)->key : NULL) ||
		    !results_trial_counts(trial))
			continue;
		sample->block = (long)json_integer_value(json_object_get(trial, "trial"));
		sample->value = json_number_of(json_object_get(trial, "metrics"), key);
		if (isnan(sample->value))
			continue;
		if (slope) {
			sample->connections = json_number_of(json_object_get(trial, "point"),
							     axis_at(AXIS_CONNECTIONS)->key);
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
	double least = INFINITY, most = 0, rise;

	for (size_t i = 0; i < count; i++) {
		bool seen = false;

		x[i] = samples[i].connections;
		y[i] = samples[i].value;
		least = fmin(least, x[i]);
		most = fmax(most, x[i]);
		for (size_t j = 0; j < i; j++)
			seen = seen || x[j] == x[i];
		different += !seen;
	}
	if (different < BLOCKS_SLOPE_POINTS)
		return false;
	line->block = samples->block;
	line->value = statistics_slope(x, y, count, &line->intercept);
	rise = fmax(fabs(line->value) * (most - least), BLOCKS_FLAT_BYTES / BLOCKS_OFF_MOST);
	line->off = statistics_residual(x, y, count, line->value, line->intercept) / rise;
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

/* The same into the largest value of each block. Returns their number. */
static long reduce_to_most(struct trial_value *samples, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (kept == 0 || samples[kept - 1].block != samples[i].block)
			samples[kept++] = samples[i];
		else
			samples[kept - 1].value = fmax(samples[kept - 1].value, samples[i].value);
	return (long)kept;
}

/* The median of lines; NAN of none, or without memory. */
static double median_off(const struct trial_value *lines, long count)
{
	double *off = count > 0 ? calloc((size_t)count, sizeof *off) : NULL, median;

	for (long i = 0; off && i < count; i++)
		off[i] = lines[i].off;
	median = off ? statistics_median(off, (size_t)count) : NAN;
	free(off);
	return median;
}

/*
 * The trials of a cell or, of a slope, its blocks, on a line or not; -ENOMEM or how many. The caller
 * frees *samples.
 */
static long read_all(const struct results *results, const struct cell *cell, const char *metric,
		     struct trial_value **samples)
{
	const json_t *descriptor = results_metric(results, metric);
	const char *slope_of = metric_slope_of(descriptor);
	const struct slope slope = {metric_slope_from(descriptor)};
	long count = collect_samples(results, cell, slope_of ? slope_of : metric,
				     slope_of ? &slope : NULL, samples);

	if (count <= 0 || !slope_of)
		return count;
	return metric_is_most(descriptor) ? reduce_to_most(*samples, (size_t)count)
					  : reduce_to_slopes(*samples, (size_t)count);
}

/* The same, without lines that are none. */
static long read_samples(const struct results *results, const struct cell *cell, const char *metric,
			 struct trial_value **samples)
{
	long count = read_all(results, cell, metric, samples);

	if (count > 0 && metric_slope_of(results_metric(results, metric)) &&
	    median_off(*samples, count) > BLOCKS_OFF_MOST)
		return 0;
	return count;
}

double blocks_off_line(const struct results *results, const struct cell *cell, const char *metric)
{
	struct trial_value *lines = NULL;
	double off;
	long count = 0;

	if (metric_slope_of(results_metric(results, metric)))
		count = read_all(results, cell, metric, &lines);
	off = median_off(lines, count);
	free(lines);
	return off;
}

int block_values_read(struct block_values *read, const struct results *results,
		      const struct cell *cell, const char *metric)
{
	struct trial_value *samples;
	long count = read_samples(results, cell, metric, &samples);
	size_t room = count > 0 ? (size_t)count : 0;

	*read = (struct block_values){.values = calloc(room + 1, sizeof *read->values),
				      .blocks = calloc(room + 1, sizeof *read->blocks)};
	if (!read->values || !read->blocks)
		count = -ENOMEM;
	for (size_t i = 0; count > 0 && i < room; i++) {
		read->values[i] = samples[i].value;
		read->blocks[i] = samples[i].block;
		read->count++;
	}
	free(samples);
	return count < 0 ? (int)count : 0;
}

void block_values_destroy(struct block_values *values)
{
	free(values->values);
	free(values->blocks);
	*values = (struct block_values){0};
}

size_t block_values_pair(struct block_values *a, struct block_values *b)
{
	size_t kept = 0;

	for (size_t i = 0, j = 0; i < a->count && j < b->count;) {
		if (a->blocks[i] < b->blocks[j]) {
			i++;
		} else if (a->blocks[i] > b->blocks[j]) {
			j++;
		} else {
			a->blocks[kept] = b->blocks[kept] = a->blocks[i];
			a->values[kept] = a->values[i++];
			b->values[kept++] = b->values[j++];
		}
	}
	a->count = b->count = kept;
	return kept;
}

struct summary blocks_summary(const struct results *results, const struct cell *cell,
			      const char *metric)
{
	struct block_values of;
	struct summary summary;

	block_values_read(&of, results, cell, metric);
	summary = statistics_summarise(of.values, of.count, 0.95);
	block_values_destroy(&of);
	return summary;
}

struct summary blocks_intercepts(const struct results *results, const struct cell *cell,
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
