/*
 * One trial alone, or those of a block side by side: all are opened, then measured, then closed.
 *
 * Alone a trial is measured in one window. Side by side they take turns, in slices, each at rest while it is
 * another's: a server at rest uses no CPU, and its connections stay open.
 */
#include "harness/trial/parts.h"

#include "harness/trial/observe.h"
#include "harness/process/interrupt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A program that observes itself has done all that there is to do when it has ended. */
static bool open_trial(struct trial *trial, bool awaits_ground)
{
	if (!trial->planned->part->observes)
		return trial_open(trial, awaits_ground);
	trial_observe(trial);
	return false;
}

/* All servers are started and warmed up, one after the other, unless that is found to be in vain. */
static void open_all(struct trial *trials, struct trial_block *block)
{
	for (size_t i = 0; i < block->count && !*block->why; i++) {
		struct trial *trial = &trials[i];

		if (block->in_slices)
			trial->seen.slices = &trial->slices;
		trial->over = interrupt_seen() || !open_trial(trial, i == 0);
		if (!trial->over && block->in_slices)
			rotation_await_rest(trial, block->why, sizeof block->why);
	}
}

static void collect_all(struct trial *trials, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (trials[i].has_load)
			trial_collect(&trials[i]);
}

static void note_bursts(struct trial *trial)
{
	double cpu = trial->slices.bursts[SLICE_CPU_PER_REQUEST_NS];
	double rate = trial->slices.bursts[SLICE_REQUESTS_PER_S];

	if (cpu > 1)
		trial_verdict_note(
			&trial->verdict, "bursts",
			"some slices took far more CPU than most, and no other server's did: with "
			"these a request takes %.0f %% more",
			100 * (cpu - 1));
	if (trial->slices.scatter > 0)
		trial_verdict_note(
			&trial->verdict, "ways_to_run",
			"what a request takes differs by %.0f %% from slice to slice, and other "
			"servers' does not: it has more than one way to run, and in one long window "
			"(slices: off) it may settle in another",
			100 * trial->slices.scatter);
	if (rate > 1)
		trial_verdict_note(
			&trial->verdict, "bursts",
			"some slices had far fewer answers than most, and no other server's did: "
			"with these the rate is %.0f %% lower",
			100 * (1 - 1 / rate));
}

static int compute_slices(struct trial *trials, const struct trial_block *block)
{
	const struct load *load = &block->planned->load;
	struct slices **all = calloc(block->count, sizeof(struct slices *));

	for (size_t i = 0; all && i < block->count; i++)
		all[i] = &trials[i].slices;
	if (all)
		slices_compute(all, block->count, slices_rounds(load->duration_ns, load->slice_ns));
	for (size_t i = 0; all && i < block->count; i++)
		note_bursts(&trials[i]);
	free(all);
	return all ? 0 : -ENOMEM;
}

/* 0 or -errno; with block->why if it cannot be measured as was asked. */
static int measure_all(struct trial *trials, struct trial_block *block)
{
	int result = 0;

	if (!block->in_slices) {
		if (!trials->over)
			trial_follow_load(trials);
	} else if (rotation_is_possible(trials, block->count, block->why, sizeof block->why)) {
		result = rotation_run(trials, block->count);
	}
	if (result < 0 || *block->why)
		return result;
	collect_all(trials, block->count);
	return block->in_slices ? compute_slices(trials, block) : 0;
}

static int describe_all(struct trial *trials, const struct trial_block *block, json_t **records)
{
	int result = 0;

	for (size_t i = 0; i < block->count; i++) {
		if (trials[i].has_load)
			trial_conclude(&trials[i]);
		trial_judge_standstill(&trials[i]);
		if (interrupt_seen())
			result = -EINTR;
		else if (!(records[i] = trial_describe(&trials[i])))
			result = -ENOMEM;
	}
	for (size_t i = 0; result < 0 && i < block->count; i++) {
		json_decref(records[i]);
		records[i] = NULL;
	}
	return result;
}

int trial_block_run(struct trial_context *context, struct trial_block *block, json_t **records,
		    struct error *error)
{
	struct trial *trials = calloc(block->count, sizeof *trials);
	int result = trials ? 0 : -ENOMEM;

	memset(records, 0, block->count * sizeof *records);
	block->why[0] = '\0';
	for (size_t i = 0; trials && i < block->count; i++)
		trial_begin(&trials[i], context, &block->planned[i], block->attempt);
	if (result == 0)
		open_all(trials, block);
	if (result == 0 && !*block->why && !interrupt_seen())
		result = measure_all(trials, block);
	if (result == 0 && interrupt_seen())
		result = -EINTR;
	if (result == 0 && !*block->why)
		result = describe_all(trials, block, records);
	for (size_t i = 0; trials && i < block->count; i++)
		trial_end(&trials[i]);
	free(trials);
	trial_cell_name(&block->planned[block->count - 1], context->after, sizeof context->after);
	if (result == -ENOMEM)
		error_set(error, "out of memory");
	return result;
}

int trial_run(struct trial_context *context, const struct planned_trial *planned, unsigned attempt,
	      json_t **record, struct error *error)
{
	struct trial_block alone = {.planned = planned, .count = 1, .attempt = attempt};

	return trial_block_run(context, &alone, record, error);
}
