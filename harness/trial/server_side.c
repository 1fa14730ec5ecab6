#include "harness/trial/parts.h"

#include "lib/clock.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ANSWER_NS (10 * NS_PER_S)
/* SIGTERM, SIGKILL, and the end of thousands of threads and of their groups. */
#define STOP_NS	  (25 * NS_PER_S)
#define MEMORY_NS (30 * NS_PER_S) /* it may collect its garbage first */

/* The context's other machine; NULL: the server is here. */
static struct server_host *host_of(const struct trial *trial)
{
	return trial->context->host;
}

/* Asks, with room for the answer. NULL: the machine is lost. */
static const struct host_answer *ask(struct server_host *host, const struct host_request *request,
				     uint64_t timeout_ns)
{
	static struct host_answer answer; /* 40 KB, and the harness asks from one thread only */

	return server_host_ask(host, request, &answer, timeout_ns) == 0 ? &answer : NULL;
}

static int start_here(struct trial *trial, const struct server_entry *entry,
		      const struct server_settings *settings, struct error *error)
{
	const struct process_place place = {
		.cores = &trial->server_cores,
		.group_entry = trial_memory_entry(&trial->memory.server),
	};
	uint64_t begin_ns = clock_now_ns();
	int result = server_process_start(&trial->server, entry, settings, &place, error);
	trial->start_ns = clock_now_ns() - begin_ns;
	return result;
}

/* It is no fault of the server's. */
static void fail_host(struct trial *trial, const char *why)
{
	trial->host_lost = true;
	trial_verdict_add(&trial->verdict, OUTCOME_INVALID, "server_host", "%s", why);
	trial_verdict_explain(&trial->verdict, "machine",
			      "see that it runs, can be reached and has this build of tenk");
}

static int start_there(struct trial *trial, const struct server_entry *entry,
		       const struct server_settings *settings, struct error *error)
{
	const struct load *load = &trial->planned->load;
	struct server_host *host = host_of(trial);
	struct host_request request = {
		.order = HOST_START,
		.settings = *settings,
		.cores = trial->context->server_cores,
		.server_cores = load->server_cores,
		.start_timeout_ns = entry->start_timeout_ns,
		.memory_limit_bytes = load->memory_limit_bytes,
		.keep_free_bytes = trial->context->keep_free_bytes,
		.trial = trial->planned->order,
		.looks_at_memory = scenario_part_looks_at_memory(trial->planned->part),
		.idle = load->idle,
	};
	uint64_t timeout_ns = server_process_start_timeout(entry) + ANSWER_NS;
	const struct host_answer *answer;

	snprintf(request.server, sizeof request.server, "%s", entry->name);
	memcpy(request.build, entry->build, sizeof request.build);
	answer = ask(host, &request, timeout_ns);
	if (!answer) {
		error_set(error, "%s", host->lost);
		return -EHOSTUNREACH;
	}
	trial->memory.kills = answer->kills;
	if (answer->result < 0) {
		*error = answer->error;
		error_prefix(error, "on %s", host->name);
		if (answer->is_refused)
			fail_host(trial, error->text);
		return answer->result;
	}
	trial->start_ns = answer->started.took_ns;
	trial->server = (struct server_process){
		.process = {.pidfd = -1, .stderr_fd = -1},
		.pid = answer->started.pid,
		.host = host->address,
		.port = answer->started.port,
	};
	trial->server_cores = answer->started.cores;
	trial->is_there = true;
	return 0;
}

int server_side_start(struct trial *trial, const struct server_entry *entry,
		      const struct server_settings *settings, struct error *error)
{
	return host_of(trial) ? start_there(trial, entry, settings, error)
			      : start_here(trial, entry, settings, error);
}

/* As if it had been a process here, so that whoever describes it need not know. */
static void note_end(struct trial *trial, const struct host_stopped *stopped)
{
	struct process *process = &trial->server.process;
	ssize_t written = 0;

	process->ended = stopped->ended;
	process->exit_code = stopped->exit_code;
	process->signal = stopped->signal;
	process->usage = stopped->usage;
	process->stderr_fd = memfd_create("stderr", MFD_CLOEXEC);
	if (process->stderr_fd >= 0)
		written = write(process->stderr_fd, stopped->said, strlen(stopped->said));
	(void)written; /* what it said is only told */
}

static bool stop_there(struct trial *trial)
{
	const struct host_request request = {.order = HOST_STOP};
	const struct host_answer *answer;

	if (!trial->is_there)
		return false;
	trial->is_there = false;
	answer = ask(host_of(trial), &request, STOP_NS);
	if (!answer)
		return false;
	note_end(trial, &answer->stopped);
	return answer->stopped.forced;
}

bool server_side_stop(struct trial *trial)
{
	return host_of(trial) ? stop_there(trial) : server_process_stop(&trial->server);
}

static const struct host_look *look(struct server_host *host, bool at_leisure)
{
	const struct host_request request = {.order = HOST_LOOK, .at_leisure = at_leisure};
	const struct host_answer *answer = ask(host, &request, ANSWER_NS);

	return answer ? &answer->look : NULL;
}

bool server_side_has_ended(struct trial *trial)
{
	const struct host_look *seen;

	if (!host_of(trial))
		return server_process_has_ended(&trial->server);
	if (!trial->is_there)
		return trial->server.process.ended;
	seen = look(host_of(trial), false);
	if (!seen || !seen->ended)
		return false;
	stop_there(trial);
	return true;
}

void server_side_sample(struct trial *trial, struct sample *sample, enum sample_edge edge)
{
	const struct host_request request = {.order = HOST_SAMPLE};
	const struct subject nobody = {0};
	const struct host_answer *answer;
	const struct sample *there;
	cpu_set_t none;

	if (!host_of(trial)) {
		sample_take(sample, edge, &trial->server.subject, &trial->server_cores,
			    &trial->context->load_cores);
		return;
	}
	CPU_ZERO(&none);
	answer = ask(host_of(trial), &request, ANSWER_NS);
	sample_take(sample, edge, &nobody, &none, &trial->context->load_cores);
	if (!answer)
		return;
	there = &answer->sample.sample;
	sample->cpu_ns = there->cpu_ns;
	sample->ended_ns = there->ended_ns;
	sample->server_cores = there->server_cores;
	sample->throttling.periods += there->throttling.periods;
	sample->throttling.stopped_ns += there->throttling.stopped_ns;
	sample->delay = there->delay;
	if (*answer->sample.no_delay) /* one text for both edges */
		memcpy(trial->no_delay, answer->sample.no_delay, sizeof trial->no_delay);
	sample->delay.missing = *answer->sample.no_delay ? trial->no_delay : NULL;
}

static void read_memory_there(struct trial *trial)
{
	const struct host_request request = {.order = HOST_MEMORY};
	const struct host_answer *answer = ask(host_of(trial), &request, MEMORY_NS);
	struct observation *seen = &trial->seen;

	if (!answer)
		return;
	seen->has_memory = answer->memory.has_memory;
	seen->collects = answer->memory.collects;
	seen->memory = answer->memory.memory;
	seen->collected = answer->memory.collected;
	seen->server_group = answer->memory.group;
	seen->collected_group = answer->memory.collected_group;
	memcpy(trial->no_groups, answer->memory.no_groups, sizeof trial->no_groups);
	seen->no_groups = *trial->no_groups ? trial->no_groups : NULL;
	memory_group_read(&trial->memory.load, &seen->load_group);
}

void server_side_read_memory(struct trial *trial)
{
	if (host_of(trial))
		read_memory_there(trial);
	else
		trial_memory_read(&trial->memory, &trial->server.subject, &trial->seen);
}

void server_side_watch(struct trial *trial)
{
	const struct host_look *seen;

	if (!host_of(trial)) {
		trial_memory_watch(&trial->seen, &trial->server.subject);
		return;
	}
	if (!trial->is_there || !scenario_part_looks_at_memory(trial->planned->part))
		return;
	seen = look(host_of(trial), false);
	if (seen)
		trial->seen.most_threads = fmax(trial->seen.most_threads, seen->threads);
}

unsigned server_side_kills(struct trial *trial)
{
	const struct host_look *seen;

	if (!host_of(trial))
		return memory_group_kills(&trial->memory.server);
	seen = trial->is_there ? look(host_of(trial), false) : NULL;
	return seen ? seen->kills : trial->memory.kills;
}

void trial_read_network(const struct trial_context *context, struct network_counters *counters)
{
	const struct host_look *seen = context->host ? look(context->host, false) : NULL;

	network_counters_read(counters);
	if (seen)
		network_counters_add(counters, &seen->network);
}

void server_side_read_kernel_threads(struct trial *trial, struct kernel_threads *there,
				     struct kernel_threads *here)
{
	const struct host_look *seen = host_of(trial) ? look(host_of(trial), true) : NULL;

	kernel_threads_read(here);
	*there = seen ? seen->kernel_threads : *here;
}

void server_side_read_free(struct trial *trial, struct free_memory *memory)
{
	const struct host_look *seen;

	free_memory_read(memory, trial->context->keep_free_bytes, "");
	seen = trial->is_there ? look(host_of(trial), false) : NULL;
	if (!seen)
		return;
	if (seen->free_bytes < seen->kept_bytes)
		*memory = (struct free_memory){seen->free_bytes, seen->kept_bytes,
					       "the server's machine's"};
}

bool server_side_is_lost(struct trial *trial)
{
	struct server_host *host = host_of(trial);

	if (!host || trial->host_lost)
		return trial->host_lost;
	if (!server_host_is_lost(host))
		return false;
	fail_host(trial, host->lost);
	return true;
}
