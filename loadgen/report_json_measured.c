#include "loadgen/report_json_parts.h"

#include "lib/libc.h"

#include <stdio.h>
#include <string.h>

json_t *json_count(uint64_t value)
{
	return json_integer((json_int_t)value);
}

json_t *json_count_or_null(bool known, uint64_t value)
{
	return known ? json_count(value) : json_null();
}

json_t *json_real_or_null(bool known, double value)
{
	return known ? json_real(value) : json_null();
}

json_t *json_text_or_null(const char *text)
{
	json_t *string = text ? json_string(text) : NULL;

	return string ? string : json_null();
}

static const struct {
	const char *key;
	double percentile;
} json_percentiles[] = {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99_9", 99.9}, {"p99_99", 99.99}};

enum { JSON_PERCENTILES = sizeof(json_percentiles) / sizeof(json_percentiles[0]) };

/* A percentile by its key, and in the list of those that are lower bounds if it is one. */
static void json_add_percentile(json_t *object, json_t *at_least, const struct histogram *histogram,
				double percentile, const char *name, uint64_t bound_ns)
{
	uint64_t value_ns = histogram_percentile_ns(histogram, percentile);
	char key[32];

	snprintf(key, sizeof(key), "%s_ns", name);
	if (json_object_get(object, key))
		return;
	json_object_set_new(object, key, json_count(value_ns));
	if (value_ns >= bound_ns)
		json_array_append_new(at_least, json_string(name));
}

/* p99_5 of 99.5: keys have no dots. */
static void json_add_asked_percentiles(json_t *object, json_t *at_least,
				       const struct options *options,
				       const struct histogram *histogram, uint64_t bound_ns)
{
	for (size_t i = 0; i < options->percentile_count; i++) {
		char name[24], *dot;

		snprintf(name, sizeof(name), "p%.10g", options->percentiles[i]);
		dot = strchr(name, '.');
		if (dot)
			*dot = '_';
		json_add_percentile(object, at_least, histogram, options->percentiles[i], name,
				    bound_ns);
	}
}

/* Values from the bound on are lower bounds (UINT64_MAX: none is); their names are listed. */
json_t *json_distribution(const struct run *run, const struct histogram *histogram,
			  uint64_t bound_ns)
{
	json_t *object, *at_least = json_array();

	if (histogram->total == 0) {
		json_decref(at_least);
		return json_null();
	}
	object = json_pack("{s:o, s:o, s:f, s:f}", "count", json_count(histogram->total), "min_ns",
			   json_count(histogram->min_ns), "mean_ns", histogram_mean_ns(histogram),
			   "standard_deviation_ns", histogram_standard_deviation_ns(histogram));
	for (size_t i = 0; i < JSON_PERCENTILES; i++)
		json_add_percentile(object, at_least, histogram, json_percentiles[i].percentile,
				    json_percentiles[i].key, bound_ns);
	json_add_asked_percentiles(object, at_least, run->options, histogram, bound_ns);
	json_object_set_new(object, "max_ns", json_count(histogram->max_ns));
	if (histogram->max_ns >= bound_ns)
		json_array_append_new(at_least, json_string("max"));
	json_object_set_new(object, "at_least", at_least);
	return object;
}

json_t *json_errors(const uint64_t errors[ERROR_CLASSES])
{
	json_t *object = json_object();

	for (size_t i = 0; i < ERROR_CLASSES; i++)
		json_object_set_new(object, error_class_names[i], json_count(errors[i]));
	return object;
}

static void json_add_slot(void *context, uint64_t value_ns, uint64_t count)
{
	json_array_append_new(context, json_pack("[o,o]", json_count(value_ns), json_count(count)));
}

json_t *json_histogram(const struct histogram *histogram)
{
	json_t *array = json_array();

	histogram_visit(histogram, json_add_slot, array);
	return array;
}

static json_t *json_requests(const struct run *run)
{
	const struct result *total = run->total;

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "due",
		json_count_or_null(run_is_open_loop(run), total->due), "sent",
		json_count(total->sent), "good", json_count(total->good), "good_outside",
		json_count(total->good_outside), "unanswered",
		json_count(total->unanswered_age.total), "unanswered_outside",
		json_count(total->unanswered_outside), "answered_ratio",
		json_real_or_null(total->due > 0, run_answered_ratio(run)), "resent",
		json_count(total->resent), "waited_for_connection",
		json_count_or_null(run_is_open_loop(run), total->waited), "connections_needed",
		json_count_or_null(run_count_needed(run) > 0, run_count_needed(run)),
		"kept_up_ratio", json_real_or_null(run_is_open_loop(run), run_kept_up_ratio(run)));
}

/* Percentiles of the response times that may be ours by more than a tenth. */
static json_t *json_ours(const struct run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; run->total->latency.total > 0 && i < JSON_PERCENTILES; i++)
		if (run_percentile_is_ours(run, json_percentiles[i].percentile))
			json_array_append_new(list, json_string(json_percentiles[i].key));
	return list;
}

json_t *json_bottleneck(unsigned spoiled)
{
	json_t *list = json_array();

	if (spoiled & RUN_GENERATOR_BUSY)
		json_array_append_new(list, json_string("busy"));
	if (spoiled & RUN_GENERATOR_LATE)
		json_array_append_new(list, json_string("late"));
	return list;
}

static json_t *json_generator(const struct run *run)
{
	const struct result *total = run->total;
	bool measured = run->window_ns > 0;
	bool waits_known = measured && total->run_delay_unknown == 0;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "cpu_ns",
			 json_count_or_null(measured, total->cpu_ns), "user_ns",
			 json_count_or_null(measured, total->user_ns), "system_ns",
			 json_count_or_null(measured, total->system_ns), "spin_ns",
			 json_count_or_null(measured, total->spin_ns), "cpu_per_request_ns",
			 json_real_or_null(total->good > 0, run_cpu_per_request_ns(run)),
			 "utilisation_ratio", json_real_or_null(measured, run_utilisation(run)),
			 "run_queue_delay_ns", json_count_or_null(waits_known, total->run_delay_ns),
			 "occupied_ratio", json_real_or_null(waits_known, run_occupied_ratio(run)),
			 "threads", json_count(total->threads), "unstamped_threads",
			 json_count(total->unstamped), "bottleneck",
			 json_bottleneck(run_judge_generator(run)), "ours", json_ours(run));
}

/* Null if there never was a window; negative before it. */
static json_t *json_since_window(const struct run *run, int64_t since_ns)
{
	return run->window_base_ns ? json_integer(since_ns) : json_null();
}

static void json_add_failures(json_t *list, const struct run *run, const struct failures *failures,
			      bool inside)
{
	for (size_t i = 0; i < failures->count; i++) {
		const struct failure *kind = &failures->kind[i];

		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:o, s:o, s:b, s:o, s:o, s:o}", "class",
				  error_class_names[kind->class], "phase",
				  error_phase_names[kind->phase], "error",
				  json_text_or_null(kind->problem ? strerrorname_np(kind->problem)
								  : NULL),
				  "count", json_count(kind->count), "in_window", inside, "first_ns",
				  json_since_window(run, kind->first_ns), "last_ns",
				  json_since_window(run, kind->last_ns), "example",
				  json_text_or_null(kind->example[0] ? kind->example : NULL)));
	}
}

static json_t *json_failures(const struct run *run)
{
	json_t *list = json_array();

	json_add_failures(list, run, &run->total->failures, true);
	json_add_failures(list, run, &run->total->failures_outside, false);
	return list;
}

/* Those of more kinds than there is room for. */
static json_t *json_other_failures(const struct result *total)
{
	return json_pack("{s:o, s:o}", "in_window", json_count(total->failures.others), "outside",
			 json_count(total->failures_outside.others));
}

/* Of HTTP, in the window. */
static json_t *json_bytes(const struct result *total)
{
	return json_pack("{s:o, s:o, s:o}", "sent", json_count(total->bytes_sent), "received",
			 json_count(total->bytes_received), "per_answer",
			 json_real_or_null(total->good > 0,
					   (double)total->bytes_received / (double)total->good));
}

json_t *json_measured(const struct run *run)
{
	const struct result *total = run->total;
	bool open_loop = run_is_open_loop(run);

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:o}",
		"requests", json_requests(run), "requests_per_s", json_real(run_rate_per_s(run)),
		"bytes", json_bytes(total), "latency",
		json_distribution(run, &total->latency, total->latency_bound_ns), "service_time",
		open_loop ? json_distribution(run, &total->service_time, total->service_bound_ns)
			  : json_distribution(run, &total->latency, total->latency_bound_ns),
		"connect", json_distribution(run, &total->connect, UINT64_MAX), "send_lateness",
		json_distribution(run, &total->send_lateness, UINT64_MAX), "read_lateness",
		json_distribution(run, &total->read_lateness, UINT64_MAX), "unanswered_age",
		json_distribution(run, &total->unanswered_age, UINT64_MAX), "errors",
		json_errors(total->errors), "errors_outside", json_errors(total->errors_outside),
		"failures", json_failures(run), "generator", json_generator(run), "failures_others",
		json_other_failures(total), "histogram", json_histogram(&total->latency),
		"send_lateness_histogram", json_histogram(&total->send_lateness));
}
