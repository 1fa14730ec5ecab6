/* Carries a run out: trial after trial, each on disk before the next one begins. */
#include "harness/process/interrupt.h"
#include "harness/run/ladder.h"
#include "harness/run/progress.h"
#include "stored/codes.h"
#include "stored/ladder_end.h"
#include "stored/results.h"
#include "harness/run/parts.h"
#include "harness/trial/trial.h"
#include "lib/clock.h"
#include "lib/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a trial takes besides its load: start, probe, ground, stop; and opening connections. */
#define OVERHEAD_S	 0.35
#define PER_CONNECTION_S 50e-6
#define MEMORY_S	 0.2
#define CALLS_S		 1.0

enum { REPEATS_AT_LEAST = 5, REPEATS_ONE_IN = 4, REPEATS_ONE_IN_QUICK = 10 };

static double expected_s(const struct run *run, size_t index)
{
	const struct planned_trial *planned = &run->plan.trials[index];
	const struct load *load = &planned->load;
	struct limit_reached reached;

	if (trial_fits(planned, &run->catalogue, &run->limits, run_server_cores(run, load),
		       &reached) != TRIAL_FITS)
		return 0;
	return OVERHEAD_S + (load->idle ? MEMORY_S : 0) + (load->count_calls ? CALLS_S : 0) +
	       (double)(load->warmup_ns + load->duration_ns) / NS_PER_S +
	       PER_CONNECTION_S * (double)load->connections;
}

/* One line above the progress bar for what a person will want to know at once. */
static void tell(struct progress *progress, const struct planned_trial *planned,
		 const json_t *record, const char *again)
{
	char cell[256];

	trial_cell_name(planned, cell, sizeof cell);
	progress_tell(progress, "%s: trial %u of %s: %s%s",
		      ladder_is_end(planned, record) && !*again ? "end of the ladder"
								: json_string_of(record, "outcome"),
		      planned->trial, cell, trial_first_reason(record), again);
}

/* Makes one attempt at a planned trial and stores it. 1: it is to be made again at once. */
static int attempt_trial(struct run *run, struct trial_context *context, size_t index,
			 size_t *repeats, struct progress *progress, struct error *error)
{
	const struct planned_trial *planned = &run->plan.trials[index];
	unsigned *attempts = &run->attempts[index];
	const struct planned_trial *end = ladder_ended_at(run, index);
	json_t *record = NULL;
	bool at_once = false;
	int result = end ? trial_skip(context, planned, end, &record, error)
			 : trial_run(context, planned, *attempts + 1, &record, error);

	if (result == 0)
		result = store_append_trial(&run->store, record, error);
	if (result == 0) {
		bool invalid = trial_ended_as(record, OUTCOME_INVALID);
		bool later = invalid && *repeats > 0 && *attempts + 1 < RUN_ATTEMPTS &&
			     !ladder_gives_way(record);

		at_once = ladder_tries_again(planned, record);
		*repeats -= later;
		*attempts = at_once || later ? *attempts + 1 : RUN_DONE;
		if (!at_once)
			ladder_note(run, index, record);
		if (ladder_is_end(planned, record) || invalid ||
		    (!trial_has_code(record, TRIAL_CODE_MODEL) &&
		     trial_ended_as(record, OUTCOME_FAILED)))
			tell(progress, planned, record,
			     at_once ? " (once more)"
			     : later ? " (again later)"
				     : "");
	}
	json_decref(record);
	return result < 0 ? result : at_once;
}

/*
 * All trials in the order of the plan, and then, once or twice more, those that were invalid: what
 * spoils a trial comes in bursts, so the next moment is no better.
 */
static int run_trials(struct run *run, struct trial_context *context, struct progress *progress,
		      struct error *error)
{
	/* On a machine that spoils everything, repeating would only make it last longer. */
	size_t one_in = run->scenarios[0].quick_look ? REPEATS_ONE_IN_QUICK : REPEATS_ONE_IN;
	size_t repeats = REPEATS_AT_LEAST + run->plan.count / one_in;
	int result = 0;

	for (unsigned attempt = 0; attempt < RUN_ATTEMPTS; attempt++)
		for (size_t i = 0; result == 0 && i < run->plan.count; i++) {
			const struct planned_trial *planned = &run->plan.trials[i];
			char cell[256];

			if (run->attempts[i] != attempt)
				continue;
			trial_cell_name(planned, cell, sizeof cell);
			progress_trial(progress, cell, expected_s(run, i));
			while ((result = attempt_trial(run, context, i, &repeats, progress,
						       error)) > 0)
				;
			if (result == 0)
				progress_trial_done(progress);
			if (result == 0 && run->attempts[i] < RUN_ATTEMPTS)
				progress_add(progress, expected_s(run, i));
		}
	return result;
}

static void set_status(struct run *run, const char *status)
{
	char now[STORE_TIME_BYTES];

	json_object_set_new(run->json, "status", json_string(status));
	json_object_set_new(run->json, "finished_at", json_string(store_time(now, true)));
}

/* How each planned trial ended at last, as trials.jsonl has it. */
static const json_t **last_attempts(const struct run *run, const struct results *results)
{
	const json_t **last = calloc(run->plan.count, sizeof *last);

	for (size_t i = 0; last && i < results->trial_count; i++) {
		json_int_t order = json_integer_value(json_object_get(results->trials[i], "order"));

		if (order >= 1 && (size_t)order <= run->plan.count)
			last[order - 1] = results->trials[i];
	}
	return last;
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
	last = last_attempts(run, &results);
	for (size_t i = 0; last && i < run->plan.count; i++) {
		const struct planned_trial *planned = &run->plan.trials[i];
		const char *outcome = json_string_of(last[i], "outcome");
		struct cell cell = {planned->scenario->name, planned->part->name, planned->server,
				    planned->point};
		bool failed = strcmp(outcome, "failed") == 0;
		bool invalid = strcmp(outcome, "invalid") == 0;
		bool found = last[i] && (trial_has_code(last[i], TRIAL_CODE_MODEL) ||
					 trial_has_code(last[i], TRIAL_CODE_LADDER) ||
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

int run_execute(struct run *run, struct run_tally *tally, struct error *error)
{
	struct trial_context context = {.paths = &run->paths,
					.catalogue = &run->catalogue,
					.store = &run->store,
					.server_cores = run->cores.server,
					.load_cores = run->cores.load,
					.limits = &run->limits,
					.keep_free_bytes = run->keep_free_bytes,
					.tick = progress_tick};
	struct progress progress;
	const char *accounting;
	struct error late;
	double planned_s = 0;
	size_t left = 0;
	int result;

	*tally = (struct run_tally){0};
	for (size_t i = 0; i < run->plan.count; i++)
		if (run->attempts[i] < RUN_ATTEMPTS) {
			planned_s += expected_s(run, i);
			left++;
		}
	/* Servers and generators are put on theirs; tenk itself stays off the server's. */
	sched_setaffinity(0, sizeof run->cores.load, &run->cores.load);
	network_counters_read(&context.ground);
	accounting = json_string_value(
		json_object_get(json_object_get(run->json, "environment"), "interrupt_accounting"));
	context.interrupts_apart = accounting && strcmp(accounting, "irq_time") == 0;
	progress_init(&progress, left, planned_s);
	context.tick_context = &progress;
	if (has_groups(run)) {
		memory_groups_open(&context.groups, "");
		describe_memory(run, &context.groups);
	}
	result = run_trials(run, &context, &progress, error);
	memory_groups_close(&context.groups);
	progress_clear(&progress);
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
	return result == -EINTR ? 0 : result;
}
