/*
 * Bencher Metric Format (bencher.dev/docs/reference/bencher-metric-format): B's values, for what follows
 * them from commit to commit. A benchmark for each metric and cell, the metric's key its measure.
 */
#include "report/compare/format.h"
#include "report/compare/names.h"

#include <math.h>

enum { BENCHMARK_NAME_MOST = 1024 };

static json_t *measure(const struct comparison *one)
{
	struct bounds bounds = names_bounds_of_b(one);
	json_t *json = json_pack("{s:f}", "value", one->b);

	if (!isnan(bounds.low))
		json_object_set_new(json, "lower_value", json_real(bounds.low));
	if (!isnan(bounds.high))
		json_object_set_new(json, "upper_value", json_real(bounds.high));
	return json;
}

int compare_write_bencher(FILE *out, const struct comparisons *comparisons)
{
	json_t *json = json_object();

	for (size_t i = 0; i < comparisons->count; i++) {
		const struct comparison *one = &comparisons->items[i];
		json_t *name = names_subject(one, BENCHMARK_NAME_MOST),
		       *key = names_json(one->metric);

		if (isfinite(one->b))
			json_object_set_new(
				json, json_string_value(name),
				json_pack("{s:o}", json_string_value(key), measure(one)));
		json_decref(name);
		json_decref(key);
	}
	return compare_finish_json(json, out);
}
