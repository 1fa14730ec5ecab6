/* From what was typed to a plan and a place on disk. */
#include "harness/run/parts.h"

#include "harness/machine/free_memory.h"
#include "harness/machine/quota.h"
#include "lib/clock.h"
#include "lib/json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { SEED_HIGHEST = 9999 };

/* A scenario may want fewer cores for the server than it has, not more. */
static int check_server_cores(const struct run *run, struct error *error)
{
	unsigned given = (unsigned)CPU_COUNT(&run->cores.server);
	char cores[160];

	for (size_t i = 0; i < run->plan.count; i++) {
		const struct planned_trial *planned = &run->plan.trials[i];

		if (planned->load.server_cores > given)
			return error_set(
				error,
				"part \"%s\" wants %llu cores for the server, which has %u here (core "
				"%s): give it more with --server-cores, or write less in server-cores",
				planned->part->name, (unsigned long long)planned->load.server_cores,
				given, cores_format(&run->cores.server, cores, sizeof cores));
	}
	return 0;
}

/*
 * Why a cell cannot be held; false: it can, or this is not its first trial, or a step of a ladder,
 * which is there to find that out.
 */
static bool is_beyond(const struct run *run, size_t index, struct limit_reached *reached)
{
	const struct planned_trial *planned = &run->plan.trials[index];

	return planned->trial == 1 && !planned->part->ladder &&
	       trial_fits(planned, &run->catalogue, &run->limits,
			  cores_count_first(&run->cores.server, planned->load.server_cores),
			  reached) != TRIAL_FITS;
}

/* How many cells of the same part and server are beyond the same limit, before this one and in all. */
static size_t count_alike(const struct run *run, size_t index, const char *reason, size_t *before)
{
	const struct planned_trial *trials = run->plan.trials;
	struct limit_reached other;
	size_t count = 0;

	*before = 0;
	for (size_t i = 0; i < run->plan.count; i++) {
		if (trials[i].part != trials[index].part ||
		    strcmp(trials[i].server, trials[index].server) != 0 ||
		    !is_beyond(run, i, &other) || strcmp(other.text, reason) != 0)
			continue;
		count++;
		*before += i < index;
	}
	return count;
}

/* Cells that this machine or the model cannot hold are told before the run, a limit once. */
static void warn_of_limits(struct run *run)
{
	struct limit_reached reached;
	char cell[256];

	for (size_t i = 0; i < run->plan.count; i++) {
		const struct planned_trial *planned = &run->plan.trials[i];
		size_t alike, before;

		if (!is_beyond(run, i, &reached))
			continue;
		alike = count_alike(run, i, reached.text, &before);
		trial_cell_name(planned, cell, sizeof cell);
		if (alike == 1)
			run_warn(run, "%s is not measured: %s%s%s", cell, reached.text,
				 *reached.remedy ? "; to lift that: " : "", reached.remedy);
		else if (before == 0)
			run_warn(run, "%s/%s: %zu cells are not measured: %s%s%s",
				 planned->part->name, planned->server, alike, reached.text,
				 *reached.remedy ? "; to lift that: " : "", reached.remedy);
	}
}

static void warn_of_cores(struct run *run)
{
	double quota = quota_cores("");

	if (quota < (double)run->limits.cores)
		run_warn(
			run,
			"a control group leaves us the time of %.2f of %llu cores: trials in which that "
			"is used up are invalid, for everything stands still then; to lift that: %s",
			quota, (unsigned long long)run->limits.cores, quota_remedy);
	if (run->cores.siblings)
		run_warn(
			run,
			"server and generator are on hardware threads of the same physical core, "
			"and each slows the other: give them cores of their own with "
			"--server-cores and --load-cores (lscpu -e tells which are which), or give "
			"the machine a second core");
	if (run->cores.unknown)
		run_warn(run,
			 "which cores are hardware threads of the same physical one cannot be told "
			 "here: if server and generator are, each slows the other (choose with "
			 "--server-cores and --load-cores)");
	if (run->cores.shared)
		run_warn(run, "there is one core for server and generator: rates and latencies "
			      "say little, memory is as good as anywhere");
}

/* What a server does on purpose is not to be taken for what it is. */
static void warn_of_faults(struct run *run)
{
	const json_t *server;
	size_t i;

	json_array_foreach(json_object_get(run->json, "servers"), i, server)
	{
		const char *injected = json_string_of(server, "injected");

		if (*injected)
			run_warn(run,
				 "%s fails on purpose (--inject %s): its figures are not its own",
				 json_string_of(server, "name"), injected);
	}
}

static void warn_of_host(struct run *run)
{
	if (run_has_server_host(run))
		run_warn(
			run,
			"the servers run on %s and are loaded from elsewhere: rates and latencies hold the "
			"network between the machines, CPU and memory are that machine's own",
			run->host.name);
}

static uint64_t draw_seed(void)
{
	uint64_t value = 0;

	if (getrandom(&value, sizeof value, GRND_NONBLOCK) != sizeof value)
		value = clock_now_ns();
	return value % SEED_HIGHEST + 1;
}

static void name_run(struct run *run)
{
	size_t length = 0;

	for (size_t i = 0; i < run->scenario_count && length < sizeof run->title; i++)
		length += (size_t)snprintf(run->title + length, sizeof run->title - length, "%s%s",
					   i ? "+" : "", run->scenarios[i].name);
}

/* What every run begins with. */
int run_prepare(struct run *run, struct error *error)
{
	const char *folders[] = {run->paths.servers,
				 json_string_value(json_object_get(run->json, "server_folder")),
				 NULL};
	int result = paths_find(&run->paths, error);

	if (result == 0)
		result = catalogue_read(&run->catalogue, folders, error);
	if (result == 0)
		result = catalogue_read_reference(&run->catalogue, run->paths.reference, error);
	if (result == 0)
		result = run_add_foreign(run, error);
	if (result == 0)
		result = run_keep_builds(run, error);
	if (result < 0)
		return result;
	machine_limits_read(&run->limits, NULL);
	return free_memory_read_setting(&run->keep_free_bytes, error);
}

void run_warm_up_long_enough(const struct run *run, struct planned_trial *planned)
{
	const struct server_entry *entry = catalogue_find(&run->catalogue, planned->server);
	uint64_t ns = entry ? server_entry_warm_up_ns(entry) : 0;

	if (!planned->load.idle && planned->load.warmup_ns > 0 && ns > planned->load.warmup_ns)
		planned->load.warmup_ns = ns;
}

static bool is_same_cell(const struct planned_trial *one, const struct planned_trial *other)
{
	return one->part == other->part && strcmp(one->server, other->server) == 0 &&
	       json_equal(one->point, other->point);
}

/* Each has its first trial in the first block, so what is looked through is that. */
static bool number_cells(struct run *run)
{
	const struct planned_trial *trials = run->plan.trials;

	run->cells = calloc(run->plan.count + 1, sizeof *run->cells);
	for (size_t i = 0; run->cells && i < run->plan.count; i++) {
		size_t first = 0;

		while (first < i && !is_same_cell(&trials[first], &trials[i]))
			first++;
		run->cells[i] = first < i ? run->cells[first] : run->cell_count++;
	}
	return run->cells != NULL;
}

int run_plan(struct run *run, uint64_t seed, struct error *error)
{
	int result;

	run_calibrate(run);
	result = plan_make(&run->plan, run->scenarios, run->scenario_count, seed, error);

	if (result < 0)
		return result;
	for (size_t i = 0; i < run->plan.count; i++)
		run_warm_up_long_enough(run, &run->plan.trials[i]);
	run->states = calloc(run->plan.count, sizeof *run->states);
	if (!run->states || !number_cells(run))
		return -ENOMEM;
	run->repeats = run_repeats_most(run);
	name_run(run);
	return 0;
}

void run_clear(struct run *run, const struct run_request *request)
{
	*run = (struct run){.store.trials_fd = -1,
			    .load_generator.fd = -1,
			    .host = {.wire = -1, .ssh = {.pidfd = -1, .stderr_fd = -1}},
			    .decided = request->decided,
			    .decided_context = request->decided_context};
}

int run_create(struct run *run, const struct run_request *request, struct error *error)
{
	uint64_t seed = request->seed ? request->seed : draw_seed();
	int result;

	run_clear(run, request);
	run->json = json_pack("{s:[]}", "warnings");
	result = run->json ? run_keep_foreign(run, request) : -ENOMEM;
	if (result == 0)
		result = run_prepare(run, error);
	if (result == 0)
		result = run_read_scenarios(run, request, error);
	if (result == 0)
		result = run_choose_hosts(run, request, error);
	if (result == 0)
		result = run_choose_foreign(run, request, error);
	if (result == 0)
		result = run_resolve_servers(run, request, error);
	if (result == 0)
		result = run_choose_server_host(run, request, error);
	if (result == 0)
		result = run_refuse_unfit(run, error);
	if (result == 0)
		result = run_check_running(run, error);
	if (result == 0)
		result = run_has_server_host(run)
				 ? cores_choose_apart(&run->cores, &run->host.cores,
						      request->server_cores, request->load_cores,
						      error)
				 : cores_choose(&run->cores, request->server_cores,
						request->load_cores, error);
	if (result == 0)
		result = run_place_backends(run, request, error);
	if (result == 0)
		result = run_fit_cores(run, error);
	if (result == 0)
		result = run_plan(run, seed, error);
	if (result == 0)
		result = check_server_cores(run, error);
	if (result < 0)
		return result;
	if (!run_has_server_host(run))
		warn_of_cores(run);
	warn_of_host(run);
	warn_of_limits(run);
	run_warn_of_foreign(run);
	run_warn_of_settings(run);
	result = store_create(&run->store, request->out, run->title, error);
	if (result == 0)
		result = run_describe(run, request, seed);
	warn_of_faults(run);
	if (result == 0)
		result = run_choose_slices(run);
	if (result == 0)
		result = store_write_run(&run->store, run->json, error);
	return result;
}

void run_destroy(struct run *run)
{
	store_close(&run->store);
	server_host_leave(&run->host);
	kept_folder_remove(&run->files);
	plan_destroy(&run->plan);
	for (size_t i = 0; i < run->scenario_count; i++)
		scenario_destroy(&run->scenarios[i]);
	free(run->scenarios);
	free(run->states);
	free(run->cells);
	free(run->chosen);
	free(run->added);
	catalogue_destroy(&run->catalogue);
	kept_program_close(&run->load_generator);
	mapped_files_destroy(&run->mapped);
	json_decref(run->json);
}
