/* What a trial comes to: the generator's report, its verdict, the end of its server. */
#include "harness/trial/parts.h"

#include "harness/process/interrupt.h"
#include "harness/trial/calls.h"
#include "lib/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define END_PATIENCE_NS (5 * NS_PER_S)
enum { INTERVALS_MOST = 36000, EXIT_NOT_WRITTEN = 5 };

/* The generator ends with 0, 1 or 3 (the rate was not borne) and a report; else it failed itself, with 5 to write that. */
static bool ended_with_report(const struct process *process)
{
	return process->ended &&
	       (process->exit_code == 0 || process->exit_code == 1 || process->exit_code == 3);
}

static void read_report(struct trial *trial)
{
	const struct process *process = &trial->load.process;
	char said[600];

	trial->seen.load = json_load_file(trial->files.report, 0, NULL);
	if (ended_with_report(process) && trial->seen.load)
		return;
	process_stderr(process, said, sizeof said);
	said[strcspn(said, "\n")] = '\0';
	if (process->ended && process->exit_code == EXIT_NOT_WRITTEN)
		trial_verdict_add(&trial->verdict, OUTCOME_INVALID, TRIAL_CODE_STORAGE, "%s", said);
	else
		trial_verdict_add(&trial->verdict, OUTCOME_INVALID, "setup",
				  "the generator ended with %s %d: %s",
				  process->signal ? "signal" : "code",
				  process->signal ? process->signal : process->exit_code, said);
}

static void judge_steadiness(struct trial *trial)
{
	FILE *file = trial->planned->load.idle ? NULL : fopen(trial->files.intervals, "re");
	double *completed = file ? malloc(INTERVALS_MOST * sizeof *completed) : NULL;
	char line[1024];
	size_t count = 0;

	while (completed && count < INTERVALS_MOST && fgets(line, sizeof line, file)) {
		json_t *interval = json_loads(line, 0, NULL);
		const json_t *value = json_object_get(interval, "completed");

		if (json_is_number(value))
			completed[count++] = json_number_value(value);
		json_decref(interval);
	}
	if (completed)
		trial_verdict_judge_steadiness(&trial->verdict, completed, count);
	free(completed);
	if (file)
		fclose(file);
}

static void tell_counting(void *trial)
{
	trial_tell(trial, TRIAL_IS_COUNTING);
}

/* The server has borne the load once: as often again, with a counter. */
static void count_calls(struct trial *trial)
{
	const struct process_place place = trial_load_place(trial);
	const struct trial_calls calls = {
		.load = &trial->planned->load,
		.target = &trial->target,
		.place = &place,
		.program = trial->context->load_generator,
		.files = &trial->calls_files,
		.tick = tell_counting,
		.tick_context = trial,
		.is_over = trial_has_to_end,
		.is_over_context = trial,
	};

	if (!trial->planned->load.count_calls || interrupt_seen() ||
	    trial->verdict.outcome == OUTCOME_FAILED)
		return;
	if (trial->context->host) {
		snprintf(trial->seen.calls.why, sizeof trial->seen.calls.why,
			 "the server is on another machine, where they are not counted");
		return;
	}
	trial_calls_count(&calls, &trial->server, &trial->seen.calls);
	unlink(trial->calls_files.body);
	if (server_side_kills(trial) > 0) /* only now */
		trial_judge_memory(trial);
}

void trial_collect(struct trial *trial)
{
	if (trial->seen.slices && load_process_finish(&trial->load))
		process_wait(&trial->load.process, END_PATIENCE_NS);
	if (!trial->load.process.ended)
		process_stop(&trial->load.process, NS_PER_S);
	trial->load_ns = clock_now_ns() - trial->load_at_ns;
	trial_judge_memory(trial);
	trial_judge_server(trial);
	if (interrupt_seen() || trial->out_of_room || server_side_is_lost(trial) ||
	    trial_judge_backends(trial))
		return;
	if (!trial->seen.slices)
		trial_read_network(trial->context, &trial->seen.after);
	if (server_side_is_lost(trial)) /* whose counters are missing then */
		return;
	read_report(trial);
	if (trial->seen.load)
		trial_memory_judge(&trial->seen);
}

static void stop_server(struct trial *trial)
{
	uint64_t begin_ns = clock_now_ns();

	trial->forced_stop = server_side_stop(trial);
	trial->stop_ns = clock_now_ns() - begin_ns;
	trial->seen.has_usage = trial->server.process.ended && !trial->forced_stop &&
				!trial->server.running;
	trial->seen.usage = trial->server.process.usage;
	if (trial->forced_stop)
		trial_verdict_note(&trial->verdict, "forced_stop",
				   "the server did not end on SIGTERM and was killed");
}

void trial_conclude(struct trial *trial)
{
	if (!interrupt_seen() && !trial->out_of_room && !trial->backend_died && !trial->host_lost) {
		if (trial->seen.load)
			trial_verdict_judge(&trial->verdict, &trial->seen);
		if (trial->seen.slices)
			trial_verdict_judge_slices(&trial->verdict, &trial->slices);
		else
			judge_steadiness(trial);
		count_calls(trial);
	}
	trial_judge_server(trial); /* counting calls may have been too much for it */
	unlink(trial->files.body);
	stop_server(trial);
}
