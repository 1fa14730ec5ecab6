/* What a trial does to know what its connections cost in memory, the kernel's share included. */
#ifndef TENK_TRIAL_MEMORY_H
#define TENK_TRIAL_MEMORY_H

#include "harness/measure/memory_group.h"
#include "harness/measure/metrics.h"

struct trial_memory {
	struct memory_group server, load; /* none in a trial that does not look at memory */
	unsigned kills;			  /* of the server's processes, for want of memory */
	/* Of the one that we are in, for want of those; NULL: it says nothing, or not of both ends. */
	const struct memory_groups *ours;
};

/*
 * Makes the groups, before anything is started, and notes how it was without a server. A server that
 * is running already is in a group of somebody else's, of which nothing is read and which cannot be
 * limited. 0 or -errno with a message. To be ended in any case.
 */
int trial_memory_begin(struct trial_memory *memory, const struct memory_groups *groups,
		       const struct planned_trial *planned, bool running, struct observation *seen,
		       struct error *error);

/* Makes that of the generator alone, for a server on another machine. The same. */
int trial_memory_begin_load(struct trial_memory *memory, const struct memory_groups *groups,
			    const struct planned_trial *planned, struct error *error);

/* What a process is started with to be in its group; NULL: in none. */
const char *trial_memory_entry(const struct memory_group *group);

/* Whether busy connections' memory is to be read now: from the middle of the window on. */
bool trial_memory_is_due(const struct observation *seen);

/*
 * Counts the server's threads in mid-window, for the most that there were. Of a tree of processes it
 * does not: to look at thousands every 100 ms would disturb them.
 */
void trial_memory_watch(struct observation *seen, const struct subject *server);

/*
 * Reads all there is of the server. If connections are idle it waits before until late frees are
 * done, and has it collect its garbage afterwards, if it does, and reads once more.
 */
void trial_memory_read(const struct trial_memory *memory, const struct subject *server,
		       struct observation *seen);

/*
 * What connections add, where servers are measured side by side at a fixed rate: reads what the server has
 * before its load, and when all slices are over, with the connections open and at rest.
 */
void trial_memory_unloaded(struct observation *seen, const struct subject *server);
void trial_memory_rested(struct observation *seen, const struct subject *server);

/*
 * Once the generator has reported: memory is that of the connections that the server had accepted, so
 * it holds only if all were answered.
 */
void trial_memory_judge(struct observation *seen);

/* Removes the groups; what was in them has ended. */
void trial_memory_end(struct trial_memory *memory);

#endif
