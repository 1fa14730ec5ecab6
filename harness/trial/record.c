#include "harness/trial/parts.h"

#include "lib/clock.h"
#include "lib/json.h"
#include "lib/utf8.h"

#include <string.h>
#include <unistd.h>

static json_t *describe_process(const struct trial *trial)
{
	const struct process *process = &trial->server.process;
	char said[2048];

	if (!process->ended)
		return json_null();
	process_stderr(process, said, sizeof said);
	return json_pack(
		"{s:i, s:i, s:i, s:I, s:I, s:I, s:s}", "pid", (int)trial->server.pid, "exit_code",
		process->exit_code, "signal", process->signal, "user_ns",
		(json_int_t)process->usage.ru_utime.tv_sec * (json_int_t)NS_PER_S +
			(json_int_t)process->usage.ru_utime.tv_usec * (json_int_t)NS_PER_US,
		"system_ns",
		(json_int_t)process->usage.ru_stime.tv_sec * (json_int_t)NS_PER_S +
			(json_int_t)process->usage.ru_stime.tv_usec * (json_int_t)NS_PER_US,
		"max_resident_bytes", (json_int_t)process->usage.ru_maxrss * 1024, "stderr",
		utf8_mend(said));
}

/* A file's name relative to the run; null if the trial left none. */
static json_t *file_name(const struct trial *trial, const char *path)
{
	if (access(path, F_OK) != 0)
		return json_null();
	return json_string(path + strlen(trial->context->store->directory) + 1);
}

/* What is had of a whole machine with both ends on it. */
static void explain_other_machine(json_t *unavailable)
{
	static const char *const words[] = {"both_ends", "slab_", "unaccounted"};
	const char *key;
	json_t *value;

	json_object_foreach(unavailable, key, value) for (size_t i = 0;
							  i < sizeof words / sizeof *words;
							  i++) if (strstr(key, words[i]))
		json_object_set_new(
			unavailable, key,
			json_string("server and generator are on different machines, and what "
				    "a whole machine's kernel holds is of one end only"));
}

/* What could not be had of a server that ran before is not for want of the usual means. */
static void explain_unavailable(const struct trial *trial, json_t *unavailable)
{
	const char *why = trial->server.unmeasured ? trial->server.unmeasured
						   : "the server was not started by tenk";
	static const char *const words[] = {"cpu", "bytes", "threads", "context"};
	const char *key;
	json_t *value;

	if (trial->context->host)
		explain_other_machine(unavailable);
	if (!trial->server.running)
		return;
	json_object_foreach(unavailable, key,
			    value) for (size_t i = 0; i < sizeof words / sizeof *words;
					i++) if (strstr(key, words[i]) && !strstr(key, "kernel"))
		json_object_set_new(unavailable, key, json_string(why));
}

/* How many response times each kind of a mix has, by name. */
static json_t *count_latencies(const struct trial *trial)
{
	const json_t *kinds = json_object_get(trial->seen.load, "mix"), *kind;
	json_t *counts = json_object();
	size_t i;

	json_array_foreach(kinds, i, kind)
	{
		const json_t *latency = json_object_get(kind, "latency");

		json_object_set_new(
			counts, json_string_of(kind, "name"),
			json_integer(json_integer_value(json_object_get(latency, "count"))));
	}
	return counts;
}

json_t *trial_describe(struct trial *trial)
{
	const struct planned_trial *planned = trial->planned;
	const char *after = trial->after;
	json_t *unavailable, *metrics = metrics_compute(&trial->seen, &unavailable), *record;
	json_t *errors = json_object_get(trial->seen.load, "errors");
	json_t *count = json_object_get(json_object_get(trial->seen.load, "latency"), "count");

	explain_unavailable(trial, unavailable);
	record = json_pack(
		"{s:i, s:s, s:s, s:s, s:O, s:I, s:I, s:I, s:I, s:i, s:s?, s:s, s:s, s:O, s:O, s:b, s:o, s:o}",
		"schema", 1, "scenario", planned->scenario->name, "part", planned->part->name,
		"server", planned->server, "point", planned->point, "trial",
		(json_int_t)planned->trial, "block", (json_int_t)planned->trial, "position",
		(json_int_t)planned->position, "order", (json_int_t)planned->order, "attempt",
		(int)trial->attempt, "after", *after ? after : NULL, "started_at",
		trial->started_at, "outcome", outcome_name(trial->verdict.outcome), "reasons",
		trial->verdict.reasons, "notes", trial->verdict.notes, "rate_is_lower_bound",
		trial->verdict.rate_is_lower_bound, "metrics", metrics, "unavailable", unavailable);
	if (!record)
		return NULL;
	json_object_set_new(
		record, "phases",
		json_pack("{s:I, s:I, s:I, s:I, s:I}", "ground_ns", (json_int_t)trial->ground_ns,
			  "start_ns", (json_int_t)trial->start_ns, "probe_ns",
			  (json_int_t)trial->probe_ns, "load_ns", (json_int_t)trial->load_ns,
			  "stop_ns", (json_int_t)trial->stop_ns));
	json_object_set_new(record, "slices",
			    trial->seen.slices ? slices_describe(&trial->slices) : json_null());
	json_object_set_new(record, "server_process", describe_process(trial));
	if (trial->printed) {
		json_object_set(record, "observed_order",
				json_object_get(trial->printed, "observed_order"));
		json_object_set(record, "versions", json_object_get(trial->printed, "versions"));
	}
	json_object_set_new(record, "errors", errors ? json_incref(errors) : json_null());
	json_object_set_new(record, "latency_count", count ? json_incref(count) : json_null());
	if (planned->load.kind_count > 0)
		json_object_set_new(record, "latency_counts", count_latencies(trial));
	json_object_set_new(record, "histogram", file_name(trial, trial->files.histogram));
	json_object_set_new(record, "intervals", file_name(trial, trial->files.intervals));
	json_object_set_new(record, "load_report", file_name(trial, trial->files.report));
	return record;
}
