#include "stored/comparison/row.h"

#include "lib/json.h"
#include "lib/utf8.h"
#include "stored/metric.h"
#include "stored/comparison/noise.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More of them say that what was measured had not settled. */
#define UNSTEADY_SHARE 0.2

/* A percentile needs so many samples beyond it in every trial. */
#define SAMPLES_BEYOND 20

static void say(struct comparison *comparison, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct comparison *comparison, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(comparison->why, sizeof comparison->why, format, arguments);
	va_end(arguments);
	utf8_mend(comparison->why); /* it may have been cut within a character */
}

static bool matches(const char *pattern, const char *name)
{
	return !pattern || fnmatch(pattern, name, 0) == 0;
}

static bool matches_point(const json_t *wanted, const json_t *point)
{
	const char *axis;
	json_t *value;

	json_object_foreach((json_t *)wanted, axis, value)
	{
		if (json_number_of(point, axis) != json_number_value(value))
			return false;
	}
	return true;
}

bool comparison_rule_fits(const struct comparison_rule *rule, const struct compared_cell *cell,
			  const char *metric)
{
	return matches(rule->metric, metric) && matches(rule->server, cell->server) &&
	       matches(rule->scenario, cell->b.scenario) && matches(rule->part, cell->b.part) &&
	       (!rule->cell || strcmp(rule->cell, cell->name) == 0) &&
	       matches_point(rule->point, cell->point);
}

/* What applies to a row of what a policy says of one thing; NULL: nothing does. */
static const struct comparison_rule *find_rule(const struct comparison_rules *rules,
					       const struct compared_cell *cell, const char *metric,
					       bool (*says)(const struct comparison_rule *))
{
	for (size_t i = rules->count; i-- > 0;) {
		const struct comparison_rule *rule = &rules->items[i];

		if (says(rule) && comparison_rule_fits(rule, cell, metric))
			return rule;
	}
	return NULL;
}

static bool says_smallest(const struct comparison_rule *rule)
{
	return !isnan(rule->smallest);
}

static bool says_gate(const struct comparison_rule *rule)
{
	return rule->gate != COMPARISON_AS_DESCRIBED;
}

static bool says_accepted(const struct comparison_rule *rule)
{
	return rule->accepted != NULL;
}

/*
 * Response times are compared at an offered rate, and rates where none was offered: a closed loop's response
 * time is its rate once more, and the rate of an open loop is what was offered.
 */
static bool gates(const json_t *descriptor, const struct compared_cell *cell,
		  const struct compared_values *values)
{
	const char *group = json_string_of(descriptor, "group");

	if (!json_is_true(json_object_get(descriptor, "gating")))
		return false;
	if (strcmp(group, "latency") == 0)
		return cell->open_loop;
	/* Where connections only rest there is too little that could go wrong. */
	if (values->scale == COMPARISON_COUNT && isnan(values->a_trials.samples_least) &&
	    isnan(values->b_trials.samples_least))
		return false;
	return !(metric_may_be_lower_bound(descriptor) && cell->open_loop);
}

static bool has_too_few_samples(const struct compared_values *values, const char *metric)
{
	double percentile = metric_percentile(metric);
	double samples = fmin(values->a_trials.samples_least, values->b_trials.samples_least);

	return !isnan(percentile) && samples * (1 - percentile) < SAMPLES_BEYOND;
}

/* Where every trial of both sides is invalid it cannot be told what would have been measured. */
static bool has_anything(const struct compared_values *values, const json_t *descriptor)
{
	const struct compared_trials *a = &values->a_trials, *b = &values->b_trials;

	return values->a_had + values->b_had > 0 ||
	       (a->counting + b->counting == 0 && a->invalid + b->invalid > 0 &&
		json_is_true(json_object_get(descriptor, "gating")));
}

/* The smallest change that matters, on the scale of struct comparison. */
static double find_smallest(const struct compared_values *values, const json_t *descriptor,
			    const struct comparison_rule *rule)
{
	double absolute = metric_smallest_absolute(descriptor);
	double ratio = metric_smallest_difference(descriptor);

	if (rule)
		return rule->smallest;
	if (values->scale == COMPARISON_RATIO)
		return ratio;
	if (values->scale == COMPARISON_COUNT)
		return absolute;
	return fmax(absolute, ratio * fabs(compared_values_of_a(values)));
}

static void set_smallest(struct comparison_row *row)
{
	struct decision_series *series = &row->values.series;
	double smallest = row->comparison.smallest;

	if (row->values.scale == COMPARISON_RATIO)
		series->smallest = log1p(smallest);
	else if (row->values.scale == COMPARISON_DIFFERENCE)
		series->smallest = smallest;
	else /* no rise of the rate matters that is in this ratio */
		series->smallest = log1p(metric_smallest_difference(row->comparison.descriptor));
	series->smallest_rise = row->values.scale == COMPARISON_COUNT ? smallest : 0;
}

/* Neither side was driven to its limit: what was measured is the generator. */
static bool is_nobodys_rate(const struct comparison_row *row)
{
	return metric_may_be_lower_bound(row->comparison.descriptor) &&
	       row->values.a_trials.at_least && row->values.b_trials.at_least;
}

int comparison_row_make(struct comparison_row *row, const struct results *a,
			const struct results *b, const struct compared_cell *cell,
			const json_t *descriptor, const struct comparison_rules *rules, bool paired)
{
	const char *metric = json_string_of(descriptor, "key");
	struct comparison *comparison = &row->comparison;
	struct compared_values *values = &row->values;
	const struct comparison_rule *gate = find_rule(rules, cell, metric, says_gate);
	const struct comparison_rule *accepted = find_rule(rules, cell, metric, says_accepted);
	int result;

	*row = (struct comparison_row){0};
	result = compared_values_read(values, a, b, cell, descriptor, paired);
	if (result == 0 &&
	    (!has_anything(values, descriptor) || has_too_few_samples(values, metric)))
		result = -ENODATA;
	if (result == 0 && !(comparison->cell = strdup(cell->name)))
		result = -ENOMEM;
	if (result < 0) {
		compared_values_destroy(values);
		return result;
	}
	comparison->metric = metric;
	comparison->descriptor = descriptor;
	comparison->scale = values->scale;
	comparison->gating = gate && gate->gate != COMPARISON_GATES_AS_DESCRIBED
				     ? gate->gate == COMPARISON_GATES
				     : gates(descriptor, cell, values);
	if (is_nobodys_rate(row))
		comparison->gating = false;
	comparison->accepted = accepted != NULL; /* if it is a regression */
	if (accepted) {
		row->accepted_up_to = accepted->accepted_up_to;
		say(comparison, "%s", accepted->accepted);
	}
	comparison->a = compared_values_of_a(values);
	comparison->b = compared_values_of_b(values);
	comparison->pairs = values->a.count < values->b.count ? values->a.count : values->b.count;
	comparison->smallest = find_smallest(values, descriptor,
					     find_rule(rules, cell, metric, says_smallest));
	comparison->smallest =
		fmax(comparison->smallest,
		     noise_floor(rules->noise, metric, cell->name, comparison->pairs));
	set_smallest(row);
	return 0;
}

void comparison_row_destroy(struct comparison_row *row)
{
	free(row->comparison.cell);
	compared_values_destroy(&row->values);
}

/* From how much worse B is, on the scale of the series, to B against A. */
static double as_change(const struct comparison_row *row, double worse)
{
	double signed_change = row->values.more_is_worse ? worse : -worse;

	if (isinf(worse) || row->values.scale != COMPARISON_RATIO)
		return signed_change;
	return expm1(signed_change);
}

static void take_figures(struct comparison_row *row, const struct decision *decision)
{
	struct comparison *comparison = &row->comparison;
	double low = as_change(row, decision->low), high = as_change(row, decision->high);

	comparison->change = as_change(row, decision->estimate);
	comparison->low = fmin(low, high);
	comparison->high = fmax(low, high);
	comparison->coverage = decision->coverage;
	comparison->p = decision->p;
	comparison->p_adjusted = decision->p_adjusted;
	comparison->sign_p = decision->sign_p;
	comparison->pairs_needed = decision->pairs_needed;
	comparison->detectable = row->values.scale == COMPARISON_RATIO ? expm1(decision->detectable)
								       : decision->detectable;
}

static void set_inconclusive(struct comparison *comparison)
{
	comparison->outcome = COMPARISON_INCONCLUSIVE;
	comparison->pairs_needed = 0;
}

/*
 * A rate that a server was not driven to is "at least": of A then B is at least so much worse, of B at most.
 * What such a bound cannot decide is open, and more pairs would not close it.
 */
static void respect_bounds(struct comparison_row *row)
{
	struct comparison *comparison = &row->comparison;
	bool a = row->values.a_trials.at_least, b = row->values.b_trials.at_least;

	if (!metric_may_be_lower_bound(comparison->descriptor) || !(a || b))
		return;
	/* More is better: B's part of A is then at most, or at least, what was seen. */
	if (a)
		comparison->low = -INFINITY;
	if (b)
		comparison->high = INFINITY;
	if (b)
		comparison->p = comparison->p_adjusted = comparison->sign_p = NAN;
	if (a && b) {
		set_inconclusive(comparison);
		say(comparison,
		    "Neither side was driven to its limit: both rates are \"at least\".");
	} else if (a && comparison->outcome != COMPARISON_REGRESSION) {
		set_inconclusive(comparison);
		say(comparison,
		    "The base was not driven to its limit: its rate is \"at least\", and B "
		    "may be worse than it seems.");
	} else if (b && comparison->outcome == COMPARISON_REGRESSION) {
		set_inconclusive(comparison);
		say(comparison,
		    "B was not driven to its limit: its rate is \"at least\", and need be "
		    "no worse than the base's.");
	}
}

static double unsteady_share(const struct compared_trials *trials)
{
	return trials->counting ? (double)trials->unsteady / (double)trials->counting : 0;
}

/* Memory and counts have no course in time that could be unsteady. */
static void respect_unsteadiness(struct comparison_row *row)
{
	struct comparison *comparison = &row->comparison;
	const struct compared_trials *a = &row->values.a_trials, *b = &row->values.b_trials;

	if (row->values.scale != COMPARISON_RATIO ||
	    (unsteady_share(a) <= UNSTEADY_SHARE && unsteady_share(b) <= UNSTEADY_SHARE))
		return;
	set_inconclusive(comparison);
	say(comparison,
	    "More than a fifth of the trials were unsteady: %zu of %zu of the base, %zu of %zu of B; a "
	    "longer warm-up may help.",
	    a->unsteady, a->counting, b->unsteady, b->counting);
}

/* No value on one side, or none in the same block: by its own fault, or the apparatus'. */
static void explain_nothing(struct comparison_row *row)
{
	struct comparison *comparison = &row->comparison;
	const struct compared_trials *a = &row->values.a_trials, *b = &row->values.b_trials;

	comparison->change = comparison->low = comparison->high = NAN;
	set_inconclusive(comparison);
	if (b->failed && !b->counting)
		say(comparison, "All trials of B failed: there is nothing to compare.");
	else if (a->failed && !a->counting)
		say(comparison, "All trials of the base failed: there is nothing to compare.");
	else if (a->failed || b->failed)
		say(comparison,
		    "No block has a value of both: %zu trials of the base and %zu of B failed.",
		    a->failed, b->failed);
	else if (!a->invalid && !b->invalid)
		say(comparison, "%s.",
		    row->values.a_had && row->values.b_had ? "No block has values of both sides"
							   : "Only one side has values");
	else {
		comparison->outcome = COMPARISON_INVALID;
		say(comparison, "No block is valid on both sides: %s.",
		    *b->spoiled ? b->spoiled : a->spoiled);
	}
}

static void explain_inconclusive(struct comparison_row *row, size_t family)
{
	struct comparison *comparison = &row->comparison;
	const char *unit = row->values.series.paired ? "pairs" : "trials a side";
	size_t least = decision_least_pairs(family);

	if (comparison->pairs < least) {
		comparison->pairs_needed = least > comparison->pairs_needed
						   ? least
						   : comparison->pairs_needed;
		say(comparison,
		    "%zu %s, and %zu are the fewest that can decide; about %zu would "
		    "probably be enough.",
		    comparison->pairs, unit, least, comparison->pairs_needed);
	} else if (comparison->pairs_needed) {
		say(comparison,
		    "The interval reaches across the smallest change that matters; about %zu %s "
		    "would probably decide.",
		    comparison->pairs_needed, unit);
	} else {
		say(comparison,
		    "The interval reaches across the smallest change that matters; no "
		    "reasonable number of %s would decide.",
		    unit);
	}
}

void comparison_row_conclude(struct comparison_row *row, const struct decision *decision,
			     size_t family)
{
	static const enum comparison_outcome outcomes[] = {
		[DECISION_OK] = COMPARISON_OK,
		[DECISION_IMPROVEMENT] = COMPARISON_IMPROVEMENT,
		[DECISION_INCONCLUSIVE] = COMPARISON_INCONCLUSIVE,
		[DECISION_REGRESSION] = COMPARISON_REGRESSION,
	};
	struct comparison *comparison = &row->comparison;

	take_figures(row, decision);
	comparison->outcome = outcomes[decision->outcome];
	if (comparison->pairs == 0)
		explain_nothing(row);
	else if (comparison->outcome == COMPARISON_INCONCLUSIVE)
		explain_inconclusive(row, family);
	if (comparison->pairs > 0) {
		respect_unsteadiness(row);
		respect_bounds(row);
	}
	if (comparison->outcome != COMPARISON_REGRESSION ||
	    (row->accepted_up_to > 0 && fabs(comparison->change) > row->accepted_up_to))
		comparison->accepted = false;
	if (comparison->outcome < COMPARISON_INCONCLUSIVE ||
	    (comparison->outcome == COMPARISON_REGRESSION && !comparison->accepted))
		comparison->why[0] = '\0';
}
