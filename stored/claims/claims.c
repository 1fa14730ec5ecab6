#include "stored/claims/claims.h"

#include "lib/json.h"
#include "stored/axis.h"
#include "stored/claims/missing.h"
#include "stored/claims/names.h"
#include "stored/claims/question.h"
#include "stored/codes.h"
#include "stored/metric.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Runs are looked at together; a claim stands in a part of one of them. */
struct place {
	const struct results *runs;
	size_t run_count;
	const struct results *home;
	const char *scenario, *part;
};

static const json_t *part_find(const struct results *results, const char *scenario,
			       const char *part)
{
	const json_t *found = json_find(json_object_get(results->run, "scenarios"), "name",
					scenario);

	return json_find(json_object_get(found, "parts"), "name", part);
}

static const char *fingerprint_of(const struct results *results)
{
	return json_string_of(json_object_get(results->run, "environment"), "fingerprint");
}

/*
 * The run that has a part: the claim's own or, of the others, the last one that was made under the same conditions, else
 * the last one; NULL: none has.
 */
static const struct results *run_find(const struct place *place, const char *scenario,
				      const char *part)
{
	const struct results *found = NULL;

	if (place->home && part_find(place->home, scenario, part))
		return place->home;
	for (size_t i = place->run_count; i > 0; i--) {
		const struct results *run = &place->runs[i - 1];

		if (!part_find(run, scenario, part))
			continue;
		if (!place->home || strcmp(fingerprint_of(run), fingerprint_of(place->home)) == 0)
			return run;
		found = found ? found : run;
	}
	return found;
}

static void run_note(struct verdict *verdict, const struct results *results)
{
	for (size_t i = 0; i < verdict->run_count; i++)
		if (verdict->runs[i] == results)
			return;
	verdict->runs[verdict->run_count++] = results;
}

static void explain_not_run(struct verdict *verdict, const struct place *place,
			    const struct cell *cell)
{
	const char *warned = NULL;

	for (size_t i = place->run_count; i > 0 && !warned; i--)
		if (json_find(json_object_get(place->runs[i - 1].run, "scenarios"), "name",
			      cell->scenario))
			warned = missing_part(&place->runs[i - 1], cell->part);
	if (warned)
		verdict_set(verdict, VERDICT_NOT_TESTABLE, "%s", warned);
	else
		verdict_set(verdict, VERDICT_NOT_TESTABLE,
			    "Part %s of %s was not run for it: tenk run %s.", cell->part,
			    cell->scenario, cell->scenario);
}

/* Adds a cell to the question. False: the verdict is set. */
static bool cell_add(struct question *question, struct verdict *verdict, const struct place *place,
		     const json_t *object)
{
	const char *scenario = json_string_of(object, "scenario"),
		   *part = json_string_of(object, "part");
	const char *server = json_string_value(json_object_get(object, "server"));
	struct claimed_cell *cell;

	if (!server || question->cell_count == CLAIM_CELLS_MOST) {
		verdict_set(verdict, VERDICT_NOT_TESTABLE,
			    "The claim, as it is stored, names no server or too many.");
		return false;
	}
	cell = &question->cells[question->cell_count++];
	cell->cell = (struct cell){
		.scenario = *scenario ? scenario : place->scenario,
		.part = *part ? part : place->part,
		.server = server,
		.point = json_object_get(object, "point"),
	};
	cell->results = run_find(place, cell->cell.scenario, cell->cell.part);
	if (!cell->results) {
		explain_not_run(verdict, place, &cell->cell);
		return false;
	}
	run_note(verdict, cell->results);
	if (strcmp(fingerprint_of(cell->results), fingerprint_of(verdict->runs[0])) != 0) {
		verdict_set(verdict, VERDICT_NOT_TESTABLE,
			    "Its cells were measured under different conditions, so that they "
			    "cannot be set against each other: tenk run %s on the same machine.",
			    cell->cell.scenario);
		return false;
	}
	return true;
}

static bool cells_add(struct question *question, struct verdict *verdict, const struct place *place)
{
	static const struct {
		unsigned need;
		const char *key;
	} single[] = {{CLAIM_OF, "of"}, {CLAIM_OVER, "over"}};
	const json_t *cell;
	size_t i;

	for (i = 0; i < sizeof single / sizeof *single; i++)
		if (question->kind->needs & single[i].need &&
		    !cell_add(question, verdict, place,
			      json_object_get(question->claim, single[i].key)))
			return false;
	if (question->kind->needs & CLAIM_CELLS)
		json_array_foreach(json_object_get(question->claim, "cells"), i, cell)
		{
			if (!cell_add(question, verdict, place, cell))
				return false;
		}
	if (question->cell_count == 0)
		verdict_set(verdict, VERDICT_NOT_TESTABLE,
			    "The claim, as it is stored, names no server.");
	return question->cell_count > 0;
}

/* An end of the range; null is open. False: it is no number either. */
static bool range_end(const json_t *end, double open, double *value)
{
	*value = json_is_number(end) ? json_number_value(end) : open;
	return json_is_number(end) || json_is_null(end);
}

/* Takes a stored claim apart. False, with the verdict set, if this version cannot decide it. */
static bool question_make(struct question *question, struct verdict *verdict,
			  const struct place *place)
{
	const json_t *within = json_object_get(question->claim, "within");

	if (!question->kind) {
		verdict_set(verdict, VERDICT_NOT_TESTABLE,
			    "This version does not decide claims of kind \"%s\".",
			    json_string_of(question->claim, "kind"));
		return false;
	}
	if (!question->kind->decide) {
		verdict_set(verdict, VERDICT_NOT_TESTABLE, "%s",
			    json_string_of(question->claim, "why"));
		return false;
	}
	question->along = json_string_of(question->claim, "along");
	if (question->kind->needs & CLAIM_ALONG && axis_find(question->along) == AXIS_COUNT) {
		verdict_set(verdict, VERDICT_NOT_TESTABLE, "This version knows no axis \"%s\".",
			    question->along);
		return false;
	}
	if (!range_end(json_array_get(within, 0), -INFINITY, &question->within_low) ||
	    !range_end(json_array_get(within, 1), INFINITY, &question->within_high)) {
		verdict_set(verdict, VERDICT_NOT_TESTABLE,
			    "The claim, as it is stored, names no range.");
		return false;
	}
	return cells_add(question, verdict, place);
}

static enum unit_kind unit_of(const struct question *question, const json_t *descriptor)
{
	switch (question->kind ? question->kind->unit : CLAIM_UNIT_METRIC) {
	case CLAIM_UNIT_METRIC:
		return metric_unit(descriptor);
	case CLAIM_UNIT_SHARE:
		return UNIT_RATIO;
	case CLAIM_UNIT_AXIS:
		return axis_find(question->along) < AXIS_COUNT
			       ? units_kind_named(axis_at(axis_find(question->along))->unit)
			       : UNIT_COUNT;
	case CLAIM_UNIT_TIMES:
	case CLAIM_UNIT_SLOPE:
		break;
	}
	return UNIT_COUNT;
}

/* The trials of all cells, by their end. Of a slope over connections all counts of them belong to it. */
static void count_validity(const struct question *question, struct verdict *verdict)
{
	size_t *const counts[] = {
		[OUTCOME_OK] = &verdict->validity.ok,
		[OUTCOME_SATURATED] = &verdict->validity.saturated,
		[OUTCOME_FAILED] = &verdict->validity.failed,
		[OUTCOME_INVALID] = &verdict->validity.invalid,
		[OUTCOME_SKIPPED] = &verdict->validity.skipped,
	};

	for (size_t i = 0; i < question->cell_count; i++) {
		struct cell cell = question->cells[i].cell;
		json_t *point = cell.point ? json_copy((json_t *)cell.point) : NULL;

		if (metric_slope_of(verdict->descriptor))
			json_object_del(point, axis_at(AXIS_CONNECTIONS)->key);
		cell.point = point;
		for (size_t j = 0; question->cells[i].results && j < sizeof counts / sizeof *counts;
		     j++)
			*counts[j] += results_count_outcome(question->cells[i].results, &cell,
							    outcome_name((enum outcome)j));
		json_decref(point);
	}
}

/* Runs from before a claim said what its source means: of memory the sum. */
static const char *means_of(const json_t *claim)
{
	static const char sum[] = "total_per_connection_bytes";
	const json_t *metrics = json_object_get(claim, "metrics"), *metric;
	const char *means = json_string_of(claim, "means");
	size_t i;

	json_array_foreach(metrics, i, metric)
	{
		const char *key = json_string_value(metric);

		if (*means == '\0' && key && strcmp(key, sum) == 0)
			return sum;
	}
	metric = json_array_get(metrics, 0);
	return *means ? means : json_is_string(metric) ? json_string_value(metric) : "";
}

/* Of a run that was looked at several times, to end as soon as all is decided, each look has a share of alpha. */
static double confidence_of(const struct results *results)
{
	double looks = json_number_of(results->run, "looks");

	return looks > 1 ? 1 - (1 - CLAIM_CONFIDENCE) / looks : CLAIM_CONFIDENCE;
}

/* A percentile that the report does not show decides nothing either. */
static bool tail_tells(const struct claimed_cell *of, const char *metric, struct verdict *verdict)
{
	switch (results_tail(of->results, &of->cell, metric)) {
	case RESULTS_TAIL_THIN:
		verdict_set(verdict, VERDICT_NOT_TESTABLE,
			    "In a trial of %s only %.0f response times lie beyond that "
			    "percentile, and %d are the fewest that tell: a longer "
			    "duration or a higher rate has more.",
			    of->cell.server,
			    fmax(0, floor(results_samples_beyond(of->results, &of->cell, metric,
								 metric_percentile(metric)))),
			    RESULTS_TAIL_SAMPLES);
		return false;
	case RESULTS_TAIL_WITHHELD:
		verdict_set(verdict, VERDICT_NOT_TESTABLE,
			    "In most trials of %s the slowest answers were late by the load "
			    "generator's or the machine's doing, and the others are those that the "
			    "machine left alone: a quieter one would tell.",
			    of->cell.server);
		return false;
	case RESULTS_TAIL_TELLS:
		break;
	}
	return true;
}

static bool tails_tell(const struct question *question, struct verdict *verdict)
{
	for (size_t i = 0; i < question->cell_count; i++)
		if (!tail_tells(&question->cells[i], question->metric, verdict))
			return false;
	return true;
}

static void verdict_make(struct verdict *verdict, const struct place *place, const json_t *claim,
			 const char *metric)
{
	struct question question = {
		.kind = claim_kind_of(claim),
		.claim = claim,
		.metric = metric,
		.along = "",
		.seed = (uint64_t)json_integer_value(json_object_get(place->home->run, "seed")),
	};

	*verdict = (struct verdict){.claim = claim,
				    .of_kind = question.kind,
				    .home = place->home,
				    .scenario = place->scenario,
				    .part = place->part,
				    .metric = metric,
				    .descriptor = results_metric(place->home, metric),
				    .headline = strcmp(metric, means_of(claim)) == 0,
				    .kind = VERDICT_NOT_TESTABLE,
				    .confidence = confidence_of(place->home),
				    .accepted_low = NAN,
				    .accepted_high = NAN,
				    .estimate = NAN,
				    .low = NAN,
				    .high = NAN,
				    .factor = 1,
				    .factor_word = ""};
	bool made = question_make(&question, verdict, place);

	claim_name_cells(&question, verdict);
	if (made) {
		verdict->accepted_low = question.within_low;
		verdict->accepted_high = question.within_high;
		if (!verdict->descriptor)
			verdict->descriptor = results_metric(question.cells[0].results, metric);
		if (tails_tell(&question, verdict))
			question.kind->decide(&question, verdict);
	}
	if (verdict->run_count == 0)
		run_note(verdict, place->home);
	verdict->unit = unit_of(&question, verdict->descriptor);
	count_validity(&question, verdict);
}

/* The verdicts of one claim, the one that counts first; with NULL it only counts. Returns their number. */
static size_t claim_evaluate(const struct place *place, const json_t *claim,
			     struct verdict *verdicts)
{
	const json_t *metrics = json_object_get(claim, "metrics"), *metric;
	const char *means = means_of(claim);
	size_t count = 0, i;

	for (int headline = 1; headline >= 0; headline--)
		json_array_foreach(metrics, i, metric)
		{
			const char *key = json_string_value(metric);

			if (!key || (strcmp(key, means) == 0) != headline)
				continue;
			if (verdicts)
				verdict_make(&verdicts[count], place, claim, key);
			count++;
		}
	return count;
}

/* Of each claim of the runs; with NULL it only counts. */
static size_t each_verdict(const struct results *runs, size_t run_count, struct verdict *verdicts)
{
	struct place place = {.runs = runs, .run_count = run_count};
	const json_t *scenario, *part, *claim;
	size_t count = 0, i, j, k;

	for (place.home = runs; place.home < runs + run_count; place.home++)
		json_array_foreach(json_object_get(place.home->run, "scenarios"), i, scenario)
			json_array_foreach(json_object_get(scenario, "parts"), j, part)
				json_array_foreach(json_object_get(part, "claims"), k, claim)
		{
			/* A missing name is "": that matches no trial, whereas NULL would match every one. */
			place.scenario = json_string_of(scenario, "name");
			place.part = json_string_of(part, "name");
			count += claim_evaluate(&place, claim, verdicts ? verdicts + count : NULL);
		}
	return count;
}

long claims_evaluate(const struct results *runs, size_t run_count, struct verdict **verdicts)
{
	size_t count = each_verdict(runs, run_count, NULL);

	*verdicts = calloc(count + 1, sizeof **verdicts);
	if (!*verdicts)
		return -ENOMEM;
	return (long)each_verdict(runs, run_count, *verdicts);
}

long claims_evaluate_one(const json_t *claim, const char *scenario, const char *part,
			 const struct results *runs, size_t run_count, struct verdict **verdicts)
{
	struct place place = {runs, run_count, NULL, scenario, part};
	size_t count = claim_evaluate(&place, claim, NULL);

	place.home = run_find(&place, scenario, part);
	*verdicts = calloc(count + 1, sizeof **verdicts);
	if (!*verdicts)
		return -ENOMEM;
	if (!place.home && run_count > 0)
		place.home = &runs[run_count - 1];
	return place.home ? (long)claim_evaluate(&place, claim, *verdicts) : 0;
}

json_t *claims_to_json(const struct results *runs, size_t run_count)
{
	struct verdict *verdicts = NULL;
	long count = claims_evaluate(runs, run_count, &verdicts);
	json_t *list = count < 0 ? NULL : json_array();

	for (long i = 0; i < count; i++)
		json_array_append_new(list, verdict_to_json(&verdicts[i]));
	if (count >= 0)
		free(verdicts);
	return list;
}
