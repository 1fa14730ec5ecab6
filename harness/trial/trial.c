#include "harness/trial/trial.h"

#include "harness/machine/cores.h"
#include "harness/trial/parts.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void trial_cell_name(const struct planned_trial *planned, char *name, size_t size)
{
	size_t length = (size_t)snprintf(name, size, "%s/%s", planned->part->name, planned->server);
	const char *axis;
	const json_t *value;

	json_object_foreach(planned->point, axis, value) if (length < size)
		length += (size_t)snprintf(name + length, size - length, " %s=%.10g", axis,
					   json_number_value(value));
}

static void name_files(struct trial *trial)
{
	const struct planned_trial *planned = trial->planned;
	const char *directory = trial->context->store->directory;
	char path[PATH_MAX];

	snprintf(trial->name, sizeof trial->name, "%04u-%s-%s", planned->order, planned->part->name,
		 planned->server);
	if (trial->attempt > 1) {
		size_t length = strlen(trial->name);

		snprintf(trial->name + length, sizeof trial->name - length, "-again%u",
			 trial->attempt - 1);
	}
	for (char *c = trial->name; *c; c++)
		if (*c == '/')
			*c = '+';
	snprintf(path, sizeof path, "load/%s", trial->name);
	paths_join(trial->files.report, directory, path, ".json");
	paths_join(trial->files.body, directory, path, ".body");
	snprintf(path, sizeof path, "histograms/%s", trial->name);
	paths_join(trial->files.histogram, directory, path, ".hlog");
	snprintf(path, sizeof path, "intervals/%s", trial->name);
	paths_join(trial->files.intervals, directory, path, ".jsonl");
	snprintf(path, sizeof path, "load/%s-calls", trial->name);
	paths_join(trial->calls_files.report, directory, path, ".json");
	paths_join(trial->calls_files.body, directory, path, ".body");
}

void trial_begin(struct trial *trial, struct trial_context *context,
		 const struct planned_trial *planned, unsigned attempt)
{
	*trial = (struct trial){
		.context = context,
		.planned = planned,
		.attempt = attempt,
		.seen = {.planned = planned,
			 .interrupts_apart = context->interrupts_apart,
			 .load_interrupts_apart = context->load_interrupts_apart,
			 .backends_on_load = context->backends_on_load,
			 .work_alone_ns = NAN},
		.server.process = {.pidfd = -1, .stderr_fd = -1},
		.load = {.events_fd = -1, .process = {.pidfd = -1, .stderr_fd = -1}},
	};
	cores_first(&context->server_cores, (unsigned)planned->load.server_cores,
		    &trial->server_cores);
	trial->seen.one_core = !context->host &&
			       CPU_EQUAL(&trial->server_cores, &context->load_cores);
	standstill_read(&trial->still);
	trial_verdict_init(&trial->verdict);
	name_files(trial);
	store_time(trial->started_at, false);
	snprintf(trial->after, sizeof trial->after, "%s", context->after);
}

void trial_end(struct trial *trial)
{
	if (!trial->load.process.ended)
		process_stop(&trial->load.process, 0);
	load_process_destroy(&trial->load);
	server_side_stop(trial);
	server_process_destroy(&trial->server);
	trial_memory_end(&trial->memory);
	json_decref(trial->seen.load);
	json_decref(trial->printed);
	free(trial->slices.made);
	trial_verdict_destroy(&trial->verdict);
}

void trial_tell_count(const struct trial *trial, enum trial_step step, enum moment_unit unit,
		      uint64_t done, uint64_t total)
{
	const struct trial_moment moment = {step, unit, done, total};

	if (trial->context->tick)
		trial->context->tick(trial->context->tick_context, &moment);
}

void trial_tell(const struct trial *trial, enum trial_step step)
{
	trial_tell_count(trial, step, MOMENT_UNCOUNTED, 0, 0);
}

int trial_skip(struct trial_context *context, const struct planned_trial *planned,
	       const struct planned_trial *end, json_t **record, struct error *error)
{
	struct trial trial;
	char name[256];

	trial_begin(&trial, context, planned, 1);
	trial_cell_name(end, name, sizeof name);
	trial_verdict_add(&trial.verdict, OUTCOME_SKIPPED, TRIAL_CODE_LADDER,
			  "the ladder ended below: %s was not held", name);
	*record = trial_describe(&trial);
	trial_end(&trial);
	if (*record)
		return 0;
	error_set(error, "out of memory");
	return -ENOMEM;
}
