/* The servers of other people in a run: kept, added, chosen, and what there is to warn of. */
#include "harness/run/parts.h"

#include "harness/catalogue/foreign.h"
#include "harness/http/http_client.h"
#include "lib/listening.h"
#include "lib/clock.h"
#include "lib/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int keep(json_t *json, const char *key, char *const *texts, size_t count)
{
	json_t *list = json_array();
	int result = 0;

	/* One that is no UTF-8 cannot be kept, and so not be resumed or repeated. */
	for (size_t i = 0; i < count; i++)
		result |= json_array_append_new(list, json_string(texts[i]));
	result |= json_object_set_new(json, key, list);
	return result < 0 ? -EINVAL : 0;
}

static int keep_builds(json_t *json, const struct run_request *request)
{
	json_t *list = json_array();
	int result = 0;

	for (size_t i = 0; i < request->build_count; i++)
		result |= json_array_append_new(
			list, json_pack("{s:s, s:s, s:s?}", "label", request->builds[i].label,
					"folder", request->builds[i].folder, "revision",
					request->builds[i].revision));
	result |= json_object_set_new(json, "builds", list);
	return result < 0 ? -EINVAL : 0;
}

int run_keep_foreign(struct run *run, const struct run_request *request)
{
	json_t *json = run->json;
	int result = json_object_set_new(
		json, "server_folder",
		request->server_folder ? json_string(request->server_folder) : json_null());

	for (size_t i = 0; result == 0 && i < FOREIGN_SOURCES; i++)
		result = keep(json, foreign_sources[i].key, request->foreign.texts[i],
			      request->foreign.counts[i]);
	if (result == 0 && request->build_count > 0)
		result = keep_builds(json, request);
	if (result == 0 && request->foreign.start_timeout_ns > 0)
		result = json_object_set_new(
			json, "start_timeout_ns",
			json_integer((json_int_t)request->foreign.start_timeout_ns));
	return result;
}

/* What the options name, of the build that has begun. */
static int add_sources(struct run *run, struct error *error)
{
	int result = 0;

	for (size_t i = 0; i < FOREIGN_SOURCES; i++) {
		const json_t *list = json_object_get(run->json, foreign_sources[i].key);

		for (size_t j = 0; result == 0 && j < json_array_size(list); j++)
			result = foreign_request_add(&run->catalogue, &foreign_sources[i],
						     json_string_value(json_array_get(list, j)),
						     &run->added, &run->added_count, error);
	}
	return result;
}

/* Of each build its own servers, and what the options name as it is there. */
static int add_builds(struct run *run, struct error *error)
{
	const json_t *list = json_object_get(run->json, "builds"), *build;
	int result = 0;
	size_t i;

	json_array_foreach(list, i, build)
	{
		if (run->build_count == RUN_BUILDS)
			break;
		run->builds[run->build_count++] = (struct server_build){
			json_string_of(build, "label"), json_string_of(build, "folder"), NULL};
	}
	for (i = 0; result == 0 && i < run->build_count; i++) {
		catalogue_begin_build(&run->catalogue, &run->builds[i]);
		result = catalogue_read_build(&run->catalogue, error);
		if (result == 0)
			result = add_sources(run, error);
	}
	catalogue_begin_build(&run->catalogue, NULL);
	return result;
}

int run_add_foreign(struct run *run, struct error *error)
{
	int result = json_object_get(run->json, "builds") ? add_builds(run, error)
							  : add_sources(run, error);

	catalogue_allow_start(&run->catalogue, (uint64_t)json_integer_value(json_object_get(
						       run->json, "start_timeout_ns")));
	return result;
}

int run_choose_foreign(struct run *run, const struct run_request *request, struct error *error)
{
	run->chosen = foreign_request_choose((const char *const *)request->servers,
					     request->server_count, run->added, run->added_count,
					     &run->chosen_count, error);
	return run->chosen ? 0 : -EINVAL;
}

static bool is_planned(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->plan.count; i++)
		if (strcmp(run->plan.trials[i].server, name) == 0)
			return true;
	return false;
}

int run_check_running(const struct run *run, struct error *error)
{
	for (size_t i = 0; i < run->catalogue.count; i++) {
		const struct server_entry *entry = &run->catalogue.entries[i];
		struct http_client client;
		int result;

		if (!entry->port)
			continue;
		result = http_client_open(&client, entry->host, entry->port, NS_PER_S);
		http_client_close(&client);
		if (result < 0)
			return error_set(error, "nothing answers at %s: %s", entry->executable,
					 strerror(-result));
	}
	return 0;
}

/* It was started by somebody, on whatever cores. */
static void warn_of_running(struct run *run, const struct server_entry *entry)
{
	struct listening listening;
	cpu_set_t cores, shared;
	char list[160];

	listening_find(&listening, entry->host, entry->port);
	if (listening.pid == 0)
		run_warn(run, "memory and CPU of %s are not available: %s", entry->name,
			 listening.why);
	else if (!listening.alone)
		run_warn(run, "CPU of %s is not available: it runs in several processes",
			 entry->name);
	if (listening.pid == 0 || sched_getaffinity(listening.pid, sizeof cores, &cores) < 0)
		return;
	CPU_AND(&shared, &cores, &run->cores.load);
	if (CPU_COUNT(&shared) > 0 && !run->cores.shared)
		run_warn(run,
			 "%s may run on the generator's cores, and disturb it: start it with "
			 "taskset -c %s",
			 entry->name, cores_format(&run->cores.server, list, sizeof list));
}

static void warn_of_version(struct run *run, const struct manifest *manifest)
{
	char *version = foreign_version(manifest);

	if (!foreign_is_tested(manifest, version))
		run_warn(run,
			 "%s is here; its manifest was written for %s: settings may have "
			 "other effects",
			 version, manifest->tested);
	free(version);
}

void run_warn_of_foreign(struct run *run)
{
	const struct manifest *told = NULL;

	for (size_t i = 0; i < run->catalogue.count; i++) {
		const struct server_entry *entry = &run->catalogue.entries[i];

		if (server_entry_is_own(entry) || !is_planned(run, entry->name))
			continue;
		if (entry->port)
			warn_of_running(run, entry);
		else if (entry->manifest != told) /* profiles stand beside each other */
			warn_of_version(run, entry->manifest);
		told = entry->manifest;
	}
}
