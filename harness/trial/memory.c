#include "harness/trial/memory.h"

#include "harness/measure/process_tree.h"
#include "lib/clock.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define SETTLE_NS	   (150 * NS_PER_MS) /* late frees, RCU */
#define COLLECT_POLL_NS	   (20 * NS_PER_MS)
#define COLLECT_PATIENT_NS (5 * NS_PER_S)
/* Who works no more than this rests: a virtual machine looks after itself 20 times a second. */
#define COLLECT_REST_NS (COLLECT_POLL_NS / 50)
enum { COLLECT_STILL_POLLS = 10 };

static const char not_entered[] = "the server ran before, and is in no memory cgroup of its own";

static const char unreadable[] = "the server's memory cgroup could not be read";

static int make(struct memory_group *group, const struct memory_groups *groups, const char *kind,
		unsigned order, uint64_t limit_bytes, struct error *error)
{
	char name[32];

	snprintf(name, sizeof name, "%s-%04u", kind, order);
	return memory_group_make(group, groups, name, limit_bytes, error);
}

/* What the whole machine's kernel has or, where that can be read, what is charged to our own group. */
static void read_kernel(const struct trial_memory *memory, struct kernel_memory *kernel)
{
	struct group_memory ours;

	kernel_memory_read(kernel);
	if (memory->ours)
		kernel->bytes = memory_groups_read_ours(memory->ours, &ours) ? ours.kernel : NAN;
}

int trial_memory_begin(struct trial_memory *memory, const struct memory_groups *groups,
		       const struct planned_trial *planned, bool running, struct observation *seen,
		       struct error *error)
{
	uint64_t limit_bytes = planned->load.memory_limit_bytes;
	const char *why = running ? not_entered : *groups->why ? groups->why : NULL;
	int result = 0;

	*memory = (struct trial_memory){0};
	if (!scenario_part_looks_at_memory(planned->part) && limit_bytes == 0)
		return 0;
	if (limit_bytes > 0 && why) {
		error_set(error, "a limit of memory needs a memory cgroup: %s", why);
		return -ENOTSUP;
	}
	seen->no_groups = why;
	if (!running)
		result = make(&memory->server, groups, "server", planned->order, limit_bytes,
			      error);
	if (result == 0)
		result = make(&memory->load, groups, "load", planned->order, 0, error);
	if (!running && (groups->source == MEMORY_SOURCE_OUR_CGROUP_V1 ||
			 groups->source == MEMORY_SOURCE_OUR_CGROUP_V2))
		memory->ours = groups;
	read_kernel(memory, &seen->kernel_before);
	return result;
}

int trial_memory_begin_load(struct trial_memory *memory, const struct memory_groups *groups,
			    const struct planned_trial *planned, struct error *error)
{
	*memory = (struct trial_memory){0};
	if (!scenario_part_looks_at_memory(planned->part))
		return 0;
	return make(&memory->load, groups, "load", planned->order, 0, error);
}

const char *trial_memory_entry(const struct memory_group *group)
{
	return *group->path ? group->entry : NULL;
}

/* What the kernel does not tell apart is computed from what it does tell. */
static void tell_apart(struct group_memory *group, const struct memory_sample *sample,
		       double stack_bytes)
{
	if (!(group->stacks >= 0))
		group->stacks = sample->threads * stack_bytes;
	if (!(group->page_tables >= 0))
		group->page_tables = sample->page_table_bytes;
	if (!(group->objects >= 0))
		group->objects = group->kernel - group->sockets - group->stacks -
				 group->page_tables;
}

bool trial_memory_is_due(const struct observation *seen)
{
	const struct planned_trial *planned = seen->planned;

	return !planned->load.idle && scenario_part_looks_at_memory(planned->part) &&
	       clock_now_ns() >= seen->begin.at_ns + planned->load.duration_ns / 2;
}

void trial_memory_watch(struct observation *seen, const struct subject *server)
{
	if (server->pid > 0 && !server->has_tree &&
	    scenario_part_looks_at_memory(seen->planned->part))
		seen->most_threads = fmax(seen->most_threads, sample_threads(server->pid));
}

/*
 * Has all processes of the server collect their garbage. Nothing tells when they have: they have
 * worked then, and rest. False: they did not, in time.
 */
static bool collect(const struct subject *server)
{
	uint64_t deadline_ns = clock_now_ns() + COLLECT_PATIENT_NS;
	double before_ns = sample_tree_cpu_ns(server->pid), last_ns = before_ns;
	int still = 0;
	pid_t *pids;
	ssize_t count = process_tree_list(server->pid, &pids);

	for (ssize_t i = 0; i < count; i++)
		kill(pids[i], server->collect_signal);
	free(pids);
	while (count > 0 && still < COLLECT_STILL_POLLS && clock_now_ns() < deadline_ns) {
		double now_ns;

		clock_pause(COLLECT_POLL_NS);
		now_ns = sample_tree_cpu_ns(server->pid);
		still = now_ns > before_ns && now_ns - last_ns <= COLLECT_REST_NS ? still + 1 : 0;
		last_ns = now_ns;
	}
	return still == COLLECT_STILL_POLLS;
}

static void read_collected(const struct trial_memory *memory, const struct subject *server,
			   struct observation *seen)
{
	seen->collects = true;
	seen->collected.resident_bytes = seen->collected_group.total = NAN;
	if (!collect(server))
		return;
	memory_sample_take(&seen->collected, server->pid);
	memory_group_read(&memory->server, &seen->collected_group);
}

void trial_memory_read(const struct trial_memory *memory, const struct subject *server,
		       struct observation *seen)
{
	if (seen->planned->load.idle)
		clock_pause(SETTLE_NS);
	read_kernel(memory, &seen->kernel_then);
	if (!memory_group_read(&memory->server, &seen->server_group) && !seen->no_groups)
		seen->no_groups = unreadable;
	memory_group_read(&memory->load, &seen->load_group);
	seen->has_memory = server->pid > 0 && memory_sample_take(&seen->memory, server->pid);
	if (seen->has_memory)
		tell_apart(&seen->server_group, &seen->memory, seen->kernel_then.stack_bytes);
	if (seen->has_memory && seen->planned->load.idle && server->collect_signal)
		read_collected(memory, server, seen);
}

void trial_memory_unloaded(struct observation *seen, const struct subject *server)
{
	seen->has_rest = seen->slices && seen->planned->load.rate_per_s > 0 && server->pid > 0 &&
			 memory_sample_take(&seen->unloaded, server->pid);
}

void trial_memory_rested(struct observation *seen, const struct subject *server)
{
	seen->has_rest = seen->has_rest && memory_sample_take(&seen->rested, server->pid);
}

void trial_memory_judge(struct observation *seen)
{
	const json_t *fairness = json_object_get(seen->load, "fairness");
	double unused = json_number_value(json_object_get(fairness, "unused"));

	if (!seen->has_memory || seen->planned->load.idle || unused == 0)
		return;
	seen->has_memory = false;
	snprintf(seen->no_memory, sizeof seen->no_memory,
		 "%.0f of its connections had no answer, so it may not have accepted them all",
		 unused);
}

void trial_memory_end(struct trial_memory *memory)
{
	memory_group_remove(&memory->server);
	memory_group_remove(&memory->load);
}
