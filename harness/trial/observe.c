#include "harness/trial/observe.h"

#include "harness/process/interrupt.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/units.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define TICK_NS	 (100 * NS_PER_MS)
#define GRACE_NS (500 * NS_PER_MS)
enum { SAID_BYTES = 400 };

/* What it said last, for a reason; after what leads it in. */
static const char *said(const struct trial *trial, char text[SAID_BYTES])
{
	size_t length;

	process_stderr(&trial->server.process, text, SAID_BYTES);
	length = strlen(text);
	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	return text;
}

/* Until it has ended or its time is up. False: it did not end by itself. */
static bool await_end(struct trial *trial)
{
	struct process *process = &trial->server.process;
	uint64_t timeout_ns = trial->planned->part->timeout_ns;
	uint64_t deadline_ns = clock_now_ns() + timeout_ns;
	char text[32];

	while (!process_wait(process, TICK_NS)) {
		trial_tell(trial, TRIAL_IS_OBSERVING);
		if (!interrupt_seen() && clock_now_ns() < deadline_ns)
			continue;
		process_stop(process, GRACE_NS);
		if (!interrupt_seen())
			trial_verdict_add(
				&trial->verdict, OUTCOME_FAILED, TRIAL_CODE_OBSERVATION,
				"it had not ended within %s (timeout: gives it longer)",
				units_format(UNIT_DURATION, (double)timeout_ns, text, sizeof text));
		return false;
	}
	process_stop(process, 0); /* what it started and did not end */
	return true;
}

static bool ended_well(struct trial *trial)
{
	const struct process *process = &trial->server.process;
	char text[SAID_BYTES];

	if (process->signal)
		trial_verdict_add(&trial->verdict, OUTCOME_FAILED, TRIAL_CODE_OBSERVATION,
				  "it was ended by signal %d (%s)", process->signal,
				  strsignal(process->signal));
	else if (process->exit_code == OBSERVE_NOT_HERE)
		trial_verdict_add(&trial->verdict, OUTCOME_SKIPPED, TRIAL_CODE_MACHINE, "%s",
				  *said(trial, text) ? text : "it cannot be observed here");
	else if (process->exit_code != 0)
		trial_verdict_add(&trial->verdict, OUTCOME_FAILED, TRIAL_CODE_OBSERVATION,
				  "it ended with code %d: %s", process->exit_code,
				  *said(trial, text) ? text : "it said nothing");
	return process->exit_code == 0;
}

/* A word about what is wrong with the output, NULL: nothing. */
static const char *find_fault(const json_t *printed, const char **key)
{
	const json_t *metrics = json_object_get(printed, "metrics");
	const json_t *orders = json_object_get(printed, "observed_order"), *value;

	*key = "metrics";
	if (!json_is_object(metrics))
		return "is no object";
	json_object_foreach((json_t *)metrics, *key, value)
	{
		if (!json_is_number(value) && !json_is_null(value))
			return "is no number";
		if (!metrics_may_be_printed(*key))
			return "is no metric of such programs (harness/measure/metrics_programs.c "
			       "has them)";
	}
	*key = "observed_order";
	if (orders && !json_is_object(orders))
		return "is no object";
	json_object_foreach((json_t *)orders, *key,
			    value) if (!json_is_integer(value) ||
				       json_integer_value(value) <
					       0) return "of observed_order is no count";
	*key = "versions";
	value = json_object_get(printed, "versions");
	return value && !json_is_object(value) ? "is no object" : NULL;
}

static void read_output(struct trial *trial, int output_fd)
{
	json_error_t problem = {.text = ""};
	const char *fault, *key;
	json_t *printed;

	lseek(output_fd, 0, SEEK_SET);
	printed = json_loadfd(output_fd, JSON_REJECT_DUPLICATES, &problem);
	fault = printed ? find_fault(printed, &key) : NULL;
	if (!printed)
		trial_verdict_add(&trial->verdict, OUTCOME_FAILED, TRIAL_CODE_OBSERVATION,
				  "what it printed is no JSON: line %d: %s", problem.line,
				  problem.text);
	else if (fault)
		trial_verdict_add(&trial->verdict, OUTCOME_FAILED, TRIAL_CODE_OBSERVATION,
				  "it printed what it should not: \"%.60s\" %s", key, fault);
	if (fault) {
		json_decref(printed);
		printed = NULL;
	}
	trial->printed = printed;
	trial->seen.printed = json_object_get(printed, "metrics");
}

static void run_program(struct trial *trial, const struct observed_program *program)
{
	const struct planned_trial *planned = trial->planned;
	char workers[40] = "", *arguments[4] = {NULL};
	struct process_options options = {
		.arguments = arguments, .place = {.cores = &trial->server_cores}, .pass_fd = -1};
	uint64_t begin_ns = clock_now_ns();
	struct error error;
	size_t count = 0;

	if (*program->runtime)
		arguments[count++] = (char *)program->runtime;
	arguments[count++] = (char *)program->path;
	if (planned->load.workers > 0) {
		snprintf(workers, sizeof workers, "--workers=%llu",
			 (unsigned long long)planned->load.workers);
		arguments[count++] = workers;
	}
	options.output_fd = memfd_create("output", MFD_CLOEXEC);
	if (options.output_fd < 0 || process_spawn(&trial->server.process, &options, &error) < 0) {
		trial_verdict_add(&trial->verdict, OUTCOME_INVALID, "setup", "%s",
				  options.output_fd < 0 ? strerror(errno) : error.text);
	} else {
		trial->server.pid = trial->server.process.pid;
		if (await_end(trial) && ended_well(trial))
			read_output(trial, options.output_fd);
		trial->load_ns = clock_now_ns() - begin_ns;
	}
	if (options.output_fd >= 0)
		close(options.output_fd);
}

void trial_observe(struct trial *trial)
{
	const struct trial_context *context = trial->context;
	struct observed_program program;
	struct error error = {""};
	int result = observed_find(&program, &context->observed, context->catalogue,
				   trial->planned->server, &error);

	if (result < 0 || *program.missing) {
		trial_verdict_add(&trial->verdict, OUTCOME_SKIPPED, TRIAL_CODE_MISSING, "%s",
				  result < 0 ? error.text : program.missing);
		trial_verdict_explain(&trial->verdict, "", program.remedy);
		return;
	}
	run_program(trial, &program);
}
