#include "stored/claims/missing.h"

#include "lib/json.h"
#include "stored/axis.h"
#include "stored/blocks/blocks.h"
#include "stored/codes.h"
#include "stored/ladder_end.h"
#include "stored/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The reason of the first trial of the cell that has one; "" if none has. */
static const char *first_reason(const struct results *results, const struct cell *cell)
{
	for (size_t i = 0; i < results->trial_count; i++) {
		const char *text = trial_first_reason(results->trials[i]);

		if (*text && results_trial_matches(results->trials[i], cell) &&
		    !results_trial_counts(results->trials[i]))
			return text;
	}
	return "";
}

/* Why the cell was skipped; of a step above a ladder's end what that was. "" if none was. */
static const char *skipped_because(const struct results *results, const struct cell *cell)
{
	const char *reason = first_reason(results, cell);
	struct cell ladder = *cell;
	struct ladder_end end;

	if (results_count_outcome(results, cell, outcome_name(OUTCOME_SKIPPED)) == 0)
		return "";
	ladder.point = NULL;
	end = ladder_find_end(results, &ladder);
	return isnan(end.next) || *end.text == '\0' ? reason : end.text;
}

/* Why a stored metric is null in the cell, as the trials say; NULL if none says. */
static const char *first_unavailable(const struct results *results, const struct cell *cell,
				     const char *metric)
{
	for (size_t i = 0; i < results->trial_count; i++) {
		const json_t *unavailable = json_object_get(results->trials[i], "unavailable");
		const char *text = json_string_value(json_object_get(unavailable, metric));

		if (text && results_trial_matches(results->trials[i], cell) &&
		    results_trial_counts(results->trials[i]))
			return text;
	}
	return NULL;
}

/*
 * What a run warned of when it began: "nginx is left out of hello: nginx is not installed (apt-get install nginx)", of a
 * server that left this part, or, `part` being NULL, of a part that left the run. NULL: of nothing like it.
 */
static const char *left_out(const struct results *results, const char *name, const char *part)
{
	const json_t *warning;
	char words[256];
	size_t i;

	snprintf(words, sizeof words, "%s is left out%s%s:", name, part ? " of " : "",
		 part ? part : "");
	json_array_foreach(json_object_get(results->run, "warnings"), i, warning)
	{
		const char *text = json_string_value(warning);

		if (text && strncmp(text, words, strlen(words)) == 0)
			return text;
	}
	return NULL;
}

const char *missing_part(const struct results *results, const char *part)
{
	return left_out(results, part, NULL);
}

/* Says why a cell has no value of the metric. `cell` has no connections if it is a slope. */
static void explain_missing(struct verdict *verdict, const struct results *results,
			    const struct cell *cell, const char *metric, const char *stored)
{
	const char *text = first_unavailable(results, cell, stored);
	const char *reason = first_reason(results, cell);
	size_t trials = 0, counting = 0;

	if (!text)
		text = first_unavailable(results, cell, metric);
	for (size_t i = 0; i < results->trial_count; i++) {
		if (!results_trial_matches(results->trials[i], cell))
			continue;
		trials++;
		counting += results_trial_counts(results->trials[i]);
	}
	if (!verdict->descriptor)
		verdict_set(verdict, VERDICT_NOT_TESTABLE, "This run has no metric %s.", metric);
	else if (trials == 0 && left_out(results, cell->server, cell->part))
		verdict_set(verdict, VERDICT_NOT_TESTABLE, "%s",
			    left_out(results, cell->server, cell->part));
	else if (trials == 0)
		verdict_set(verdict, VERDICT_NOT_TESTABLE, "No trial of %s was run for it.",
			    cell->server);
	else if (counting == 0 && *skipped_because(results, cell))
		verdict_set(verdict, VERDICT_NOT_TESTABLE, "%s", skipped_because(results, cell));
	else if (counting == 0 && trials == 1)
		verdict_set(verdict, VERDICT_NOT_TESTABLE,
			    "The only trial of %s failed or was invalid%s%s", cell->server,
			    *reason ? ": " : ".", reason);
	else if (counting == 0)
		verdict_set(verdict, VERDICT_NOT_TESTABLE,
			    "All %zu trials of %s failed or were invalid%s%s", trials, cell->server,
			    *reason ? ": " : ".", reason);
	else if (text)
		verdict_set(verdict, VERDICT_NOT_TESTABLE, "%s", text);
	else if (blocks_off_line(results, cell, metric) > BLOCKS_OFF_MOST)
		verdict_set(
			verdict, VERDICT_NOT_TESTABLE,
			"The points of %s lie %.0f %% off a line over connections, so it has no "
			"slope.",
			cell->server, 100 * blocks_off_line(results, cell, metric));
	else if (strcmp(stored, metric) != 0)
		verdict_set(verdict, VERDICT_NOT_TESTABLE,
			    "No block has %s at %d counts of connections%s, which its slope needs.",
			    cell->server, BLOCKS_SLOPE_POINTS,
			    metric_slope_from(verdict->descriptor) > 0 ? " of 1,000 and more" : "");
	else
		verdict_set(verdict, VERDICT_NOT_TESTABLE, "The trials of %s hold no %s.",
			    cell->server, metric);
}

void missing_explain(struct verdict *verdict, const struct results *results,
		     const struct cell *cell)
{
	const char *slope_of = metric_slope_of(verdict->descriptor);
	json_t *point = json_copy((json_t *)cell->point);
	struct cell whole = *cell;

	if (slope_of && point) {
		json_object_del(point, axis_at(AXIS_CONNECTIONS)->key);
		whole.point = point;
	}
	explain_missing(verdict, results, &whole, verdict->metric,
			slope_of ? slope_of : verdict->metric);
	json_decref(point);
}
