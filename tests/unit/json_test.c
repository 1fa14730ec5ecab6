#include "lib/json.h"
#include "stored/axis.h"
#include "stored/metric.h"

#include <criterion/criterion.h>
#include <math.h>

TestSuite(json, .timeout = 10);

Test(json, what_is_missing_or_of_another_type_is_no_error)
{
	json_t *object = json_pack("{s:i, s:f, s:s, s:n}", "count", 3, "ratio", 0.5, "name",
				   "epoll", "nothing");

	cr_expect_eq(json_number_of(object, "count"), 3);
	cr_expect_eq(json_number_of(object, "ratio"), 0.5);
	cr_expect(isnan(json_number_of(object, "name")));
	cr_expect(isnan(json_number_of(object, "nothing")));
	cr_expect(isnan(json_number_of(object, "no such key")));
	cr_expect(isnan(json_number_of(NULL, "count")));
	cr_expect_str_eq(json_string_of(object, "name"), "epoll");
	cr_expect_str_eq(json_string_of(object, "count"), "");
	cr_expect_str_eq(json_string_of(object, "nothing"), "");
	cr_expect_str_eq(json_string_of(NULL, "name"), "");
	json_decref(object);
}

Test(json, the_first_object_with_a_text_is_found)
{
	json_t *array = json_pack("[{s:i}, {s:s, s:i}, {s:s, s:i}, s]", "code", 1, "code", "limits",
				  "n", 2, "code", "limits", "n", 3, "limits");

	cr_expect_eq(json_number_of(json_find(array, "code", "limits"), "n"), 2);
	cr_expect_null(json_find(array, "code", "crash"));
	cr_expect_null(json_find(NULL, "code", "limits"));
	json_decref(array);
}

Test(json, every_axis_is_found_by_its_key_and_has_words)
{
	for (enum axis_kind kind = 0; kind < AXIS_COUNT; kind++) {
		cr_expect_eq(axis_find(axis_at(kind)->key), kind);
		cr_expect(*axis_at(kind)->title && *axis_at(kind)->unit);
	}
	cr_expect_eq(axis_find("colour"), AXIS_COUNT);
}

Test(json, a_metric_says_how_it_is_read)
{
	json_t *slope = json_pack("{s:s, s:s, s:i}", "unit", "bytes", "slope_of", "resident_bytes",
				  "slope_from_connections", 1000);

	cr_expect_eq(metric_unit(slope), UNIT_BYTES);
	cr_expect_eq(metric_unit(NULL), UNIT_COUNT);
	cr_expect_str_eq(metric_slope_of(slope), "resident_bytes");
	cr_expect_null(metric_slope_of(NULL));
	cr_expect_eq(metric_slope_from(slope), 1000);
	cr_expect_eq(metric_percentile("latency_p99_9_ns"), 0.999);
	cr_expect(isnan(metric_percentile("latency_max_ns")));
	json_decref(slope);
}

/* A descriptor of an older run: key, unit and what it is a slope of. */
static json_t *old_descriptor(const char *key, const char *unit, const char *slope_of)
{
	return json_pack("{s:s, s:s, s:s?}", "key", key, "unit", unit, "slope_of", slope_of);
}

Test(json, an_old_metric_is_compared_as_its_key_and_unit_say)
{
	static const struct {
		const char *key, *unit, *slope_of;
		enum metric_comparison by;
		double difference, absolute;
		bool bound;
	} old[] = {
		{"requests_per_s", "per_s", NULL, METRIC_BY_RATIO, 0.02, 0, true},
		{"latency_p50_ns", "ns", NULL, METRIC_BY_RATIO, 0.03, 0, false},
		{"latency_p99_ns", "ns", NULL, METRIC_BY_RATIO, 0.10, 0, false},
		{"connect_p99_ns", "ns", NULL, METRIC_BY_RATIO, 0.10, 0, false},
		{"server_cpu_per_request_ns", "ns", NULL, METRIC_BY_RATIO, 0.02, 0, false},
		{"system_calls_per_request", "count", NULL, METRIC_BY_DIFFERENCE, 0.02, 0.02,
		 false},
		{"error_count", "count", NULL, METRIC_BY_COUNT, 0.02, 5e-5, false},
		{"total_bytes", "bytes", NULL, METRIC_BY_DIFFERENCE, 0.02, 1 << 20, false},
		{"total_per_connection_bytes", "bytes", "total_bytes", METRIC_BY_DIFFERENCE, 0.02,
		 32, false},
	};

	for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
		json_t *one = old_descriptor(old[i].key, old[i].unit, old[i].slope_of);

		cr_expect_eq(metric_compared_by(one), old[i].by, "%s", old[i].key);
		cr_expect_eq(metric_smallest_difference(one), old[i].difference, "%s", old[i].key);
		cr_expect_eq(metric_smallest_absolute(one), old[i].absolute, "%s", old[i].key);
		cr_expect_eq(metric_may_be_lower_bound(one), old[i].bound, "%s", old[i].key);
		json_decref(one);
	}
	cr_expect_eq(metric_smallest_difference(NULL), 0.02);
	cr_expect_not(metric_may_be_lower_bound(NULL));
}

Test(json, what_a_run_says_of_a_metric_is_believed)
{
	json_t *one = json_pack("{s:s, s:s, s:s, s:f, s:f, s:b}", "key", "latency_p50_ns", "unit",
				"ns", "compared_by", "difference", "smallest_difference", 0.5,
				"smallest_absolute", 7.0, "may_be_lower_bound", 1);

	cr_expect_eq(metric_compared_by(one), METRIC_BY_DIFFERENCE);
	cr_expect_eq(metric_smallest_difference(one), 0.5);
	cr_expect_eq(metric_smallest_absolute(one), 7);
	cr_expect(metric_may_be_lower_bound(one));
	json_decref(one);
}
