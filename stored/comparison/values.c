#include "stored/comparison/values.h"

#include "lib/json.h"
#include "stored/codes.h"
#include "stored/metric.h"
#include "stored/repeats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A rate is "at least" if more of its trials than this share were, so that their median is. */
#define BOUND_SHARE 0.5

static const char unsteady[] = "unsteady";

/* What spoiled a trial, borrowed. That it was saturated as well did not make it invalid. */
static const char *reason_of(const json_t *trial)
{
	const json_t *reason;
	size_t i;

	json_array_foreach(
		json_object_get(trial, "reasons"), i,
		reason) if (strcmp(json_string_of(reason, "code"), "rate_not_achieved") !=
			    0) return json_string_of(reason, "text");
	return trial_first_reason(trial);
}

static struct compared_trials count_trials(const struct results *results, const struct cell *cell,
					   const char *metric)
{
	struct compared_trials trials = {.samples_least = NAN, .spoiled = ""};
	size_t bounds = 0;

	for (size_t i = 0; i < results->trial_count; i++) {
		const json_t *trial = results->trials[i];

		if (repeats_superseded(trial) || !results_trial_matches(trial, cell))
			continue;
		trials.failed += trial_ended_as(trial, OUTCOME_FAILED);
		if (trial_ended_as(trial, OUTCOME_INVALID)) {
			trials.invalid++;
			trials.spoiled = reason_of(trial);
		}
		if (!results_trial_counts(trial))
			continue;
		trials.counting++;
		trials.unsteady += json_find(json_object_get(trial, "notes"), "code", unsteady) !=
				   NULL;
		bounds += json_is_true(json_object_get(trial, "rate_is_lower_bound"));
		trials.samples_least = fmin(trials.samples_least, metric_responses(metric, trial));
	}
	trials.at_least = (double)bounds > BOUND_SHARE * (double)trials.counting;
	return trials;
}

/* Adds to the value of a block, which may be of a trial before this one. */
static void add_to_block(struct block_values *values, long block, double value)
{
	size_t i = values->count;

	while (i > 0 && values->blocks[i - 1] > block)
		i--;
	if (i > 0 && values->blocks[i - 1] == block) {
		values->values[i - 1] += value;
		return;
	}
	memmove(values->values + i + 1, values->values + i,
		(values->count - i) * sizeof *values->values);
	memmove(values->blocks + i + 1, values->blocks + i,
		(values->count - i) * sizeof *values->blocks);
	values->values[i] = value;
	values->blocks[i] = block;
	values->count++;
}

static int make_room(struct block_values *values, size_t count)
{
	*values = (struct block_values){.values = calloc(count + 1, sizeof *values->values),
					.blocks = calloc(count + 1, sizeof *values->blocks)};
	return values->values && values->blocks ? 0 : -ENOMEM;
}

/*
 * Events, block by block, and the requests among which they were. Trials that failed are among them, since
 * events such as errors are why they did; one that left no count has failed once.
 */
static int read_counts(struct block_values *events, struct block_values *requests,
		       const struct results *results, const struct cell *cell, const char *metric)
{
	int result = make_room(events, results->trial_count);

	if (result == 0)
		result = make_room(requests, results->trial_count);
	for (size_t i = 0; result == 0 && i < results->trial_count; i++) {
		const json_t *trial = results->trials[i];
		double count = json_number_of(json_object_get(trial, "metrics"), metric);
		double answered = metric_responses(metric, trial);
		bool failed = trial_ended_as(trial, OUTCOME_FAILED);
		long block = (long)json_integer_value(json_object_get(trial, "trial"));

		if (repeats_superseded(trial) || !results_trial_matches(trial, cell) ||
		    !(failed || (results_trial_counts(trial) && !isnan(count))))
			continue;
		count = fmax(isnan(count) ? 0 : count, failed);
		add_to_block(events, block, count);
		add_to_block(requests, block, fmax(1, count + (isnan(answered) ? 0 : answered)));
	}
	return result;
}

static enum comparison_scale scale_of(const json_t *descriptor)
{
	static const enum comparison_scale scales[METRIC_COMPARISONS] = {
		[METRIC_BY_RATIO] = COMPARISON_RATIO,
		[METRIC_BY_DIFFERENCE] = COMPARISON_DIFFERENCE,
		[METRIC_BY_COUNT] = COMPARISON_COUNT,
	};

	return scales[metric_compared_by(descriptor)];
}

static bool all_above_zero(const struct block_values *values)
{
	for (size_t i = 0; i < values->count; i++)
		if (!(values->values[i] > 0))
			return false;
	return true;
}

/* What is decided on: by logarithm or not, and turned so that more is worse. */
static double *turn_all(const struct compared_values *values, const struct block_values *of)
{
	double *turned = calloc(of->count + 1, sizeof *turned);

	for (size_t i = 0; turned && i < of->count; i++) {
		turned[i] = values->scale == COMPARISON_RATIO ? log(of->values[i]) : of->values[i];
		if (!values->more_is_worse)
			turned[i] = -turned[i];
	}
	return turned;
}

static int make_series(struct compared_values *values, bool paired)
{
	values->turned[0] = turn_all(values, &values->a);
	values->turned[1] = turn_all(values, &values->b);
	values->series = (struct decision_series){
		.a = {values->turned[0], values->requests[0].values, values->a.count},
		.b = {values->turned[1], values->requests[1].values, values->b.count},
		.paired = paired,
		.counted = values->scale == COMPARISON_COUNT,
	};
	return values->turned[0] && values->turned[1] ? 0 : -ENOMEM;
}

int compared_values_read(struct compared_values *values, const struct results *a,
			 const struct results *b, const struct compared_cell *cell,
			 const json_t *descriptor, bool paired)
{
	const char *metric = json_string_of(descriptor, "key");
	const struct results *sides[] = {a, b};
	const struct cell *cells[] = {&cell->a, &cell->b};
	struct block_values *of[] = {&values->a, &values->b};
	int result = 0;

	*values = (struct compared_values){
		.scale = scale_of(descriptor),
		.more_is_worse = strcmp(json_string_of(descriptor, "better"), "higher") != 0,
		.a_trials = count_trials(a, &cell->a, metric),
		.b_trials = count_trials(b, &cell->b, metric),
	};
	for (size_t i = 0; result == 0 && i < 2; i++)
		result = values->scale == COMPARISON_COUNT
				 ? read_counts(of[i], &values->requests[i], sides[i], cells[i],
					       metric)
				 : block_values_read(of[i], sides[i], cells[i], metric);
	if (result < 0)
		return result;
	values->a_had = values->a.count;
	values->b_had = values->b.count;
	if (paired)
		block_values_pair(&values->a, &values->b);
	if (paired && values->scale == COMPARISON_COUNT)
		block_values_pair(&values->requests[0], &values->requests[1]);
	if (values->scale == COMPARISON_RATIO &&
	    !(all_above_zero(&values->a) && all_above_zero(&values->b)))
		values->scale = COMPARISON_DIFFERENCE;
	return make_series(values, paired);
}

void compared_values_destroy(struct compared_values *values)
{
	block_values_destroy(&values->a);
	block_values_destroy(&values->b);
	for (size_t i = 0; i < 2; i++) {
		free(values->turned[i]);
		block_values_destroy(&values->requests[i]);
	}
	*values = (struct compared_values){0};
}

static double sum(const struct block_values *values)
{
	double all = 0;

	for (size_t i = 0; i < values->count; i++)
		all += values->values[i];
	return all;
}

static double value_of(const struct compared_values *values, const struct block_values *of,
		       const struct block_values *requests)
{
	if (of->count == 0)
		return NAN;
	if (values->scale == COMPARISON_COUNT)
		return sum(of) / sum(requests);
	return statistics_median(of->values, of->count);
}

double compared_values_of_a(const struct compared_values *values)
{
	return value_of(values, &values->a, &values->requests[0]);
}

double compared_values_of_b(const struct compared_values *values)
{
	return value_of(values, &values->b, &values->requests[1]);
}
