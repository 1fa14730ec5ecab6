/* Carries a run out, and counts what came of it. */
#include "harness/machine/environment.h"
#include "harness/process/interrupt.h"
#include "harness/process/output.h"
#include "harness/run/ladder.h"
#include "harness/run/progress.h"
#include "stored/codes.h"
#include "stored/ladder_end.h"
#include "stored/repeats.h"
#include "stored/results.h"
#include "harness/run/parts.h"
#include "harness/trial/trial.h"
#include "lib/clock.h"
#include "lib/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_status(struct run *run, const char *status)
{
	char now[STORE_TIME_BYTES];

	json_object_set_new(run->json, "status", json_string(status));
	json_object_set_new(run->json, "finished_at", json_string(store_time(now, true)));
}

/*
 * How each planned trial ended, as trials.jsonl has it: as it did at last or, where its block was
 * repeated, in the attempt that counts. But a failure of a server is not undone by another attempt.
 */
static const json_t **final_attempts(const struct run *run, const struct results *results)
{
	const json_t **final = calloc(run->plan.count, sizeof *final);

	for (size_t i = 0; final && i < results->trial_count; i++) {
		const json_t *trial = results->trials[i];
		json_int_t order = json_integer_value(json_object_get(trial, "order"));
		const json_t **last;

		if (order < 1 || (size_t)order > run->plan.count || repeats_superseded(trial))
			continue;
		last = &final[order - 1];
		if (*last && !run->plan.trials[order - 1].part->ladder &&
		    trial_ended_as(*last, OUTCOME_FAILED))
			continue;
		*last = trial;
	}
	return final;
}

static size_t count_outcomes(const struct results *results, const struct cell *cell)
{
	return results_count_outcome(results, cell, "ok") +
	       results_count_outcome(results, cell, "saturated") +
	       results_count_outcome(results, cell, "failed");
}

static int read_tally(const struct run *run, struct run_tally *tally, struct error *error)
{
	struct results results = {0};
	const json_t **last;
	int result = results_load(&results, run->store.directory, error);

	if (result < 0)
		return result;
	last = final_attempts(run, &results);
	for (size_t i = 0; last && i < run->plan.count; i++) {
		const struct planned_trial *planned = &run->plan.trials[i];
		const char *outcome = json_string_of(last[i], "outcome");
		struct cell cell = {planned->scenario->name, planned->part->name, planned->server,
				    planned->point};
		bool failed = strcmp(outcome, "failed") == 0;
		bool invalid = strcmp(outcome, "invalid") == 0;
		bool found = last[i] &&
			     (trial_has_code(last[i], TRIAL_CODE_MODEL) ||
			      trial_has_code(last[i], TRIAL_CODE_LADDER) ||
			      (planned->part->observes && strcmp(outcome, "skipped") == 0) ||
			      ladder_is_end(planned, last[i]));

		tally->ok += strcmp(outcome, "ok") == 0;
		tally->saturated += strcmp(outcome, "saturated") == 0;
		tally->skipped += strcmp(outcome, "skipped") == 0;
		tally->failed += failed;
		tally->invalid += invalid;
		tally->failed_found += failed && found;
		tally->invalid_found += invalid && found;
		tally->empty_cells += planned->trial == 1 && !found &&
				      count_outcomes(&results, &cell) == 0;
	}
	tally->repeated = results.trial_count - tally->ok - tally->saturated - tally->skipped -
			  tally->failed - tally->invalid;
	free(last);
	results_destroy(&results);
	return last ? 0 : -ENOMEM;
}

/* Where the kernel's share is known from, for those who read it. */
static void describe_memory(struct run *run, const struct memory_groups *groups)
{
	json_object_set_new(run->json, "memory_source",
			    json_pack("{s:s, s:s?}", "name", memory_source_name(groups->source),
				      "why", *groups->why ? groups->why : NULL));
}

/* Whether any trial is to have groups: to make them, processes are moved and controllers given. */
static bool has_groups(const struct run *run)
{
	for (size_t i = 0; i < run->plan.count; i++)
		if (scenario_part_looks_at_memory(run->plan.trials[i].part) ||
		    run->plan.trials[i].load.memory_limit_bytes > 0)
			return true;
	return false;
}

static const char log_name[] = "log.txt";

void run_keep_output(const struct run *run)
{
	char path[PATH_MAX];

	if (paths_join(path, run->store.directory, log_name, "") == 0)
		output_keep(path);
}

/* False: no memory. */
static bool begin_progress(const struct run *run, struct progress *progress)
{
	if (!progress_init(progress, run->cell_count))
		return false;
	progress->may_end_early = run->decided != NULL;
	for (size_t i = 0; i < run->plan.count; i++)
		if (!run->states[i].done)
			progress_add(progress, run->cells[i], run_expected(run, i));
	return true;
}

int run_execute(struct run *run, struct run_tally *tally, struct error *error)
{
	struct trial_context context = {.load_generator = &run->load_generator,
					.mapped = &run->mapped,
					.catalogue = &run->catalogue,
					.store = &run->store,
					.server_cores = run->cores.server,
					.load_cores = run->cores.load,
					.limits = &run->limits,
					.host = run_has_server_host(run) ? &run->host : NULL,
					.keep_free_bytes = run->keep_free_bytes,
					.observed = run_observed_folders(run),
					.tick = progress_tick};
	struct progress progress;
	char log[PATH_MAX];
	struct error late;
	int result;

	*tally = (struct run_tally){0};
	interrupt_outlive_terminal();
	if (!begin_progress(run, &progress) ||
	    paths_join(log, run->store.directory, log_name, "") < 0)
		return -ENOMEM;
	progress.log = log;
	/* Servers and generators are put on theirs; tenk itself stays off the server's. */
	sched_setaffinity(0, sizeof run->cores.load, &run->cores.load);
	trial_read_network(&context, &context.ground);
	context.load_interrupts_apart =
		environment_keeps_interrupts_apart(json_object_get(run->json, "environment"));
	context.interrupts_apart = run_has_server_host(run) ? run->host.interrupts_apart
							    : context.load_interrupts_apart;
	context.tick_context = &progress;
	if (has_groups(run)) {
		memory_groups_open(&context.groups, "");
		describe_memory(run, &context.groups);
		run_describe_memory_there(run);
	}
	run_init_backends(run);
	result = run_write_files(run, error);
	progress_begin(&progress, "what servers bear", NULL, 0);
	if (result == 0)
		result = run_find_capacities(run, &context, error);
	progress_clear(&progress);
	progress_start(&progress); /* the time that is left is that of trials */
	if (result == 0)
		result = store_write_run(&run->store, run->json, error);
	if (result == 0)
		result = run_blocks(run, &context, &progress, error);
	backends_stop(&run->backends);
	memory_groups_close(&context.groups);
	progress_destroy(&progress);
	tally->interrupted = result == -EINTR;
	set_status(run, result == 0 ? "complete" : "aborted");
	if (store_write_run(&run->store, run->json, &late) < 0 &&
	    (result == 0 || result == -EINTR)) {
		*error = late;
		result = -EIO;
	}
	if (read_tally(run, tally, &late) < 0 && (result == 0 || result == -EINTR)) {
		*error = late;
		result = -EIO;
	}
	run_keep_output(run);
	return result == -EINTR ? 0 : result;
}
