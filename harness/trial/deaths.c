/* What ends a trial before its time: too little memory, or the death of the server. */
#include "harness/trial/parts.h"

#include "harness/machine/free_memory.h"
#include "lib/clock.h"
#include "lib/units.h"

#include <string.h>

#define ROOM_EVERY_NS  (250 * NS_PER_MS) /* in which some 40 MB are taken at the most */
#define THERE_EVERY_NS NS_PER_S
enum { ROOM_CONNECTIONS = 1000 }; /* fewer cannot take what is kept free */

static const char more_memory[] =
	"stop what else runs, or give the machine or tenk's control group more memory";

/* A trial must not take the machine down; another machine is looked at for as long as it has a server, too. */
bool trial_has_to_end(void *context)
{
	struct trial *trial = context;
	struct free_memory memory;
	char left[32], kept[32];
	uint64_t now_ns = clock_now_ns();
	bool is_large = trial->planned->load.connections >= ROOM_CONNECTIONS;

	if (server_side_is_lost(trial))
		return true;
	if ((!is_large && !trial->context->host) ||
	    now_ns < trial->looked_at_ns + (is_large ? ROOM_EVERY_NS : THERE_EVERY_NS))
		return false;
	trial->looked_at_ns = now_ns;
	server_side_read_free(trial, &memory);
	if (!is_large || memory.bytes >= memory.kept_bytes)
		return server_side_is_lost(trial);
	trial->out_of_room = true;
	trial_verdict_add(&trial->verdict, OUTCOME_INVALID, TRIAL_CODE_MEMORY,
			  "it was ended when %s of %s memory were left, to keep %s free",
			  units_format(UNIT_BYTES, (double)memory.bytes, left, sizeof left),
			  memory.whose,
			  units_format(UNIT_BYTES, (double)memory.kept_bytes, kept, sizeof kept));
	trial_verdict_explain(&trial->verdict, "memory", more_memory);
	return true;
}

/* Killed for want of memory: which explains all that went wrong besides, and so comes first. */
void trial_judge_memory(struct trial *trial)
{
	uint64_t limit_bytes = trial->planned->load.memory_limit_bytes;
	char limit[32];

	trial->memory.kills = server_side_kills(trial);
	if (trial->memory.kills > 0 && limit_bytes > 0) {
		trial_verdict_add(
			&trial->verdict, OUTCOME_FAILED, "out_of_memory",
			"its limit of memory, %s, was reached: the kernel killed %u of its processes",
			units_format(UNIT_BYTES, (double)limit_bytes, limit, sizeof limit),
			trial->memory.kills);
		trial_verdict_explain(&trial->verdict, "memory",
				      "a higher memory-limit in the scenario's load");
	} else if (trial->memory.kills > 0) {
		trial_verdict_add(&trial->verdict, OUTCOME_FAILED, "out_of_memory",
				  "the kernel killed %u of its processes for want of memory",
				  trial->memory.kills);
		trial_verdict_explain(&trial->verdict, "memory", more_memory);
	}
	if (memory_group_kills(&trial->memory.load) == 0)
		return;
	trial_verdict_add(&trial->verdict, OUTCOME_INVALID, TRIAL_CODE_LOAD_MEMORY,
			  "the kernel ended the generator for want of memory");
	trial_verdict_explain(&trial->verdict, "memory", more_memory);
}

bool trial_judge_backends(struct trial *trial)
{
	for (enum backend_kind kind = 0; kind < BACKENDS; kind++) {
		struct server_process *backend = trial->context->backends[kind];

		if (trial->backend_died || !backend || !process_wait(&backend->process, 0))
			continue;
		trial->backend_died = true;
		trial_verdict_add(
			&trial->verdict, OUTCOME_INVALID, "backend_died",
			"%s ended by itself (%s %d): it is started again for the next trial",
			scenario_backend_name(kind), backend->process.signal ? "signal" : "code",
			backend->process.signal ? backend->process.signal
						: backend->process.exit_code);
	}
	return trial->backend_died;
}

/*
 * A server that has died by itself: the outcome that no figure can outweigh, and the cause of the
 * errors that the generator then had, so it is told before them.
 */
void trial_judge_server(struct trial *trial)
{
	const struct process *process = &trial->server.process;
	char said[400];

	if (trial->died || trial->memory.kills > 0 || !server_side_has_ended(trial))
		return;
	trial->died = true;
	process_stderr(process, said, sizeof said);
	if (trial->server.running)
		trial_verdict_add(&trial->verdict, OUTCOME_FAILED, "server_died",
				  "the server answers no more");
	else if (process->signal)
		trial_verdict_add(&trial->verdict, OUTCOME_FAILED, "server_died",
				  "the server was ended by signal %d (%s) in mid-trial%s%s",
				  process->signal, strsignal(process->signal),
				  *said ? "; it said: " : "", said);
	else
		trial_verdict_add(&trial->verdict, OUTCOME_FAILED, "server_died",
				  "the server exited with code %d in mid-trial%s%s",
				  process->exit_code, *said ? "; it said: " : "", said);
	trial_verdict_explain(&trial->verdict, "crash",
			      "a server that refuses what it cannot hold: this one ended instead");
}
