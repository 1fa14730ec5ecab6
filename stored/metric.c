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

double metric_slope_from(const json_t *descriptor)
{
	return json_number_value(json_object_get(descriptor, "slope_from_connections"));
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
		if (strcmp(known[i].key, key) == 0)
			return known[i].percentile;
	return NAN;
}

double metric_smallest_difference(const char *key)
{
	if (metric_percentile(key) == 0.5)
		return 0.03;
	return strncmp(key, "latency_", 8) == 0 || strncmp(key, "connect_", 8) == 0 ? 0.10 : 0.02;
}

bool metric_is_rate(const char *key)
{
	return strcmp(key, "requests_per_s") == 0;
}
