/*
 * From scenarios to an ordered list of trials.
 *
 * Order (docs/method.md): in blocks, one trial of every cell a block; parts are shuffled in each
 * block, the points of a part too (but for a ladder's, which ascend), and at
 * each point the servers form a fresh random permutation in odd blocks and its reverse in even ones,
 * so that two variants run as ABBA. The seed decides everything; the same seed gives the same order
 * on any machine, and a block follows from the seed and its number alone, however many there are.
 */
#ifndef TENK_PLAN_H
#define TENK_PLAN_H

#include "harness/scenario/scenario.h"

struct planned_trial {
	const struct scenario *scenario;
	const struct scenario_part *part;
	const char *server; /* "epoll", "thread-per-connection/stack-64k" */
	struct load load;   /* the part's load with this point applied and its target filled in;
			     * never more threads than connections */
	json_t *point;	    /* {"connections": 64} */
	unsigned trial;	    /* the block, from 1 */
	unsigned position;  /* among the servers of its point in that block, from 1 */
	unsigned order;	    /* from 1 */
	uint64_t seed;	    /* of what is drawn while it runs, or the block that begins with it */
	/* Of memory, both ends, by what fewer connections took; 0: not known. */
	uint64_t expected_bytes;
};

struct plan {
	struct planned_trial *trials;
	size_t count;
};

/* Every trial of every part, in order. The scenarios must outlive the plan. 0 or -errno. */
int plan_make(struct plan *plan, const struct scenario *scenarios, size_t scenario_count,
	      uint64_t seed, struct error *error);
void plan_destroy(struct plan *plan);

/* A kind of a planned load's mix as a load of its own, its target filled in; the load itself if it has no mix. */
struct load load_of_kind(const struct load *load, size_t index);

/*
 * The load of a planned trial as a closed loop over so many connections, in one window, in which no request waits in
 * the server: by which the rate of a share is found. Of varied values it has those of the trial.
 */
struct load plan_closed_load(const struct planned_trial *planned, uint64_t connections);

/* The N of /cpu/N that takes a processor here as long as the load says. */
uint64_t load_cpu_rounds(const struct load *load);

/* Leaves out what comes behind so many trials. */
void plan_cut(struct plan *plan, size_t count);

/*
 * Where the block of a point ends that begins here: the trials of all servers at one point, which are
 * compared with each other and run side by side. Each step of a ladder stands by itself.
 */
size_t plan_block_end(const struct plan *plan, size_t first);

#endif
