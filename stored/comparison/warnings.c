/* What a reader of a comparison should know besides its figures. */
#include "stored/comparison/parts.h"

#include "lib/json.h"
#include "lib/statistics/signed_rank.h"
#include "lib/units.h"
#include "stored/comparison/comparison.h"
#include "stored/environment.h"
#include "stored/metric.h"
#include "stored/comparison/noise.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int comparisons_warn(struct comparisons *comparisons, const char *format, ...)
{
	char **grown = reallocarray(comparisons->warnings, comparisons->warning_count + 1,
				    sizeof *grown);
	va_list values;
	int length;

	if (!grown)
		return -ENOMEM;
	comparisons->warnings = grown;
	va_start(values, format);
	length = vasprintf(&grown[comparisons->warning_count], format, values);
	va_end(values);
	comparisons->warning_count += length >= 0;
	return length < 0 ? -ENOMEM : 0;
}

static const json_t *environment_of(const struct results *results)
{
	return json_object_get(results->run, "environment");
}

int comparison_check_machines(const struct comparing *comparing, struct comparisons *comparisons,
			      struct error *error)
{
	const char *a = json_string_of(json_object_get(comparing->a->run, "load_generator"),
				       "build");
	const char *b = json_string_of(json_object_get(comparing->b->run, "load_generator"),
				       "build");
	char changes[700];
	int result = 0;

	if (environments_differ(environment_of(comparing->a), environment_of(comparing->b), changes,
				sizeof changes)) {
		if (!comparing->rules->any_machine)
			return error_set(error,
					 "A and B were not measured under the same conditions: %s "
					 "(--allow-different-machine compares them all the same)",
					 changes);
		result = comparisons_warn(comparisons,
					  "A and B were not measured under the same conditions: %s",
					  changes);
	}
	if (result == 0 && *a && *b && strcmp(a, b) != 0)
		result = comparisons_warn(comparisons,
					  "A and B were loaded by different builds of tenk-load");
	return result;
}

static const char *build_of(const struct results *results, const char *server)
{
	return json_string_of(json_find(json_object_get(results->run, "servers"), "name", server),
			      "build");
}

/* What is compared with itself shows noise, and nothing else. */
static int warn_of_same_build(const struct comparing *comparing, struct comparisons *comparisons)
{
	for (size_t i = 0; i < comparing->cells.count; i++) {
		const struct compared_cell *cell = &comparing->cells.items[i];
		const char *build = build_of(comparing->a, cell->a.server);

		if (!*build || strcmp(build, build_of(comparing->b, cell->b.server)) != 0 ||
		    strchr(cell->a.server, '/') || strchr(cell->b.server, '/'))
			return 0;
	}
	return comparisons_warn(comparisons, "A and B are the same program: what differs is noise");
}

/* How far each value is from the median of its side; owned by the caller. */
static double *scatter_of(const struct decision_sample *sample)
{
	double *scatter = calloc(sample->count + 1, sizeof *scatter);
	double middle = statistics_median(sample->values, sample->count);

	for (size_t i = 0; scatter && i < sample->count; i++)
		scatter[i] = fabs(sample->values[i] - middle);
	return scatter;
}

/*
 * Whether B scatters more, or less, than A, as a ratio; 0: it cannot be told. A change in steadiness is
 * none in the median, and may matter as much.
 */
static double compare_scatter(const struct decision_series *series)
{
	static const double surely = 0.001, much = 1.5;
	double *a = scatter_of(&series->a), *b = scatter_of(&series->b), ratio = 0;

	for (size_t i = 0; a && b && i < series->a.count; i++)
		b[i] -= a[i];
	if (a && b) {
		double more = signed_rank_p_greater(b, series->a.count, 0), less;
		double of_a = statistics_median(a, series->a.count);

		for (size_t i = 0; i < series->a.count; i++) {
			b[i] += a[i];
			a[i] -= b[i];
		}
		less = signed_rank_p_greater(a, series->a.count, 0);
		if (fmin(more, less) <= surely && of_a > 0)
			ratio = statistics_median(b, series->b.count) / of_a;
	}
	free(a);
	free(b);
	return ratio >= much || (ratio > 0 && ratio <= 1 / much) ? ratio : 0;
}

static int warn_of_steadiness(const struct comparing *comparing, struct comparisons *comparisons)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < comparing->count; i++) {
		const struct comparison_row *row = &comparing->rows[i];
		double ratio;

		if (!row->comparison.gating || !comparing->paired ||
		    row->values.scale != COMPARISON_RATIO)
			continue;
		ratio = compare_scatter(&row->values.series);
		if (ratio > 0)
			result = comparisons_warn(
				comparisons,
				"%s of B varies from block to block %.1f times as much as that of "
				"A (%s)",
				json_string_of(row->comparison.descriptor, "title"), ratio,
				row->comparison.cell);
	}
	return result;
}

/* Those that could have been told more finely, if it were not for the machine's noise. */
static int warn_of_noise(const struct comparing *comparing, struct comparisons *comparisons)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < comparing->count; i++) {
		const struct comparison *one = &comparing->rows[i].comparison;
		double floor = noise_floor(comparing->rules->noise, one->metric, one->cell,
					   one->pairs);
		char text[32];

		if (!one->gating || !(floor > 0) || one->smallest > floor)
			continue;
		units_format(one->scale == COMPARISON_RATIO ? UNIT_RATIO
							    : metric_unit(one->descriptor),
			     floor, text, sizeof text);
		result = comparisons_warn(
			comparisons,
			"%s (%s): with so many pairs the same program differs from itself by up to "
			"%s on this machine, so nothing smaller is called a change",
			json_string_of(one->descriptor, "title"), one->cell, text);
	}
	return result;
}

/* A rule of a policy that fits nothing is a mistyped one, or one for other runs. */
static int warn_of_rules(const struct comparing *comparing, struct comparisons *comparisons)
{
	const struct comparison_rules *rules = comparing->rules;
	int result = 0;

	for (size_t i = 0; result == 0 && i < rules->count; i++) {
		bool fits = !rules->items[i].origin;

		for (size_t j = 0; !fits && j < comparing->cells.count; j++)
			for (size_t k = 0; !fits && k < comparing->count; k++)
				fits = strcmp(comparing->rows[k].comparison.cell,
					      comparing->cells.items[j].name) == 0 &&
				       comparison_rule_fits(&rules->items[i],
							    &comparing->cells.items[j],
							    comparing->rows[k].comparison.metric);
		if (!fits)
			result = comparisons_warn(comparisons,
						  "%s fits nothing of what is compared",
						  rules->items[i].origin);
	}
	return result;
}

int comparison_warn(const struct comparing *comparing, struct comparisons *comparisons)
{
	int result = 0;
	bool gating = false;

	if (!comparing->paired)
		result = comparisons_warn(
			comparisons,
			"A and B were not measured side by side: what drifted between them is in "
			"every change here, so %s (tenk compare --run measures both in turns)",
			comparisons->gates ? "an alarm may be the machine's"
					   : "this informs and does not gate");
	if (result == 0)
		result = warn_of_same_build(comparing, comparisons);
	if (result == 0)
		result = warn_of_steadiness(comparing, comparisons);
	if (result == 0)
		result = warn_of_noise(comparing, comparisons);
	if (result == 0)
		result = warn_of_rules(comparing, comparisons);
	for (size_t i = 0; result == 0 && i < comparing->count; i++) {
		const struct comparison_row *row = &comparing->rows[i];

		gating |= row->comparison.gating;
		if (!row->comparison.gating && row->values.a_trials.at_least &&
		    row->values.b_trials.at_least &&
		    metric_may_be_lower_bound(row->comparison.descriptor))
			result = comparisons_warn(
				comparisons,
				"%s (%s) does not gate: neither side was driven to its limit",
				json_string_of(row->comparison.descriptor, "title"),
				row->comparison.cell);
	}
	if (result == 0 && !gating)
		result = comparisons_warn(comparisons,
					  "no metric that gates was measured on both sides");
	return result;
}
