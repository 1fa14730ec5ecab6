#include "stored/comparison/comparison.h"

#include "lib/statistics/decision.h"
#include "lib/json.h"
#include "stored/comparison/parts.h"
#include "stored/metric.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *comparison_outcome_name(enum comparison_outcome outcome)
{
	static const char *const names[] = {
		[COMPARISON_OK] = "ok",
		[COMPARISON_IMPROVEMENT] = "improvement",
		[COMPARISON_INCONCLUSIVE] = "inconclusive",
		[COMPARISON_REGRESSION] = "regression",
		[COMPARISON_INVALID] = "invalid",
	};

	return names[outcome];
}

bool comparison_more_is_worse(const struct comparison *comparison)
{
	return strcmp(json_string_of(comparison->descriptor, "better"), "higher") != 0;
}

static bool is_compared(const json_t *descriptor)
{
	return strcmp(json_string_of(descriptor, "better"), "none") != 0 &&
	       strcmp(json_string_of(descriptor, "group"), "apparatus") != 0;
}

static int add_row(struct comparing *comparing, const struct compared_cell *cell,
		   const json_t *descriptor)
{
	struct comparison_row *grown = reallocarray(comparing->rows, comparing->count + 1,
						    sizeof *comparing->rows);
	int result;

	if (!grown)
		return -ENOMEM;
	comparing->rows = grown;
	result = comparison_row_make(&grown[comparing->count], comparing->a, comparing->b, cell,
				     descriptor, comparing->rules, comparing->paired);
	if (result == -ENODATA)
		return 0;
	comparing->count += result == 0;
	return result;
}

static int make_rows(struct comparing *comparing)
{
	const json_t *metrics = json_object_get(comparing->b->run, "metrics"), *descriptor;
	int result = 0;
	size_t j;

	for (size_t i = 0; i < comparing->cells.count; i++)
		json_array_foreach(metrics, j, descriptor)
		{
			const struct compared_cell *cell = &comparing->cells.items[i];

			if (result == 0 && is_compared(descriptor) &&
			    cell->slopes == (metric_slope_of(descriptor) != NULL) &&
			    results_metric(comparing->a, json_string_of(descriptor, "key")))
				result = add_row(comparing, cell, descriptor);
		}
	return result;
}

/* The gating ones first, else as they were. */
static int put_in_order(struct comparing *comparing)
{
	struct comparison_row *sorted = calloc(comparing->count + 1, sizeof *sorted);
	size_t count = 0;

	if (!sorted)
		return -ENOMEM;
	for (int gating = 1; gating >= 0; gating--)
		for (size_t i = 0; i < comparing->count; i++)
			if (comparing->rows[i].comparison.gating == gating)
				sorted[count++] = comparing->rows[i];
	free(comparing->rows);
	comparing->rows = sorted;
	/* They borrow from themselves, and have not moved: only what holds them has. */
	return 0;
}

/* Those that gate are one family; what advises is looked at one by one. */
static int decide_rows(struct comparing *comparing)
{
	size_t looks = comparing->rules->looks ? comparing->rules->looks : 1, family = 0;
	struct decision_series *series = calloc(comparing->count + 1, sizeof *series);
	struct decision *decisions = calloc(comparing->count + 1, sizeof *decisions);
	int result = series && decisions ? 0 : -ENOMEM;

	for (size_t i = 0; result == 0 && i < comparing->count; i++) {
		series[i] = comparing->rows[i].values.series;
		family += comparing->rows[i].comparison.gating;
	}
	if (result == 0 && family > 0)
		result = decide(series, family, looks, decisions);
	for (size_t i = family; result == 0 && i < comparing->count; i++)
		result = decide(&series[i], 1, looks, &decisions[i]);
	for (size_t i = 0; result == 0 && i < comparing->count; i++)
		comparison_row_conclude(&comparing->rows[i], &decisions[i],
					i < family ? family : 1);
	free(series);
	free(decisions);
	return result;
}

static enum comparison_outcome overall(const struct comparing *comparing)
{
	enum comparison_outcome worst = COMPARISON_OK;
	bool any = false;

	for (size_t i = 0; i < comparing->count; i++) {
		const struct comparison *one = &comparing->rows[i].comparison;

		if (!one->gating)
			continue;
		any = true;
		if (!one->accepted && one->outcome > worst)
			worst = one->outcome;
	}
	return any ? worst : COMPARISON_INCONCLUSIVE;
}

/* What people call a side: its subject, with its revision if it is a build, and, where the runs differ, its run. */
static char *label_side(const struct results *results, const char *subject, bool same_run)
{
	enum { REVISION_SHOWN = 10 };
	const char *id = json_string_of(results->run, "id"), *revision;
	char *label = NULL;

	if (subject && *subject == '@')
		subject++;
	revision = json_string_of(
		json_find(json_object_get(results->run, "builds"), "label", subject ? subject : ""),
		"revision");
	if (asprintf(&label, "%s%s%.*s%s%s%s", subject ? subject : "", *revision ? " (" : "",
		     REVISION_SHOWN, revision, *revision ? ")" : "",
		     subject && !same_run ? " of " : "", subject && same_run ? "" : id) < 0)
		return NULL;
	return label;
}

/* Hands the rows over; only what they hold besides goes. */
static int hand_over(struct comparing *comparing, struct comparisons *comparisons)
{
	comparisons->items = calloc(comparing->count + 1, sizeof *comparisons->items);
	if (!comparisons->items)
		return -ENOMEM;
	for (size_t i = 0; i < comparing->count; i++) {
		struct comparison *one = &comparing->rows[i].comparison;

		one->gating &= comparisons->gates;
		comparisons->items[i] = *one;
		one->cell = NULL;
	}
	comparisons->count = comparing->count;
	return 0;
}

static int compare(struct comparing *comparing, struct comparisons *comparisons)
{
	int result = make_rows(comparing);

	if (result == 0)
		result = put_in_order(comparing);
	if (result == 0)
		result = decide_rows(comparing);
	if (result < 0)
		return result;
	comparisons->paired = comparing->paired;
	comparisons->gates = comparing->paired || comparing->rules->unpaired_gates;
	comparisons->outcome = overall(comparing);
	result = comparison_warn(comparing, comparisons);
	return result < 0 ? result : hand_over(comparing, comparisons);
}

int comparisons_make(struct comparisons *comparisons, const struct results *a,
		     const char *a_subject, const struct results *b, const char *b_subject,
		     const struct comparison_rules *rules, struct error *error)
{
	static const struct comparison_rules as_described = {.looks = 1};
	struct comparing comparing = {.a = a,
				      .b = b,
				      .rules = rules ? rules : &as_described,
				      .paired = a == b || strcmp(a->directory, b->directory) == 0};
	int result;

	*comparisons = (struct comparisons){0};
	if (comparing.paired && (!a_subject || !b_subject || strcmp(a_subject, b_subject) == 0))
		return error_set(error, "A and B are the same: name two subjects of the run");
	result = comparison_check_machines(&comparing, comparisons, error);
	if (result == -EINVAL)
		return result;
	comparisons->a_label = label_side(a, a_subject, comparing.paired);
	comparisons->b_label = label_side(b, b_subject, comparing.paired);
	if (result == 0 && !(comparisons->a_label && comparisons->b_label))
		result = -ENOMEM;
	if (result == 0) {
		result = compared_cells_find(&comparing.cells, a, a_subject, b, b_subject, error);
		if (result == 0)
			result = compare(&comparing, comparisons);
		for (size_t i = 0; i < comparing.count; i++)
			comparison_row_destroy(&comparing.rows[i]);
		free(comparing.rows);
		compared_cells_destroy(&comparing.cells);
	}
	if (result == -ENOMEM)
		error_set(error, "out of memory");
	return result;
}

void comparisons_destroy(struct comparisons *comparisons)
{
	for (size_t i = 0; i < comparisons->count; i++)
		free(comparisons->items[i].cell);
	free(comparisons->items);
	for (size_t i = 0; i < comparisons->warning_count; i++)
		free(comparisons->warnings[i]);
	free(comparisons->warnings);
	free(comparisons->a_label);
	free(comparisons->b_label);
	*comparisons = (struct comparisons){0};
}
