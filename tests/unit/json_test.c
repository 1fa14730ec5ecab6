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
	cr_expect_eq(metric_smallest_difference("latency_p50_ns"), 0.03);
	cr_expect_eq(metric_smallest_difference("connect_p99_ns"), 0.10);
	cr_expect_eq(metric_smallest_difference("requests_per_s"), 0.02);
	json_decref(slope);
}
