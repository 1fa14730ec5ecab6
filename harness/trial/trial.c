#include "harness/machine/cores.h"
#include "harness/process/interrupt.h"
#include "harness/trial/probe.h"
#include "harness/trial/calls.h"
#include "harness/trial/parts.h"
#include "lib/clock.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROUND_WAIT_NS (2 * NS_PER_S)
#define GROUND_POLL_NS (20 * NS_PER_MS)
enum { GROUND_SOCKETS = 64, GROUND_PAGES = 512, INTERVALS_MOST = 36000 };

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

static bool is_settled(const struct network_counters *now, const struct network_counters *ground)
{
	return !(now->time_wait > ground->time_wait + GROUND_SOCKETS) &&
	       !(now->sockets > ground->sockets + GROUND_SOCKETS) &&
	       !(now->memory_pages > ground->memory_pages + GROUND_PAGES);
}

/* The same ground for every trial: waits until what the one before has left is gone. */
static void await_ground(struct trial *trial)
{
	const struct network_counters *ground = &trial->context->ground;
	struct network_counters *now = &trial->seen.before;
	uint64_t deadline_ns = clock_now_ns() + GROUND_WAIT_NS;

	network_counters_read(now);
	while (!is_settled(now, ground) && clock_now_ns() < deadline_ns && !interrupt_seen()) {
		clock_pause(GROUND_POLL_NS);
		network_counters_read(now);
	}
	if (!is_settled(now, ground))
		trial_verdict_note(&trial->verdict, "ground",
				   "before it %.0f sockets in TIME_WAIT, %.0f TCP sockets and %.0f "
				   "pages of buffers were left over",
				   fmax(0, now->time_wait - ground->time_wait),
				   fmax(0, now->sockets - ground->sockets),
				   fmax(0, now->memory_pages - ground->memory_pages));
}

/* The generator ends with 0, 1 or 3 (the rate was not borne) and a report; else it failed itself. */
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
	trial_verdict_add(&trial->verdict, OUTCOME_INVALID, "setup",
			  "the generator ended with %s %d: %s", process->signal ? "signal" : "code",
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

/* The server has borne the load once: as often again, with a counter. */
static void count_calls(struct trial *trial, const struct load_target *target,
			const struct process_place *place)
{
	const struct trial_calls calls = {
		.load = &trial->planned->load,
		.target = target,
		.place = place,
		.program = trial->context->paths->load_generator,
		.files = &trial->calls_files,
		.tick = trial->context->tick,
		.tick_context = trial->context->tick_context,
		.is_over = trial_is_out_of_room,
		.is_over_context = trial,
	};

	if (!trial->planned->load.count_calls || interrupt_seen() ||
	    trial->verdict.outcome == OUTCOME_FAILED)
		return;
	trial_calls_count(&calls, &trial->server, &trial->seen.calls);
	unlink(trial->calls_files.body);
	if (memory_group_kills(&trial->memory.server) > 0) /* only now */
		trial_judge_memory(trial);
}

static void run_load(struct trial *trial)
{
	const struct planned_trial *planned = trial->planned;
	const struct load_target target = {
		.host = trial->server.host,
		.port = trial->server.port,
		.many_sources = trial_has_many_sources(trial->planned, trial->context->limits,
						       trial->server.host),
	};
	const struct process_place place = {
		.cores = &trial->context->load_cores,
		.group_entry = trial_memory_entry(&trial->memory.load),
	};
	uint64_t begin_ns = clock_now_ns();
	struct error error;

	if (load_process_start(&trial->load, trial->context->paths->load_generator, &planned->load,
			       &target, &trial->files, &place, &error) < 0) {
		trial_verdict_add(&trial->verdict, OUTCOME_INVALID, "setup", "%s", error.text);
		return;
	}
	trial_follow_load(trial);
	trial->load_ns = clock_now_ns() - begin_ns;
	trial_judge_memory(trial);
	trial_judge_server(trial);
	if (!interrupt_seen() && !trial->out_of_room) {
		network_counters_read(&trial->seen.after);
		read_report(trial);
		if (trial->seen.load)
			trial_memory_judge(&trial->seen);
		if (trial->seen.load)
			trial_verdict_judge(&trial->verdict, &trial->seen);
		judge_steadiness(trial);
		count_calls(trial, &target, &place);
	}
	trial_judge_server(trial); /* counting calls may have been too much for it */
	load_process_destroy(&trial->load);
	unlink(trial->files.body);
	begin_ns = clock_now_ns();
	trial->forced_stop = server_process_stop(&trial->server);
	trial->stop_ns = clock_now_ns() - begin_ns;
	trial->seen.has_usage = trial->server.process.ended && !trial->forced_stop &&
				!trial->server.running;
	trial->seen.usage = trial->server.process.usage;
	if (trial->forced_stop)
		trial_verdict_note(&trial->verdict, "forced_stop",
				   "the server did not end on SIGTERM and was killed");
}

static bool prepare_memory(struct trial *trial)
{
	const struct server_entry *entry = catalogue_find(trial->context->catalogue,
							  trial->planned->server);
	struct error error;

	if (trial_memory_begin(&trial->memory, &trial->context->groups, trial->planned,
			       entry && entry->port, &trial->seen, &error) == 0)
		return true;
	trial_verdict_add(&trial->verdict, OUTCOME_INVALID, "setup", "%s", error.text);
	return false;
}

/* Starts the server and asks it once. False: it has failed, and is stopped. */
static bool start_server(struct trial *trial)
{
	const struct planned_trial *planned = trial->planned;
	const struct process_place place = {
		.cores = &trial->server_cores,
		.group_entry = trial_memory_entry(&trial->memory.server),
	};
	uint64_t begin_ns = clock_now_ns();
	struct error error;

	if (server_process_start(&trial->server,
				 catalogue_find(trial->context->catalogue, planned->server), &place,
				 &error) < 0) {
		trial_judge_memory(trial);
		trial_verdict_add(&trial->verdict, OUTCOME_FAILED, "server_start", "%s",
				  error.text);
		return false;
	}
	trial->start_ns = clock_now_ns() - begin_ns;
	trial->server.subject.is_idle = planned->load.idle;
	begin_ns = clock_now_ns();
	if (trial->server.running)
		trial_verdict_note(&trial->verdict, "running",
				   "the server ran before the trial, with whatever it had kept%s%s",
				   trial->server.unmeasured ? "; its CPU is not available: " : "",
				   trial->server.unmeasured ? trial->server.unmeasured : "");
	if (probe_server(trial->server.host, trial->server.port, &planned->load, &error) < 0) {
		trial_judge_memory(trial);
		trial_verdict_add(&trial->verdict, OUTCOME_FAILED, "probe", "%s", error.text);
		trial->forced_stop = server_process_stop(&trial->server);
		return false;
	}
	trial->probe_ns = clock_now_ns() - begin_ns;
	return true;
}

/* False, with the reason, if it cannot be held. */
static bool is_possible(struct trial *trial)
{
	struct limit_reached reached;
	enum trial_hold hold = trial_fits(trial->planned, trial->context->catalogue,
					  trial->context->limits,
					  (unsigned)CPU_COUNT(&trial->server_cores), &reached);

	if (hold == TRIAL_FITS)
		return true;
	if (hold == TRIAL_BEYOND_MODEL)
		trial_verdict_add(&trial->verdict, OUTCOME_FAILED, TRIAL_CODE_MODEL, "%s",
				  reached.text);
	else /* which is no fault of a ladder, but its end */
		trial_verdict_add(&trial->verdict,
				  trial->planned->part->ladder ? OUTCOME_SKIPPED : OUTCOME_INVALID,
				  TRIAL_CODE_MACHINE, "%s", reached.text);
	trial_verdict_explain(&trial->verdict, reached.name, reached.remedy);
	return false;
}

int trial_skip(struct trial_context *context, const struct planned_trial *planned,
	       const struct planned_trial *end, json_t **record, struct error *error)
{
	struct trial trial = {
		.context = context, .planned = planned, .attempt = 1, .seen = {.planned = planned}};
	char name[256];

	trial_verdict_init(&trial.verdict);
	name_files(&trial);
	store_time(trial.started_at, false);
	trial_cell_name(end, name, sizeof name);
	trial_verdict_add(&trial.verdict, OUTCOME_SKIPPED, TRIAL_CODE_LADDER,
			  "the ladder ended below: %s was not held", name);
	*record = trial_describe(&trial);
	trial_verdict_destroy(&trial.verdict);
	if (*record)
		return 0;
	error_set(error, "out of memory");
	return -ENOMEM;
}

int trial_run(struct trial_context *context, const struct planned_trial *planned, unsigned attempt,
	      json_t **record, struct error *error)
{
	struct trial trial = {
		.context = context,
		.planned = planned,
		.attempt = attempt,
		.seen = {.planned = planned, .interrupts_apart = context->interrupts_apart},
	};
	uint64_t begin_ns = clock_now_ns();
	int result = 0;

	cores_first(&context->server_cores, (unsigned)planned->load.server_cores,
		    &trial.server_cores);
	trial.seen.one_core = CPU_EQUAL(&trial.server_cores, &context->load_cores);
	trial.server.process = (struct process){.pidfd = -1, .stderr_fd = -1};
	trial_verdict_init(&trial.verdict);
	name_files(&trial);
	store_time(trial.started_at, false);
	if (is_possible(&trial)) {
		await_ground(&trial);
		trial.ground_ns = clock_now_ns() - begin_ns;
		trial.seen.after = trial.seen.before;
		if (!interrupt_seen() && prepare_memory(&trial) && start_server(&trial))
			run_load(&trial);
	}
	*record = NULL;
	if (interrupt_seen()) {
		result = -EINTR;
	} else {
		*record = trial_describe(&trial);
		if (!*record) {
			error_set(error, "out of memory");
			result = -ENOMEM;
		}
	}
	server_process_stop(&trial.server);
	server_process_destroy(&trial.server);
	trial_memory_end(&trial.memory);
	json_decref(trial.seen.load);
	trial_verdict_destroy(&trial.verdict);
	trial_cell_name(planned, context->after, sizeof context->after);
	return result;
}
