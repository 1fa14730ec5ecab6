/*
 * Carries a plan out block after block, each trial on disk before the next one begins.
 *
 * The servers of a block are compared with each other, so they have to have met the same machine: a
 * block of which a trial was spoiled is made once more, whole and at once, and not that trial alone
 * and later. The same if a run was interrupted in the middle of one.
 */
#include "harness/run/parts.h"

#include "harness/run/ladder.h"
#include "harness/run/progress.h"
#include "harness/run/schedule.h"
#include "harness/measure/slices.h"
#include "harness/trial/trial.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "stored/codes.h"
#include "stored/ladder_end.h"

#include <sys/stat.h>

/* What a trial takes besides its load: start, probe, ground, stop; and opening connections. */
#define OVERHEAD_S	 0.35
#define SIDE_BY_SIDE_S	 0.1 /* the same, where the ground is waited for once for all */
#define PER_CONNECTION_S 50e-6
#define MEMORY_S	 0.2
#define CALLS_S		 1.0
#define BETWEEN_SLICES_S 5e-3
#define OBSERVED_S	 3.0 /* of a program that observes itself, before the first has ended */

struct trial_time run_expected(const struct run *run, size_t index)
{
	const struct planned_trial *planned = &run->plan.trials[index];
	const struct load *load = &planned->load;
	uint64_t load_ns = load->warmup_ns + load->duration_ns;
	double rest_s = OVERHEAD_S;
	struct limit_reached reached;

	if (planned->part->observes)
		return (struct trial_time){.rest_s = OBSERVED_S};
	if (run_is_in_slices(run, index)) {
		size_t rounds = slices_rounds(load->duration_ns, load->slice_ns);

		load_ns = load->warmup_ns + SLICES_LEAD_NS +
			  rounds * (SLICES_LEAD_NS + load->slice_ns);
		rest_s = SIDE_BY_SIDE_S + (double)rounds * BETWEEN_SLICES_S;
	} else if (load->idle) {
		load_ns = load->warmup_ns; /* and then it is looked at once */
	}
	if (trial_fits(planned, &run->catalogue, &run->limits,
		       cores_count_first(&run->cores.server, load->server_cores),
		       &reached) != TRIAL_FITS)
		return (struct trial_time){0};
	rest_s += (load->idle ? MEMORY_S : 0) + (load->count_calls ? CALLS_S : 0) +
		  PER_CONNECTION_S * (double)load->connections;
	return (struct trial_time){(double)load_ns / NS_PER_S, rest_s};
}

static double expected_s(const struct run *run, size_t index)
{
	struct trial_time time = run_expected(run, index);

	return time.load_s + time.rest_s;
}

double run_block_s(const struct run *run)
{
	double sum_s = 0;

	for (size_t i = 0; i < run->plan.count; i++)
		if (run->plan.trials[i].trial == run->plan.trials[0].trial)
			sum_s += expected_s(run, i);
	return sum_s;
}

/* On a machine that spoils everything, repeating would only make it last longer. */
enum { REPEATS_ONE_IN = 4, REPEATS_ONE_IN_QUICK = 10, REPEATS_AT_LEAST = 5 };

size_t run_repeats_most(const struct run *run)
{
	size_t one_in = run->scenarios[0].quick_look ? REPEATS_ONE_IN_QUICK : REPEATS_ONE_IN;
	size_t largest = 0;

	for (size_t first = 0, end; first < run->plan.count; first = end) {
		end = plan_block_end(&run->plan, first);
		largest = end - first > largest ? end - first : largest;
	}
	largest = largest > REPEATS_AT_LEAST ? largest : REPEATS_AT_LEAST;
	return largest + run->plan.count / one_in;
}

void run_note_attempt(struct run *run, size_t index, const json_t *record)
{
	const struct planned_trial *planned = &run->plan.trials[index];
	struct trial_state *state = &run->states[index];
	unsigned attempt = (unsigned)json_integer_value(json_object_get(record, "attempt"));

	if (attempt < state->attempts)
		return;
	state->attempts = attempt;
	state->spoiled = ladder_tries_again(planned, record) ||
			 (trial_ended_as(record, OUTCOME_INVALID) && !ladder_gives_way(record));
	if (!ladder_tries_again(planned, record))
		ladder_note(run, index, record);
}

static size_t count_spoiled(const struct run *run, size_t first, size_t end)
{
	size_t count = 0;

	for (size_t i = first; i < end; i++)
		count += run->states[i].spoiled;
	return count;
}

static unsigned last_attempt(const struct run *run, size_t first, size_t end)
{
	unsigned last = 0;

	for (size_t i = first; i < end; i++)
		last = run->states[i].attempts > last ? run->states[i].attempts : last;
	return last;
}

/* Errors of a ladder's step are confirmed in any case. */
bool run_repeats_block(struct run *run, size_t first, size_t end)
{
	size_t trials = run->plan.trials[first].part->ladder ? 0 : end - first;

	if (count_spoiled(run, first, end) == 0 || last_attempt(run, first, end) >= RUN_ATTEMPTS ||
	    run->repeats < trials)
		return false;
	run->repeats -= trials;
	return true;
}

/* One line above the progress bar for what a person will want to know at once. */
static void tell(struct progress *progress, const struct planned_trial *planned,
		 const json_t *record)
{
	char cell[256];

	trial_cell_name(planned, cell, sizeof cell);
	progress_tell(progress, "%s: trial %u of %s: %s%s",
		      ladder_is_end(planned, record) && !ladder_tries_again(planned, record)
			      ? "end of the ladder"
			      : json_string_of(record, "outcome"),
		      planned->trial, cell, trial_first_reason(record),
		      ladder_tries_again(planned, record) ? " (once more)" : "");
}

/* How much a trial leaves on disk: its line, and its files. Before the first, more than most leave. */
enum { LINE_BYTES = 32 << 10, FILES_BYTES = 64 << 10 };

static void note_size(struct run *run, const json_t *record)
{
	static const char *const files[] = {"histogram", "intervals", "load_report"};
	char path[2 * PATH_MAX];
	uint64_t line_bytes = json_dumpb(record, NULL, 0, JSON_COMPACT), file_bytes = 0;
	struct stat status;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", run->store.directory,
			 json_string_of(record, files[i]));
		if (*json_string_of(record, files[i]) && stat(path, &status) == 0)
			file_bytes += (uint64_t)status.st_blocks * 512;
	}
	run->line_bytes = line_bytes > run->line_bytes ? line_bytes : run->line_bytes;
	run->file_bytes = file_bytes > run->file_bytes ? file_bytes : run->file_bytes;
}

/* What the block will leave, twice as much as the largest so far, and run.json once more. */
static int reserve(const struct run *run, const struct block *block, struct error *error)
{
	uint64_t count = block->end - block->first;
	uint64_t lines = run->line_bytes ? 2 * run->line_bytes : LINE_BYTES;
	uint64_t files = run->file_bytes ? 2 * run->file_bytes : FILES_BYTES;

	return store_reserve(&run->store, count * lines,
			     count * files + json_dumpb(run->json, NULL, 0, JSON_INDENT(2)), error);
}

/* Stores what came of an attempt at a planned trial. 0 or -errno with a message. */
static int keep(struct run *run, size_t index, const json_t *record, struct progress *progress,
		struct error *error)
{
	const struct planned_trial *planned = &run->plan.trials[index];
	int result;

	/* It was no fault of the machine that would be gone the next time. */
	if (trial_has_code(record, TRIAL_CODE_STORAGE))
		return store_complain_room(&run->store, trial_first_reason(record), error);
	result = store_append_trial(&run->store, record, error);
	if (result < 0)
		return result;
	note_size(run, record);
	run_note_attempt(run, index, record);
	if (ladder_is_end(planned, record) || trial_ended_as(record, OUTCOME_INVALID) ||
	    (!trial_has_code(record, TRIAL_CODE_MODEL) && trial_ended_as(record, OUTCOME_FAILED)))
		tell(progress, planned, record);
	return 0;
}

/* "throughput/8 servers in turn connections=64" */
static void name_block(const struct planned_trial *planned, size_t count, char *name, size_t size)
{
	struct planned_trial all = *planned;
	char servers[48];

	snprintf(servers, sizeof servers, "%zu servers in turn", count);
	all.server = servers;
	trial_cell_name(&all, name, size);
}

/* Makes one attempt at a planned trial and stores it. 0 or -errno with a message. */
static int make_attempt(struct run *run, struct trial_context *context, size_t index,
			unsigned attempt, struct progress *progress, struct error *error)
{
	const struct planned_trial *planned = &run->plan.trials[index];
	const struct planned_trial *end = ladder_ended_at(run, index);
	json_t *record = NULL;
	char cell[256];
	int result;

	trial_cell_name(planned, cell, sizeof cell);
	progress_begin(progress, cell, &run->cells[index], 1);
	result = end ? trial_skip(context, planned, end, &record, error)
		     : trial_run(context, planned, attempt, &record, error);
	if (result == 0) /* what was replaced meanwhile may have been started */
		result = run_check_builds(run, index, index + 1, progress, error);
	if (result == 0)
		result = keep(run, index, record, progress, error);
	if (result == 0)
		progress_done(progress, !trial_has_code(record, TRIAL_CODE_SUSPENDED));
	json_decref(record);
	return result;
}

/* The same of all trials of a block, side by side. If that cannot be, *made stays false. */
static int make_side_by_side(struct run *run, struct trial_context *context,
			     const struct block *block, unsigned attempt, bool *made,
			     struct progress *progress, struct error *error)
{
	struct trial_block trials = {.planned = &run->plan.trials[block->first],
				     .count = block->end - block->first,
				     .attempt = attempt,
				     .in_slices = true};
	json_t **records = calloc(trials.count, sizeof *records);
	char cells[256];
	int result;

	name_block(trials.planned, trials.count, cells, sizeof cells);
	progress_begin(progress, cells, &run->cells[block->first], trials.count);
	result = records ? trial_block_run(context, &trials, records, error) : -ENOMEM;
	*made = result == 0 && *trials.why == '\0';
	if (*made)
		result = run_check_builds(run, block->first, block->end, progress, error);
	for (size_t i = 0; result == 0 && *made && i < trials.count; i++)
		result = keep(run, block->first + i, records[i], progress, error);
	if (result == 0 && *made)
		progress_done(progress, !trial_has_code(records[0], TRIAL_CODE_SUSPENDED));
	for (size_t i = 0; records && i < trials.count; i++)
		json_decref(records[i]);
	free(records);
	if (result == 0 && !*made) {
		run_leave_slices(run, block->first, trials.why);
		progress_tell(progress, "%s: trials follow one another: %s", cells, trials.why);
		result = store_write_run(&run->store, run->json, error);
	}
	return result;
}

static int make_block(struct run *run, struct trial_context *context, const struct block *block,
		      unsigned attempt, struct progress *progress, struct error *error)
{
	bool made = false;
	int result = 0;

	result = run_check_builds(run, block->first, block->end, progress, error);
	if (result == 0)
		result = reserve(run, block, error);
	if (result < 0)
		return result;
	run_set_files(run, &run->plan.trials[block->first], &context->settings);
	result = run_require_backends(run, context, run->plan.trials[block->first].part->backends,
				      error);
	if (result < 0)
		return result;
	if (run_is_in_slices(run, block->first))
		result = make_side_by_side(run, context, block, attempt, &made, progress, error);
	for (size_t i = block->first; result == 0 && !made && i < block->end; i++)
		result = make_attempt(run, context, i, attempt, progress, error);
	return result;
}

static void tell_repeated(const struct run *run, size_t first, size_t end,
			  struct progress *progress)
{
	const struct planned_trial *planned = &run->plan.trials[first];
	size_t spoiled = count_spoiled(run, first, end);

	for (size_t i = first; i < end; i++)
		progress_add(progress, run->cells[i], run_expected(run, i));
	if (!planned->part->ladder)
		progress_tell(
			progress,
			"once more: block %u of %s, %zu server%s side by side, of which %zu %s "
			"spoiled",
			planned->trial, planned->part->name, end - first,
			end - first == 1 ? "" : "s", spoiled, spoiled == 1 ? "was" : "were");
}

static int run_block(struct run *run, struct trial_context *context, const struct block *block,
		     struct progress *progress, struct error *error)
{
	size_t first = block->first, end = block->end;
	int result;

	for (;;) {
		unsigned attempt = last_attempt(run, first, end) + 1;

		result = make_block(run, context, block, attempt, progress, error);
		if (result < 0 || !run_repeats_block(run, first, end))
			break;
		tell_repeated(run, first, end, progress);
	}
	for (size_t i = first; result == 0 && i < end; i++)
		run->states[i].done = true;
	return result;
}

int run_blocks(struct run *run, struct trial_context *context, struct progress *progress,
	       struct error *error)
{
	struct block block;
	int result = 0;

	while (result == 0 && schedule_next(run, &block))
		result = run_block(run, context, &block, progress, error);
	return result;
}
