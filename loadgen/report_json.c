#include "loadgen/report_json.h"
#include "lib/clock.h"
#include "loadgen/report_json_parts.h"

#include <stdio.h>
#include <time.h>

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
	return json_pack("{s:s, s:s, s:i, s:s, s:s, s:o, s:o, s:o}", "scheme",
			 run->target->is_https ? "https" : "http", "host", run->target->host,
			 "port", (int)run->target->port, "path", run->target->path, "method",
			 run->options->method, "body_bytes", json_count(run->options->body_bytes),
			 "connect_to", json_text_or_null(run->options->connect_to), "unix",
			 json_text_or_null(run->options->unix_path));
}

static json_t *json_load(const struct run *run)
{
	const struct options *options = run->options;
	double rate = run->capacity ? run->capacity->held_per_s : options->rate_per_s;
	json_t *load = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "connections",
		json_count(options->connections), "idle", json_count(options->idle), "threads",
		json_count(options->threads), "rate_per_s", json_real_or_null(rate > 0, rate),
		"duration_ns", json_count_or_null(!options->in_slices, options->duration_ns),
		"warmup_ns", json_count(options->warmup_ns), "timeout_ns",
		json_count(options->timeout_ns), "arrivals", arrivals_names[options->arrivals],
		"seed", json_count(options->seed));

	json_object_set_new(
		load, "connections_max",
		json_count_or_null(options->connections_max > 0, options->connections_max));
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
	json_object_set_new(load, "think_time_random", json_boolean(options->think_at_random));
	return load;
}

static json_t *json_stages(const struct run *run)
{
	const struct stages *stages = &run->options->stages;
	size_t first = run->mix->count > 1 ? run->mix->count : 0;
	json_t *list = json_array();

	for (size_t i = 0; i < stages->count; i++) {
		const struct stage *stage = &stages->stage[i];
		json_t *entry = json_tally(run, &run->total->tally[first + i]);

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
	return json_pack(
		"{s:o, s:o, s:o}", "established", json_count(run->established_count), "took_ns",
		json_count(run->connected_ns), "on_demand",
		json_count_or_null(run->options->connections_max > 0, run_count_grown(run)));
}

json_t *json_statuses(const struct result *total)
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
			 json_distribution(run, &handshakes->full, UINT64_MAX), "resumed",
			 json_distribution(run, &handshakes->resumed, UINT64_MAX));
}

/* How many there were, and each; null and empty where the window is one. */
static json_t *json_slices(const struct run *run)
{
	const struct run_slices *slices = &run->slices;
	json_t *lengths = json_array();

	for (size_t i = 0; i < slices->count; i++)
		json_array_append_new(lengths, json_count(slices->length_ns[i]));
	return json_pack("{s:o, s:o, s:o}", "slices",
			 json_count_or_null(run->options->in_slices, slices->count),
			 "slice_lengths_ns", lengths, "loaded_ns", json_count(run_loaded_ns(run)));
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
	json_object_update_new(report, json_slices(run));
	json_object_set_new(report, "window_started_ns",
			    json_count_or_null(run->window_started_ns > 0, run->window_started_ns));
	json_object_update_new(report, json_measured(run));
	json_object_update_new(report, json_ranks(run));
	json_object_set_new(report, "statuses", json_statuses(run->total));
	json_object_set_new(report, "first_byte",
			    json_distribution(run, &run->total->first_byte, UINT64_MAX));
	return report;
}
