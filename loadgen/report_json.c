#include "loadgen/report_json.h"
#include "lib/clock.h"

#include <stdio.h>
#include <time.h>

static json_t *json_count(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *json_count_or_null(bool known, uint64_t value)
{
	return known ? json_count(value) : json_null();
}

static json_t *json_real_or_null(bool known, double value)
{
	return known ? json_real(value) : json_null();
}

/* "2026-11-21T09:30:00.123Z" */
static json_t *json_time(uint64_t since_epoch_ns)
{
	time_t seconds = (time_t)(since_epoch_ns / NS_PER_S);
	unsigned ms = (unsigned)(since_epoch_ns % NS_PER_S / NS_PER_MS);
	char date[32] = "", text[48];
	struct tm utc;

	if (gmtime_r(&seconds, &utc))
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text, sizeof(text), "%s.%03uZ", date, ms);
	return json_string(text);
}

static json_t *json_distribution(const struct histogram *histogram)
{
	if (histogram->total == 0)
		return json_null();
	return json_pack("{s:o, s:o, s:f, s:f, s:o, s:o, s:o, s:o, s:o}", "count",
			 json_count(histogram->total), "min_ns", json_count(histogram->min_ns),
			 "mean_ns", histogram_mean_ns(histogram), "standard_deviation_ns",
			 histogram_standard_deviation_ns(histogram), "p50_ns",
			 json_count(histogram_percentile_ns(histogram, 50)), "p90_ns",
			 json_count(histogram_percentile_ns(histogram, 90)), "p99_ns",
			 json_count(histogram_percentile_ns(histogram, 99)), "p99_9_ns",
			 json_count(histogram_percentile_ns(histogram, 99.9)), "max_ns",
			 json_count(histogram->max_ns));
}

static json_t *json_errors(const uint64_t errors[ERROR_CLASSES])
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

static json_t *json_histogram(const struct histogram *histogram)
{
	json_t *array = json_array();

	histogram_visit(histogram, json_add_slot, array);
	return array;
}

static json_t *json_command(int argc, char **argv)
{
	json_t *array = json_array();

	for (int i = 0; i < argc; i++) {
		json_t *word = json_string(argv[i]);

		/* An argument need not be UTF-8, but a word of the command must not be lost. */
		json_array_append_new(array, word ? word : json_string("(not UTF-8)"));
	}
	return array;
}

static json_t *json_target(const struct run *run)
{
	return json_pack("{s:s, s:i, s:s, s:s, s:o}", "host", run->target->host, "port",
			 (int)run->target->port, "path", run->target->path, "method",
			 run->options->method, "body_bytes", json_count(run->options->body_bytes));
}

static json_t *json_load(const struct options *options)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "connections",
			 json_count(options->connections), "idle", json_count(options->idle),
			 "threads", json_count(options->threads), "rate_per_s",
			 json_real_or_null(options->rate_per_s > 0, options->rate_per_s),
			 "duration_ns", json_count(options->duration_ns), "warmup_ns",
			 json_count(options->warmup_ns), "timeout_ns",
			 json_count(options->timeout_ns));
}

static json_t *json_requests(const struct run *run)
{
	const struct result *total = run->total;

	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "due",
			 json_count_or_null(run->options->rate_per_s > 0, total->due), "sent",
			 json_count(total->sent), "good", json_count(total->good), "good_outside",
			 json_count(total->good_outside), "unanswered",
			 json_count(total->unanswered));
}

static json_t *json_generator(const struct run *run)
{
	const struct result *total = run->total;
	bool measured = run->window_ns > 0;

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o}", "cpu_ns",
		json_count_or_null(measured, total->cpu_ns), "user_ns",
		json_count_or_null(measured, total->user_ns), "system_ns",
		json_count_or_null(measured, total->system_ns), "cpu_per_request_ns",
		json_real_or_null(total->good > 0, (double)total->cpu_ns / (double)total->good),
		"utilisation_ratio",
		json_real_or_null(measured, (double)total->busiest_cpu_ns / (double)run->window_ns),
		"threads", json_count(total->threads));
}

json_t *report_json_make(const struct run *run, int argc, char **argv)
{
	const struct result *total = run->total;
	bool open_loop = run->options->rate_per_s > 0;
	double window_s = (double)run->window_ns / 1e9;

	return json_pack(
		"{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:o, s:o, s:o}",
		"schema", 1, "tool", "tenk-load", "version", TENK_VERSION, "command",
		json_command(argc, argv), "target", json_target(run), "load",
		json_load(run->options), "started_at", json_time(run->started_at_ns), "window_ns",
		json_count(run->window_ns), "outcome", run_outcome_names[run_decide_outcome(run)],
		"requests", json_requests(run), "requests_per_s",
		json_real(window_s > 0 ? (double)total->good / window_s : 0), "bytes",
		json_pack("{s:o, s:o}", "sent", json_count(total->bytes_sent), "received",
			  json_count(total->bytes_received)),
		"latency", json_distribution(&total->latency), "service_time",
		json_distribution(open_loop ? &total->service_time : &total->latency), "connect",
		json_distribution(&total->connect), "send_lateness",
		json_distribution(&total->send_lateness), "errors", json_errors(total->errors),
		"errors_outside", json_errors(total->errors_outside), "generator",
		json_generator(run), "histogram", json_histogram(&total->latency));
}
