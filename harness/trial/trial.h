/*
 * One trial: a fresh server, the same ground, a right answer first, then the load and what is
 * sampled beside it, and a record of how it went. See "Processes" in docs/method.md.
 */
#ifndef TENK_TRIAL_H
#define TENK_TRIAL_H

#include "harness/catalogue/catalogue.h"
#include "harness/catalogue/observed.h"
#include "harness/catalogue/settings.h"
#include "harness/machine/limits.h"
#include "harness/measure/memory_group.h"
#include "harness/process/mapped_files.h"
#include "harness/trial/moment.h"
#include "harness/trial/server_host.h"
#include "harness/trial/server_process.h"
#include "harness/scenario/plan.h"
#include "harness/measure/sampler.h"
#include "stored/store.h"

#include <jansson.h>
#include <sched.h>

struct trial_context {
	const struct kept_program *load_generator;
	struct mapped_files *mapped; /* that servers have been seen to run */
	const struct catalogue *catalogue;
	const struct store *store;
	struct observed_folders observed; /* where programs that observe themselves are */
	cpu_set_t server_cores, load_cores;
	bool interrupts_apart, load_interrupts_apart; /* as in struct observation */
	struct network_counters ground;		      /* as it was before the first trial */
	const struct machine_limits *limits;	      /* what this machine can hold */
	struct server_settings settings; /* what is around the servers: where their files are */
	struct server_process *backends[BACKENDS]; /* that servers ask; NULL: this one is not */
	unsigned revived;      /* 1 << enum backend_kind: that had ended and were started again */
	bool backends_on_load; /* and run on the generator's cores */
	struct server_host *host;    /* on which the servers run; NULL: here */
	struct memory_groups groups; /* where those of trials are made */
	uint64_t keep_free_bytes;    /* as free_memory_read takes it */
	char after[256];	     /* the cell that ran before, "" for none */
	/* Called now and then while a trial runs, to show what it is doing. */
	void (*tick)(void *context, const struct trial_moment *moment);
	void *tick_context;
};

/*
 * Whether the machine, and the server's own model, can hold the trial on so many cores. If not,
 * *reached says what limits it, and the outcome is "invalid" for the machine's limits, "failed" for
 * the model's.
 */
enum trial_hold { TRIAL_FITS, TRIAL_BEYOND_MACHINE, TRIAL_BEYOND_MODEL };
enum trial_hold trial_fits(const struct planned_trial *planned, const struct catalogue *catalogue,
			   const struct machine_limits *limits, unsigned server_cores,
			   struct limit_reached *reached);

/*
 * Whether this machine can hold the servers of a block side by side, each with all its connections; if
 * not, *reached says what limits it. Those that do not fit alone are not measured, and need nothing.
 */
bool trial_block_fits(const struct planned_trial *planned, size_t count,
		      const struct catalogue *catalogue, const struct machine_limits *limits,
		      unsigned server_cores, struct limit_reached *reached);

/*
 * Whether the generator comes from many addresses: from half of one's ports on, which trials before
 * may hold for a minute. Only within 127.0.0.0/8.
 */
bool trial_has_many_sources(const struct planned_trial *planned,
			    const struct machine_limits *limits, const char *host);

/*
 * Runs it, for the first time or (attempt 2 and more) because it was invalid before. Whatever the server does, the result is 0 and *record a line for trials.jsonl (new
 * reference); -EINTR when the person interrupts (no record), another -errno with a message when
 * the harness itself cannot go on.
 */
int trial_run(struct trial_context *context, const struct planned_trial *planned, unsigned attempt,
	      json_t **record, struct error *error);

/* The trials of all servers at one point of a block. */
struct trial_block {
	const struct planned_trial *planned;
	size_t count;
	unsigned attempt; /* as of trial_run */
	bool in_slices;	  /* side by side, in turns of load.slice_ns; if not, there is one */
	char why[200];	  /* why they cannot be measured side by side after all; "": they can */
};

/*
 * Runs them, likewise. If they cannot be measured side by side that is told in block->why, and there are
 * no records; else there is one for each, in order.
 */
int trial_block_run(struct trial_context *context, struct trial_block *block, json_t **records,
		    struct error *error);

/* What the kernel has counted of the network, of the servers' machine too where that is another one. */
void trial_read_network(const struct trial_context *context, struct network_counters *counters);

/* The record of a trial that is not run, since the ladder has ended at `end`. Otherwise the same. */
int trial_skip(struct trial_context *context, const struct planned_trial *planned,
	       const struct planned_trial *end, json_t **record, struct error *error);

/* "throughput/epoll connections=64", for people and for `after`. */
void trial_cell_name(const struct planned_trial *planned, char *name, size_t size);

#endif
