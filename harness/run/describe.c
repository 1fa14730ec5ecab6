/* run.json as results/SCHEMA.md has it. */
#include "harness/run/parts.h"

#include "harness/machine/environment.h"
#include "harness/measure/metrics.h"
#include "lib/text_buffer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Who is in the run, by name (programs that observe behind them), and the libraries that they were built with. */
json_t *run_describe_servers(const struct run *run, json_t *environment)
{
	json_t *list = json_array();

	for (size_t i = 0; i < run->catalogue.count; i++) {
		const struct server_entry *entry = &run->catalogue.entries[i];
		const char *library =
			json_string_value(json_object_get(entry->description, "library"));
		bool used = false;

		for (size_t j = 0; j < run->plan.count && !used; j++)
			used = strcmp(run->plan.trials[j].server, entry->name) == 0;
		if (!used)
			continue;
		json_array_append_new(list, server_entry_to_json(entry));
		if (library) { /* "libuv 1.44.2" */
			char name[64];
			size_t length = strcspn(library, " ");

			snprintf(name, sizeof name, "%.*s", (int)length, library);
			environment_add_library(environment, name,
						library[length] ? library + length + 1 : "?");
		}
	}
	run_describe_programs(run, list);
	return list;
}

/* A word as a shell reads it back, behind what leads it in. */
static void append_word(struct text_buffer *text, const char *lead, const char *word)
{
	text_append(text, lead);
	text_append_shell(text, word);
}

/* A list of run.json, as options of a command line. */
static void append_options(struct text_buffer *text, const char *option, const json_t *list)
{
	const json_t *word;
	size_t i;

	json_array_foreach(list, i, word)
	{
		text_append_format(text, " --%s ", option);
		text_append_shell(text, json_string_value(word));
	}
}

/* The words of tenk run that ask for the same, as it was resolved. */
static void append_request(struct text_buffer *out, const struct run *run,
			   const struct run_request *request)
{
	const json_t *json = run->json;
	char cores[160];

	text_append(out, request->of_claims ? "tenk claims run" : "tenk run");
	for (size_t i = 0; i < request->scenario_count; i++)
		append_word(out, " ", request->scenarios[i]);
	if (request->scenario_count == 0)
		text_append(out, " quick");
	for (size_t i = 0; i < request->server_count; i++)
		append_word(out, i ? "," : " --servers ", request->servers[i]);
	append_options(out, "server-manifest", json_object_get(json, "server_manifests"));
	append_options(out, "server-cmd", json_object_get(json, "server_commands"));
	append_options(out, "url", json_object_get(json, "server_urls"));
	if (request->foreign.start_timeout_ns)
		text_append_format(out, " --start-timeout %lluns",
				   (unsigned long long)request->foreign.start_timeout_ns);
	if (request->looks)
		text_append(out, " --until-decided");
	else if (request->trials)
		text_append_format(out, " --trials %u", request->trials);
	if (request->server_folder)
		append_word(out, " --server-dir ", request->server_folder);
	if (request->server_cores)
		text_append_format(out, " --server-cores %s",
				   cores_format(&run->cores.server, cores, sizeof cores));
	if (request->backend_cores)
		text_append_format(out, " --backend-cores %s",
				   cores_format(&run->cores.backend, cores, sizeof cores));
	if (request->load_cores)
		text_append_format(out, " --load-cores %s",
				   cores_format(&run->cores.load, cores, sizeof cores));
	if (request->server_host)
		append_word(out, " --server-host ", request->server_host);
	if (request->hosts || request->hostfile)
		append_word(out, request->hosts ? " --hosts " : " --hostfile ",
			    request->hosts ? request->hosts : request->hostfile);
}

/* As it was typed; a seed at the end counts. */
static void append_command(struct text_buffer *out, const json_t *words)
{
	const json_t *word;
	size_t i;

	json_array_foreach(words, i, word) append_word(out, i ? " " : "", json_string_value(word));
}

static void describe_request(struct run *run, const struct run_request *request, uint64_t seed)
{
	struct text_buffer text = {0};
	json_t *json = run->json;

	if (request->by_command)
		append_command(&text, request->command);
	else
		append_request(&text, run, request);
	text_append_format(&text, " --seed %llu", (unsigned long long)seed);
	json_object_set(json, "command", request->command);
	json_object_set_new(json, "repeat", json_string(text_string(&text)));
	json_object_set_new(json, "seed", json_integer((json_int_t)seed));
	text_destroy(&text);
}

json_t *run_describe_generator(const struct run *run)
{
	char build[17] = "";

	return json_pack("{s:s?}", "build",
			 catalogue_hash_build(run->paths.load_generator, build) ? build : NULL);
}

/* run.json as it is before the first trial. */
int run_describe(struct run *run, const struct run_request *request, uint64_t seed)
{
	json_t *json = run->json, *environment = run_environment(run);
	json_t *scenarios = json_array();
	char now[STORE_TIME_BYTES];
	const char *slash = strrchr(run->store.directory, '/');

	for (size_t i = 0; i < run->scenario_count; i++)
		json_array_append_new(scenarios, scenario_to_json(&run->scenarios[i]));
	json_object_set_new(json, "schema", json_integer(1));
	json_object_set_new(json, "id", json_string(slash ? slash + 1 : run->store.directory));
	json_object_set_new(json, "tenk_version", json_string(TENK_VERSION));
	json_object_set_new(json, "build_flags", json_string(TENK_BUILD_FLAGS));
	json_object_set_new(json, "status", json_string("running"));
	json_object_set_new(json, "started_at", json_string(store_time(now, true)));
	json_object_set_new(json, "finished_at", json_null());
	describe_request(run, request, seed);
	json_object_set_new(json, "cores", cores_to_json(&run->cores));
	json_object_set_new(json, "repeats", json_string("blocks"));
	json_object_set_new(json, "planned_trials", json_integer((json_int_t)run->plan.count));
	json_object_set_new(json, "scenarios", scenarios);
	json_object_set_new(json, "servers", run_describe_servers(run, environment));
	if (request->compared.base)
		json_object_set_new(json, "compared",
				    json_pack("{s:s, s:s, s:i}", "base", request->compared.base,
					      "head", request->compared.head, "looks",
					      (int)request->compared.looks));
	if (request->looks)
		json_object_set_new(json, "looks", json_integer((json_int_t)request->looks));
	json_object_set_new(json, "load_generator", run_describe_generator(run));
	json_object_set_new(json, "metrics",
			    metrics_describe_run(run->scenarios, run->scenario_count));
	return json_object_set_new(json, "environment", environment) < 0 ? -ENOMEM : 0;
}
