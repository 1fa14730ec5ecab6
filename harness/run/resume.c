/* The folder of an interrupted run, taken up again. */
#include "harness/run/parts.h"

#include "harness/run/ladder.h"
#include "lib/json.h"
#include "stored/environment.h"
#include "stored/results.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int complain_build(const struct run *run, const char *name, struct error *error)
{
	return error_set(
		error,
		"%s has been built anew since %s began: start a new run with %s, or put back what "
		"was there then to go on with this one",
		name, run->store.directory, json_string_of(run->json, "repeat"));
}

/* A run from before it was stored says nothing of it. */
static int check_same_generator(const struct run *run, struct error *error)
{
	const json_t *then = json_object_get(run->json, "load_generator");
	json_t *now = run_describe_generator(run);
	int result = then && !json_equal(then, now) ? complain_build(run, "tenk-load", error) : 0;

	json_decref(now);
	return result;
}

/* Half a run of one machine or build and half of another would be a wrong number. */
static int check_same_ground(struct run *run, struct error *error)
{
	json_t *then = json_object_get(run->json, "environment"), *now = run_environment(run);
	json_t *servers = run_describe_servers(run, now), *server;
	char changes[400];
	int result = 0;
	size_t i;

	if (environments_differ(then, now, changes, sizeof changes))
		result = error_set(error,
				   "this machine is not as it was when %s began (%s): "
				   "start a new run with %s",
				   run->store.directory, changes,
				   json_string_value(json_object_get(run->json, "repeat")));
	json_array_foreach(servers, i, server)
	{
		json_t *other = json_array_get(json_object_get(run->json, "servers"), i);

		if (result == 0 &&
		    !json_equal(json_object_get(server, "build"), json_object_get(other, "build")))
			result = complain_build(run, json_string_of(server, "name"), error);
	}
	if (result == 0)
		result = check_same_generator(run, error);
	json_decref(servers);
	json_decref(now);
	return result;
}

/* Notes which trials an earlier session has made. */
static int note_attempts(struct run *run, const struct results *results, struct error *error)
{
	for (size_t i = 0; i < results->trial_count; i++) {
		const json_t *trial = results->trials[i];
		json_int_t order = json_integer_value(json_object_get(trial, "order"));
		json_int_t attempt = json_integer_value(json_object_get(trial, "attempt"));
		const struct planned_trial *planned;

		if (order < 1 || (size_t)order > run->plan.count)
			return error_set(error, "%s holds a trial %lld that is not of its plan",
					 run->store.directory, (long long)order);
		planned = &run->plan.trials[order - 1];
		if (!json_equal(json_object_get(trial, "point"), planned->point) ||
		    strcmp(json_string_of(trial, "server"), planned->server) != 0)
			return error_set(error, "trial %lld of %s is not the one that its plan has",
					 (long long)order, run->store.directory);
		if (attempt > 1 && !planned->part->ladder && run->repeats > 0)
			run->repeats--;
		run_note_attempt(run, (size_t)order - 1, trial);
	}
	return 0;
}

/*
 * A block is done if it was made whole and is not to be repeated. One that was cut is made anew as a
 * whole: what ran before the interruption met another machine.
 */
static void note_blocks(struct run *run)
{
	for (size_t first = 0, end; first < run->plan.count; first = end) {
		bool whole = run->states[first].attempts > 0;

		end = plan_block_end(&run->plan, first);
		for (size_t i = first; i < end; i++)
			whole &= run->states[i].attempts == run->states[first].attempts;
		if (whole && !run_repeats_block(run, first, end))
			for (size_t i = first; i < end; i++)
				run->states[i].done = true;
	}
}

/* A run that had seen enough has fewer trials than it might have had. */
static void cut_plan(struct run *run)
{
	json_int_t count = json_integer_value(json_object_get(run->json, "planned_trials"));

	if (count > 0)
		plan_cut(&run->plan, (size_t)count);
}

static int read_stored(struct run *run, const struct results *results, struct error *error)
{
	const json_t *scenarios = json_object_get(results->run, "scenarios"), *scenario;
	int result = 0;
	size_t i;

	run->json = json_deep_copy(results->run);
	run->scenarios = calloc(json_array_size(scenarios) + 1, sizeof *run->scenarios);
	if (!run->json || !run->scenarios)
		return -ENOMEM;
	json_array_foreach(scenarios, i, scenario)
	{
		if (result == 0)
			result = scenario_from_json(&run->scenarios[i], scenario, error);
		if (result == 0)
			run->scenario_count++;
	}
	if (result == 0)
		result = cores_from_json(&run->cores, json_object_get(run->json, "cores"), error);
	return result;
}

/* Whether all are still there; of a program that observes the trial says so. */
static int find_servers(const struct run *run, struct error *error)
{
	for (size_t i = 0; i < run->scenario_count; i++)
		for (size_t j = 0; j < run->scenarios[i].part_count; j++) {
			const struct scenario_part *part = &run->scenarios[i].parts[j];

			for (size_t k = 0; !part->observes && k < part->server_count; k++)
				if (!catalogue_find(&run->catalogue, part->servers[k]))
					return catalogue_complain(&run->catalogue, part->servers[k],
								  error);
		}
	return 0;
}

int run_reopen(struct run *run, const struct run_request *request, struct error *error)
{
	struct results results = {0};
	json_int_t seed;
	int result;

	run_clear(run, request);
	result = store_open(&run->store, request->resume, error);
	if (result == 0)
		result = results_load(&results, request->resume, error);
	if (result == 0)
		result = read_stored(run, &results, error);
	if (result == 0)
		result = run_prepare(run, error);
	if (result == 0)
		result = find_servers(run, error);
	if (result == 0)
		result = run_choose_server_host(run, request, error);
	seed = result == 0 ? json_integer_value(json_object_get(run->json, "seed")) : 0;
	if (result == 0)
		result = run_plan(run, (uint64_t)seed, error);
	if (result == 0)
		cut_plan(run);
	if (result == 0)
		result = check_same_ground(run, error);
	if (result == 0)
		result = note_attempts(run, &results, error);
	if (result == 0)
		note_blocks(run);
	if (result == 0)
		json_object_set_new(run->json, "status", json_string("running"));
	if (result == 0)
		result = store_write_run(&run->store, run->json, error);
	results_destroy(&results);
	return result;
}
