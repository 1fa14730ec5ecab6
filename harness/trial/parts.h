/* What a trial is while it runs, and what its record is made from. Private to trial/. */
#ifndef TENK_TRIAL_PARTS_H
#define TENK_TRIAL_PARTS_H

#include "harness/machine/free_memory.h"
#include "harness/trial/load_process.h"
#include "harness/trial/server_process.h"
#include "harness/trial/trial.h"
#include "harness/trial/memory.h"
#include "harness/trial/standstill.h"
#include "harness/trial/verdict.h"

/* Everything that a trial has while it runs. */
struct trial {
	struct trial_context *context;
	const struct planned_trial *planned;
	unsigned attempt;
	cpu_set_t server_cores; /* of those that the run has for it */
	struct server_process server;
	struct load_process load;
	struct load_target target;
	bool has_load; /* it was started */
	struct slices slices;
	bool over;		 /* it goes no further */
	struct standstill still; /* until it began */
	struct observation seen;
	struct trial_memory memory;
	struct trial_verdict verdict;
	json_t *printed; /* by a program that observes itself; NULL: nothing, or not what it should */
	struct load_files files, calls_files;
	enum trial_step step; /* of its load */
	uint64_t step_at_ns;  /* since then */
	size_t round,
		rounds; /* in slices: that is measured, from 0, of how many; 0: none has begun */
	char name[128]; /* of its files: ORDER-PART-SERVER */
	char started_at[STORE_TIME_BYTES];
	char after[256];       /* the cell that ran before */
	uint64_t memory_at_ns; /* when its memory had been read */
	uint64_t looked_at_ns; /* for how much of the machine's is left */
	uint64_t load_at_ns;   /* when the generator was started */
	uint64_t ground_ns, start_ns, probe_ns, load_ns, stop_ns;
	bool died; /* the server, by itself */
	bool backend_died;
	bool is_there;	/* its server runs on the context's other machine */
	bool host_lost; /* that machine */
	char no_delay[HOST_TEXT_BYTES], no_groups[HOST_TEXT_BYTES]; /* why, as its agent said */
	bool forced_stop, out_of_room; /* ended, to leave the machine some memory */
};

/* trial.c: what a trial begins and ends with; it is to be ended in any case. */
void trial_begin(struct trial *trial, struct trial_context *context,
		 const struct planned_trial *planned, unsigned attempt);
void trial_end(struct trial *trial);

/* The same: tells what it is doing, with so much of it done where that is counted. */
void trial_tell(const struct trial *trial, enum trial_step step);
void trial_tell_count(const struct trial *trial, enum trial_step step, enum moment_unit unit,
		      uint64_t done, uint64_t total);

/*
 * opening.c: brings it to where its load begins, from the same ground as all, unless others are open
 * already. False: it does not come so far, with the verdict; or the person has interrupted.
 */
bool trial_open(struct trial *trial, bool awaits_ground);

/* Where its generator runs. */
struct process_place trial_load_place(const struct trial *trial);

/*
 * closing.c: ends the generator and reads what it reports; and judges it, counts system calls if they are
 * asked for, and stops the server.
 */
void trial_collect(struct trial *trial);
void trial_conclude(struct trial *trial);

/*
 * follow.c: lets the generator work, samples at the edges of its window; and one of these samples; and tells those who
 * wait what goes on, after what it was told last.
 */
void trial_follow_load(struct trial *trial);
void trial_tell_load(struct trial *trial, enum load_event event);
void trial_sample(struct trial *trial, struct sample *sample, enum sample_edge edge);

/*
 * rotation.c: waits until the load of a trial in slices is warm and at rest, with a reason if slices are too
 * short for its answers; whether all servers are at rest then, with the reason if not; and lets the load
 * go round among them, 0 or -errno.
 */
void rotation_await_rest(struct trial *trial, char *why, size_t size);
bool rotation_is_possible(struct trial *trials, size_t count, char *why, size_t size);
int rotation_run(struct trial *trials, size_t count);

/*
 * deaths.c: whether the trial (a struct trial) has to end, with the reason: so little memory is left, or the server's
 * machine is lost; whom the kernel has killed for want of memory; and whether the server has died by itself.
 */
bool trial_has_to_end(void *trial);
void trial_judge_memory(struct trial *trial);
void trial_judge_server(struct trial *trial);

/* The same: whether a backend has died, which is no server's fault and spoils the trial, with the verdict. */
bool trial_judge_backends(struct trial *trial);

/* suspended.c: whether the world stood still meanwhile, which outweighs all else that is to be said of it. */
void trial_judge_standstill(struct trial *trial);

/*
 * server_side.c, what a trial does where its server is: on this machine by the functions that are for that, on another one (the
 * context's host) by asking its agent, which uses the same.
 */

/*
 * Starts the trial's server, having noted of memory how it was without. 0 or -errno with a message; -EHOSTUNREACH: its
 * machine is lost, which is no server's fault.
 */
int server_side_start(struct trial *trial, const struct server_entry *entry,
		      const struct server_settings *settings, struct error *error);

/* Whether it has died by itself; then trial->server.process says how. */
bool server_side_has_ended(struct trial *trial);

/* Stops it if it still runs; afterwards trial->server.process says how it ended. True: had to kill. */
bool server_side_stop(struct trial *trial);

/* Processes and cores of the server, and of this machine what the generator has. */
void server_side_sample(struct trial *trial, struct sample *sample, enum sample_edge edge);

/* All there is of its memory, into trial->seen, with the generator's group. */
void server_side_read_memory(struct trial *trial);

/* Its threads, for the most that there were; and how often the kernel has killed of its processes. */
void server_side_watch(struct trial *trial);
unsigned server_side_kills(struct trial *trial);

/* The kernel's own threads, where the server is and where the generator is. */
void server_side_read_kernel_threads(struct trial *trial, struct kernel_threads *there,
				     struct kernel_threads *here);

/* How much memory is left on the machine that has less than shall be kept, or on this one. */
void server_side_read_free(struct trial *trial, struct free_memory *memory);

/* Whether the machine of the server is lost, or refused the trial, with the verdict when that is seen first. */
bool server_side_is_lost(struct trial *trial);

/* Its line for trials.jsonl. New reference; NULL: no memory. */
json_t *trial_describe(struct trial *trial);

#endif
