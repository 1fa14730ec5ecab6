#include "loadgen/report_json.h"
#include "lib/clock.h"

#include <stdio.h>
#include <string.h>
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

static const struct {
	const char *key;
	double percentile;
} json_percentiles[] = {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99_9", 99.9}, {"p99_99", 99.99}};

enum { JSON_PERCENTILES = sizeof(json_percentiles) / sizeof(json_percentiles[0]) };

/* Values from the bound on are lower bounds (UINT64_MAX: none is); their names are listed. */
static json_t *json_distribution(const struct histogram *histogram, uint64_t bound_ns)
{
	json_t *object, *at_least = json_array();

	if (histogram->total == 0) {
		json_decref(at_least);
		return json_null();
	}
	object = json_pack("{s:o, s:o, s:f, s:f}", "count", json_count(histogram->total), "min_ns",
			   json_count(histogram->min_ns), "mean_ns", histogram_mean_ns(histogram),
			   "standard_deviation_ns", histogram_standard_deviation_ns(histogram));
	for (size_t i = 0; i < JSON_PERCENTILES; i++) {
		uint64_t value_ns = histogram_percentile_ns(histogram,
							    json_percentiles[i].percentile);
		char key[16];

		snprintf(key, sizeof(key), "%s_ns", json_percentiles[i].key);
		json_object_set_new(object, key, json_count(value_ns));
		if (value_ns >= bound_ns)
			json_array_append_new(at_least, json_string(json_percentiles[i].key));
	}
	json_object_set_new(object, "max_ns", json_count(histogram->max_ns));
	if (histogram->max_ns >= bound_ns)
		json_array_append_new(at_least, json_string("max"));
	json_object_set_new(object, "at_least", at_least);
	return object;
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
	return json_pack("{s:s, s:s, s:i, s:s, s:s, s:o}", "scheme",
			 run->target->is_https ? "https" : "http", "host", run->target->host,
			 "port", (int)run->target->port, "path", run->target->path, "method",
			 run->options->method, "body_bytes", json_count(run->options->body_bytes));
}

static json_t *json_text_or_null(const char *text)
{
	json_t *string = text ? json_string(text) : NULL;

	return string ? string : json_null();
}

static json_t *json_load(const struct run *run)
{
	const struct options *options = run->options;
	double rate = run->capacity ? run->capacity->held_per_s : options->rate_per_s;
	json_t *load = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "connections",
		json_count(options->connections), "idle", json_count(options->idle), "threads",
		json_count(options->threads), "rate_per_s", json_real_or_null(rate > 0, rate),
		"duration_ns", json_count(options->duration_ns), "warmup_ns",
		json_count(options->warmup_ns), "timeout_ns", json_count(options->timeout_ns),
		"arrivals", arrivals_names[options->arrivals], "seed", json_count(options->seed));

	json_object_set_new(load, "drain_ns", json_count(options->drain_ns));
	json_object_set_new(load, "requests_max",
			    json_count_or_null(options->requests_max > 0, options->requests_max));
	json_object_set_new(load, "close", json_string(closing_names[options->closing]));
	json_object_update_new(
		load, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "pipelining",
				json_count(options->pipelining), "requests_per_connection",
				json_count_or_null(options->requests_per_connection > 0,
						   options->requests_per_connection),
				"connect_rate_per_s",
				json_real_or_null(options->connect_rate_per_s > 0,
						  options->connect_rate_per_s),
				"think_time_ns", json_count(options->think_time_ns), "slow_readers",
				json_count(options->slow_readers), "slow_writers",
				json_count(options->slow_writers), "slow_bytes_per_s",
				json_count(options->slow_bytes_per_s), "spin_ns",
				json_count(options->spin_ns), "outstanding",
				json_count_or_null(options_burst_is_throttled(options),
						   options->outstanding),
				"source", json_text_or_null(options->source)));
	return load;
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

/* RUN_GENERATOR_ bits by their names. */
static json_t *json_bottleneck(unsigned spoiled)
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

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "cpu_ns",
			 json_count_or_null(measured, total->cpu_ns), "user_ns",
			 json_count_or_null(measured, total->user_ns), "system_ns",
			 json_count_or_null(measured, total->system_ns), "spin_ns",
			 json_count_or_null(measured, total->spin_ns), "cpu_per_request_ns",
			 json_real_or_null(total->good > 0, run_cpu_per_request_ns(run)),
			 "utilisation_ratio", json_real_or_null(measured, run_utilisation(run)),
			 "run_queue_delay_ns", json_count_or_null(waits_known, total->run_delay_ns),
			 "occupied_ratio", json_real_or_null(waits_known, run_occupied_ratio(run)),
			 "threads", json_count(total->threads), "bottleneck",
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

static json_t *json_tally(const struct tally *tally, uint64_t bound_ns)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "sent", json_count(tally->sent), "good",
			 json_count(tally->good), "errors", json_count(tally->errors), "unanswered",
			 json_count(tally->unanswered), "latency",
			 json_distribution(&tally->latency, bound_ns));
}

static json_t *json_mix(const struct run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; run->mix->count > 1 && i < run->mix->count; i++) {
		const struct request *request = &run->mix->request[i];
		json_t *entry = json_tally(&run->total->tally[i], run->total->latency_bound_ns);

		json_object_set_new(entry, "request", json_text_or_null(request->label));
		json_object_set_new(entry, "weight", json_count(request->weight));
		json_array_append_new(list, entry);
	}
	return list;
}

static json_t *json_stages(const struct run *run)
{
	const struct stages *stages = &run->options->stages;
	size_t first = run->mix->count > 1 ? run->mix->count : 0;
	json_t *list = json_array();

	for (size_t i = 0; i < stages->count; i++) {
		const struct stage *stage = &stages->stage[i];
		json_t *entry = json_tally(&run->total->tally[first + i],
					   run->total->latency_bound_ns);

		json_object_update_new(
			entry,
			json_pack("{s:o, s:s, s:f, s:f, s:o, s:o}", "due",
				  json_count_or_null(!stages->of_connections,
						     run->total->tally[first + i].due),
				  "of", stages->of_connections ? "connections" : "rate_per_s",
				  "from", stage->from, "to", stage->to, "begin_ns",
				  json_count(stage->begin_ns), "end_ns",
				  json_count(stage->end_ns)));
		json_array_append_new(list, entry);
	}
	return list;
}

static json_t *json_fairness(const struct run *run)
{
	const struct fairness *fairness = &run->total->fairness;
	bool timed = fairness->timed > 0;
	bool comparable = fairness->requests > 0 && !run->options->stages.of_connections;

	if (fairness->connections == 0 || (fairness->requests == 0 && !timed))
		return json_null();
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "connections",
		json_count(fairness->connections), "jain_index",
		json_real_or_null(comparable, comparable ? fairness_index_of_rates(fairness) : 0),
		"fewest", json_count(fairness->fewest), "most", json_count(fairness->most),
		"unused", json_count(fairness->unused), "p99_jain_index",
		json_real_or_null(timed, timed ? fairness_index_of_p99(fairness) : 0),
		"lowest_p99_ns", json_count_or_null(timed, fairness->lowest_p99_ns),
		"highest_p99_ns", json_count_or_null(timed, fairness->highest_p99_ns));
}

static json_t *json_capacity(const struct capacity *capacity)
{
	json_t *trials = json_array();

	if (!capacity) {
		json_decref(trials);
		return json_null();
	}
	for (size_t i = 0; i < capacity->count; i++) {
		const struct capacity_trial *trial = &capacity->trial[i];

		json_array_append_new(
			trials,
			json_pack("{s:f, s:f, s:o, s:o, s:b, s:b, s:b, s:o}", "rate_per_s",
				  trial->rate_per_s, "achieved_ratio", trial->achieved_ratio,
				  "p99_ns",
				  json_count_or_null(trial->p99_ns != UINT64_MAX, trial->p99_ns),
				  "errors", json_count(trial->errors), "held", trial->held,
				  "confirms", trial->confirms, "repeated", trial->repeated,
				  "bottleneck", json_bottleneck(trial->spoiled)));
	}
	return json_pack("{s:o, s:b, s:o, s:o, s:i, s:i, s:o, s:o}", "capacity_at_slo_per_s",
			 json_real_or_null(capacity->held_per_s > 0, capacity->held_per_s),
			 "at_least", capacity->at_least, "limit",
			 json_text_or_null(capacity_limit_name(capacity)), "p99_limit_ns",
			 json_count(capacity->limit_ns), "held_trials", (int)capacity->held,
			 "trials_at_rate", (int)capacity->of, "failed_per_s",
			 json_real_or_null(capacity->failed_per_s > 0, capacity->failed_per_s),
			 "trials", trials);
}

static json_t *json_crowd(const struct run *run)
{
	const struct result *total = run->total;

	return json_pack("{s:o, s:o, s:o, s:o}", "idle_answered", json_count(total->crowd_answered),
			 "idle_open", json_count_or_null(run->window_ns > 0, total->crowd_open),
			 "slow_answers", json_count(total->crowd_slow_answers), "slow_cut",
			 json_count(total->crowd_slow_cut));
}

static json_t *json_connecting(const struct run *run)
{
	return json_pack("{s:o, s:o}", "established", json_count(run->established_count), "took_ns",
			 json_count(run->connected_ns));
}

/* Answers by their status, those that came. */
static json_t *json_statuses(const struct result *total)
{
	json_t *object = json_object();

	for (size_t i = 0; i < RESULT_STATUSES; i++) {
		char status[24];

		if (total->statuses[i] == 0)
			continue;
		snprintf(status, sizeof(status), "%zu", i + RESULT_STATUS_LOWEST);
		json_object_set_new(object, status, json_count(total->statuses[i]));
	}
	return object;
}

/* Null without TLS. */
static json_t *json_tls(const struct run *run)
{
	const struct handshakes *handshakes = &run->total->handshakes;

	if (!run->tls)
		return json_null();
	return json_pack("{s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "agreed",
			 json_text_or_null(handshakes->name[0] ? handshakes->name : NULL),
			 "verified", !run->options->insecure, "sessions",
			 run->options->tls_sessions, "handshakes_full",
			 json_count(handshakes->full.total), "handshakes_resumed",
			 json_count(handshakes->resumed.total), "ktls_sending",
			 json_count(handshakes->kernel_sends), "ktls_receiving",
			 json_count(handshakes->kernel_receives), "full",
			 json_distribution(&handshakes->full, UINT64_MAX), "resumed",
			 json_distribution(&handshakes->resumed, UINT64_MAX));
}

/* What was measured, in the order of results/SCHEMA.md. */
static json_t *json_measured(const struct run *run)
{
	const struct result *total = run->total;
	bool open_loop = run_is_open_loop(run);

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:o}",
		"requests", json_requests(run), "requests_per_s", json_real(run_rate_per_s(run)),
		"bytes",
		json_pack("{s:o, s:o}", "sent", json_count(total->bytes_sent), "received",
			  json_count(total->bytes_received)),
		"latency", json_distribution(&total->latency, total->latency_bound_ns),
		"service_time",
		open_loop ? json_distribution(&total->service_time, total->service_bound_ns)
			  : json_distribution(&total->latency, total->latency_bound_ns),
		"connect", json_distribution(&total->connect, UINT64_MAX), "send_lateness",
		json_distribution(&total->send_lateness, UINT64_MAX), "read_lateness",
		json_distribution(&total->read_lateness, UINT64_MAX), "unanswered_age",
		json_distribution(&total->unanswered_age, UINT64_MAX), "errors",
		json_errors(total->errors), "errors_outside", json_errors(total->errors_outside),
		"failures", json_failures(run), "generator", json_generator(run), "failures_others",
		json_other_failures(total), "histogram", json_histogram(&total->latency),
		"send_lateness_histogram", json_histogram(&total->send_lateness));
}

json_t *report_json_make(const struct run *run, int argc, char **argv)
{
	json_t *report = json_pack(
		"{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
		"schema", 1, "tool", "tenk-load", "version", TENK_VERSION, "command",
		json_command(argc, argv), "target", json_target(run), "load", json_load(run),
		"started_at", json_time(run->started_at_ns), "window_ns",
		json_count(run->window_ns), "outcome", run_outcome_names[run_decide_outcome(run)],
		"connecting", json_connecting(run), "mix", json_mix(run), "stages",
		json_stages(run), "crowd", json_crowd(run), "fairness", json_fairness(run),
		"capacity", json_capacity(run->capacity));

	json_object_set_new(report, "tls", json_tls(run));
	json_object_update_new(report, json_measured(run));
	json_object_set_new(report, "statuses", json_statuses(run->total));
	return report;
}
