/*
 * OpenMetrics' text format 1.0 (prometheus.io/docs/specs/om): B's and A's values, a family for each
 * metric in its base unit; change, interval and pairs; the outcome as a state.
 */
#include "report/compare/format.h"
#include "report/compare/words.h"

#include "lib/json.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "tenk_"

/* How a unit of results/SCHEMA.md ends a key, and what OpenMetrics calls it: base units. */
static const struct unit_name {
	const char *unit, *suffix, *base;
	double factor;
} unit_names[] = {
	{"ns", "_ns", "seconds", 1e-9},
	{"bytes", "_bytes", "bytes", 1},
	{"ratio", "_ratio", "ratio", 1},
};

/* Of its key, without the kind of request that it is of: the label has it whole. */
static size_t name_length(const struct comparison *one)
{
	return strcspn(one->metric, "@");
}

/* NULL: it has no unit, as a count. */
static const struct unit_name *unit_of(const struct comparison *one)
{
	const char *unit = json_string_of(one->descriptor, "unit");
	size_t length = name_length(one);

	for (size_t i = 0; i < sizeof unit_names / sizeof *unit_names; i++) {
		size_t suffix = strlen(unit_names[i].suffix);

		if (strcmp(unit_names[i].unit, unit) == 0 && length > suffix &&
		    strncmp(one->metric + length - suffix, unit_names[i].suffix, suffix) == 0)
			return &unit_names[i];
	}
	return NULL;
}

/* The family of a metric: of its key what a name may have, with the base unit at its end. */
static void append_family(struct text_buffer *out, const struct comparison *one)
{
	const struct unit_name *unit = unit_of(one);
	size_t length = name_length(one) - (unit ? strlen(unit->suffix) : 0);

	text_append(out, PREFIX);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)one->metric[i];

		text_append_bytes(out, c < 0x80 && isalnum(c) ? one->metric + i : "_", 1);
	}
	if (unit)
		text_append_format(out, "_%s", unit->base);
}

static void append_escaped(struct text_buffer *out, const char *text)
{
	struct text_buffer clean = {0};

	words_append(&clean, text);
	for (const char *at = text_string(&clean); *at; at++) {
		if (*at == '"' || *at == '\\')
			text_append(out, "\\");
		text_append_bytes(out, at, 1);
	}
	text_destroy(&clean);
}

/* In the order that the specification wants. */
static void append_descriptor(struct text_buffer *out, const char *family, const char *type,
			      const char *unit, const char *help)
{
	text_append_format(out, "# TYPE %s %s\n", family, type);
	if (unit)
		text_append_format(out, "# UNIT %s %s\n", family, unit);
	text_append_format(out, "# HELP %s ", family);
	append_escaped(out, help);
	text_append(out, "\n");
}

static void append_label(struct text_buffer *out, const char *name, const char *value)
{
	text_append_format(out, ",%s=\"", name);
	append_escaped(out, value);
	text_append(out, "\"");
}

/* A sample of a comparison; one more label unless it is NULL. What is not known has none. */
static void append_sample(struct text_buffer *out, const char *family, const struct comparison *one,
			  const char *label, const char *label_value, double value)
{
	if (isnan(value))
		return;
	text_append_format(out, "%s{metric=\"", family);
	append_escaped(out, one->metric);
	text_append(out, "\"");
	append_label(out, "cell", one->cell);
	if (label)
		append_label(out, label, label_value);
	if (isinf(value))
		text_append(out, value > 0 ? "} +Inf\n" : "} -Inf\n");
	else
		text_append_format(out, "} %.15g\n", value);
}

/* A family's samples stand together, so keys that become one name do too. */
static void append_values(struct text_buffer *out, const struct comparisons *comparisons,
			  size_t first)
{
	const struct unit_name *unit = unit_of(&comparisons->items[first]);
	struct text_buffer family = {0}, other = {0};

	append_family(&family, &comparisons->items[first]);
	for (size_t i = 0; i < comparisons->count; i++) {
		const struct comparison *one = &comparisons->items[i];
		double factor = unit ? unit->factor : 1;

		text_destroy(&other);
		append_family(&other, one);
		if (strcmp(text_string(&other), text_string(&family)) != 0)
			continue;
		if (i < first)
			break;
		if (i == first)
			append_descriptor(out, text_string(&family), "gauge",
					  unit ? unit->base : NULL, words_metric(one));
		append_sample(out, text_string(&family), one, "side", "a", one->a * factor);
		append_sample(out, text_string(&family), one, "side", "b", one->b * factor);
	}
	text_destroy(&family);
	text_destroy(&other);
}

/* Three of each: as B is to A, and the bounds. */
static void append_changes(struct text_buffer *out, const struct comparisons *comparisons,
			   bool ratio)
{
	const char *family = ratio ? PREFIX "compare_change_ratio" : PREFIX "compare_difference";
	bool any = false;

	for (size_t i = 0; i < comparisons->count; i++) {
		const struct comparison *one = &comparisons->items[i];

		if ((one->scale == COMPARISON_RATIO) != ratio)
			continue;
		if (!any && ratio)
			append_descriptor(out, family, "gauge", "ratio",
					  "B against A, a ratio less 1");
		else if (!any)
			append_descriptor(out, family, "gauge", NULL,
					  "B less A, in the unit that the metric's key ends in");
		any = true;
		append_sample(out, family, one, "bound", "low", one->low);
		append_sample(out, family, one, "bound", "estimate", one->change);
		append_sample(out, family, one, "bound", "high", one->high);
		append_sample(out, family, one, "bound", "smallest_that_matters", one->smallest);
		append_sample(out, family, one, "bound", "detectable", one->detectable);
	}
}

static void append_pairs(struct text_buffer *out, const struct comparisons *comparisons)
{
	const char *family = PREFIX "compare_pairs";

	if (comparisons->count > 0)
		append_descriptor(out, family, "gauge", NULL, "Pairs of A and B behind the change");
	for (size_t i = 0; i < comparisons->count; i++)
		append_sample(out, family, &comparisons->items[i], NULL, NULL,
			      (double)comparisons->items[i].pairs);
}

static void append_outcomes(struct text_buffer *out, const struct comparisons *comparisons)
{
	const char *family = PREFIX "compare_outcome";

	if (comparisons->count > 0)
		append_descriptor(out, family, "stateset", NULL, "What the comparison came to");
	for (size_t i = 0; i < comparisons->count; i++) {
		const struct comparison *one = &comparisons->items[i];

		for (int state = COMPARISON_OK; state <= COMPARISON_INVALID; state++)
			append_sample(out, family, one, family, comparison_outcome_name(state),
				      one->outcome == (enum comparison_outcome)state);
	}
}

int compare_write_openmetrics(FILE *out, const struct comparisons *comparisons)
{
	struct text_buffer text = {0};

	append_descriptor(&text, PREFIX "compare", "info", NULL, "What was compared");
	text_append(&text, PREFIX "compare_info{version=\"" TENK_VERSION "\"");
	append_label(&text, "a", comparisons->a_label);
	append_label(&text, "b", comparisons->b_label);
	append_label(&text, "outcome", comparison_outcome_name(comparisons->outcome));
	text_append(&text, "} 1\n");
	for (size_t i = 0; i < comparisons->count; i++)
		append_values(&text, comparisons, i);
	append_changes(&text, comparisons, true);
	append_changes(&text, comparisons, false);
	append_pairs(&text, comparisons);
	append_outcomes(&text, comparisons);
	text_append(&text, "# EOF\n");
	return compare_finish(&text, out);
}
