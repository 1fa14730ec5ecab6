#include "stored/metric.h"

#include "lib/json.h"

#include <math.h>
#include <string.h>

enum unit_kind metric_unit(const json_t *descriptor)
{
	return units_kind_named(json_string_of(descriptor, "unit"));
}

const char *metric_slope_of(const json_t *descriptor)
{
	return json_string_value(json_object_get(descriptor, "slope_of"));
}

bool metric_is_most(const json_t *descriptor)
{
	return strcmp(json_string_of(descriptor, "over_connections"), "most") == 0;
}

double metric_slope_from(const json_t *descriptor)
{
	return json_number_value(json_object_get(descriptor, "slope_from_connections"));
}

/* Whether both are the same metric, of all requests or of some kind: "latency_p99_ns", "latency_p99_ns@quick". */
static bool is_of(const char *key, const char *other)
{
	size_t length = strcspn(key, "@");

	return strcspn(other, "@") == length && strncmp(key, other, length) == 0;
}

const char *metric_kind(const char *key)
{
	const char *at = strchr(key, '@');

	return at ? at + 1 : NULL;
}

const json_t *metric_find(const json_t *descriptors, const char *key)
{
	const json_t *found = json_find(descriptors, "key", key), *descriptor;
	size_t i;

	if (found || !metric_kind(key))
		return found;
	json_array_foreach(descriptors, i, descriptor)
	{
		if (is_of(key, json_string_of(descriptor, "key")) &&
		    json_is_true(json_object_get(descriptor, "kinds")))
			return descriptor;
	}
	return NULL;
}

double metric_responses(const char *key, const json_t *trial)
{
	const char *kind = metric_kind(key);

	return kind ? json_number_of(json_object_get(trial, "latency_counts"), kind)
		    : json_number_of(trial, "latency_count");
}

double metric_percentile(const char *key)
{
	static const struct {
		const char *key;
		double percentile;
	} known[] = {
		{"latency_p50_ns", 0.5},
		{"latency_p90_ns", 0.9},
		{"latency_p99_ns", 0.99},
		{"latency_p99_9_ns", 0.999},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (is_of(key, known[i].key))
			return known[i].percentile;
	return NAN;
}

/* What a unit says of a metric whose descriptor does not. */
static const struct unit_rule {
	const char *unit;
	enum metric_comparison compared_by;
	double smallest_absolute;
} unit_rules[] = {
	{"per_s", METRIC_BY_RATIO, 0},
	{"ns", METRIC_BY_RATIO, 0},
	/* What allocators, and a kernel that charges in batches, move by themselves. */
	{"bytes", METRIC_BY_DIFFERENCE, 1 << 20},
	{"ratio", METRIC_BY_DIFFERENCE, 0.01},
	{"count", METRIC_BY_COUNT, 5e-5}, /* of each request: one in 20,000 */
};

static const char *const comparison_words[METRIC_COMPARISONS] = {
	[METRIC_BY_RATIO] = "ratio",
	[METRIC_BY_DIFFERENCE] = "difference",
	[METRIC_BY_COUNT] = "count",
};

static const char per_request[] = "_per_request";

/* The last rule if there is none of the unit. */
static const struct unit_rule *unit_rule(const json_t *descriptor)
{
	const char *unit = json_string_of(descriptor, "unit");
	size_t i = 0;

	while (i + 1 < sizeof unit_rules / sizeof *unit_rules &&
	       strcmp(unit_rules[i].unit, unit) != 0)
		i++;
	return &unit_rules[i];
}

static bool starts_with(const json_t *descriptor, const char *start)
{
	return strncmp(json_string_of(descriptor, "key"), start, strlen(start)) == 0;
}

/* How often something happens for a request is no rare event. */
static bool is_count_per_request(const json_t *descriptor)
{
	const char *key = json_string_of(descriptor, "key");
	size_t length = strlen(key), tail = sizeof per_request - 1;

	return metric_unit(descriptor) == UNIT_COUNT && length > tail &&
	       strcmp(key + length - tail, per_request) == 0;
}

const char *metric_comparison_word(enum metric_comparison comparison)
{
	return comparison_words[comparison];
}

enum metric_comparison metric_compared_by(const json_t *descriptor)
{
	const char *word = json_string_of(descriptor, "compared_by");

	for (int i = 0; i < METRIC_COMPARISONS; i++)
		if (strcmp(word, comparison_words[i]) == 0)
			return (enum metric_comparison)i;
	if (is_count_per_request(descriptor))
		return METRIC_BY_DIFFERENCE;
	return unit_rule(descriptor)->compared_by;
}

double metric_smallest_difference(const json_t *descriptor)
{
	double stored = json_number_of(descriptor, "smallest_difference");

	if (!isnan(stored))
		return stored;
	if (metric_percentile(json_string_of(descriptor, "key")) == 0.5)
		return 0.03;
	return starts_with(descriptor, "latency_") || starts_with(descriptor, "connect_") ? 0.10
											  : 0.02;
}

double metric_smallest_absolute(const json_t *descriptor)
{
	double stored = json_number_of(descriptor, "smallest_absolute");

	if (!isnan(stored))
		return stored;
	if (metric_slope_of(descriptor))
		return 32; /* a megabyte over 30,000 connections */
	return is_count_per_request(descriptor) ? 0.02 : unit_rule(descriptor)->smallest_absolute;
}

bool metric_may_be_lower_bound(const json_t *descriptor)
{
	const json_t *stored = json_object_get(descriptor, "may_be_lower_bound");

	return stored ? json_is_true(stored)
		      : is_of(json_string_of(descriptor, "key"), "requests_per_s");
}
