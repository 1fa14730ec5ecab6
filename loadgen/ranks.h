/*
 * The processes that are one generator: tenk-load by itself, or the ranks of tenk-load-mpi, on one machine or on
 * many. Rank 0 conducts: it alone reads time limits, resolves the target, writes and tells; the others follow
 * (follow.h). All times that pass between them are of rank 0's clock.
 *
 * Everything is said by messages between rank 0 and one other, so that a rank that dies is known by its name
 * and spoils nobody else's figures. What is said again and again (orders, states) says all there is, so one that
 * was overtaken is not missed.
 *
 * ranks_alone.c is for one process, mpi/ for many; a program is linked with either.
 */
#ifndef TENK_RANKS_H
#define TENK_RANKS_H

#include "lib/error.h"
#include "loadgen/interval.h"
#include "loadgen/options.h"
#include "loadgen/progress.h"
#include "loadgen/result.h"
#include "loadgen/share.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ranks_place {
	uint32_t rank, count;
	uint32_t here; /* so many of them are on this machine, and share its ports and memory */
};

/* What is the same in all ranks of a run, and differs from run to run of a search. */
struct ranks_plan {
	bool another; /* false: there is no further run */
	bool sends_intervals;
	int arrivals;
	double rate_per_s;
	uint64_t duration_ns, spin_ns, seed;
	uint32_t first_thread, all_threads; /* of a rank: its share of the load */
	uint32_t run; /* its number: what is left of an earlier one is passed over */
};

/* What rank 0 has told its workers last: struct conduct, as plain numbers. */
struct ranks_orders {
	uint64_t news;
	uint32_t run;
	int phase;
	bool counts;
	uint64_t base_ns, number, start_ns, end_ns, origin_ns;
	uint64_t windows; /* how many whole windows of gaps.h there were; known in the end */
};

/* What workers have come to, in sum: of a process, of all others, of all. */
struct ranks_state {
	uint64_t open, opened, crowd_open, awaited, crowd_awaited, rests, cpu_ns;
	uint64_t workers; /* and how many of them: */
	uint64_t settled, loading, ended, drained, finished, broken;
	struct slice_counts slice;
};

/* all += one. */
void ranks_state_add(struct ranks_state *all, const struct ranks_state *one);

/* What is told of one rank by itself. */
struct ranks_report {
	char host[65], interface[16]; /* by which it reaches the target; "": not known */
	char problem[160];	      /* what kept it from working; "": nothing */
	bool missing;		      /* it was lost: nothing of what it counted is in the result */
	uint32_t threads, connections;
	uint64_t due, good, errors, cpu_ns, sent_bytes;
	double occupied_ratio; /* of its busiest thread */
	uint64_t send_late_p99_ns, read_late_p99_ns;
	unsigned spoiled;	     /* RUN_GENERATOR_ bits */
	int64_t clock_offset_ns;     /* its clock less that of rank 0 */
	int64_t clock_drift_ns;	     /* by which that had changed in the end */
	uint64_t clock_uncertain_ns; /* half of the quickest answer's way there and back */
	uint64_t
		told_late_ns; /* the window had begun that long ago when it was told of it; 0: in time */
	uint64_t lengths
		[OPTIONS_REQUESTS_MAX]; /* of the answers to each request; EXPECTED_ANY_LENGTH: not known */
};

/* --- all ranks call these, in the same order ---------------------------------------------------- */

/*
 * First and last of all. Ranks but 0 write nothing from here on. Where one was lost, or could not follow, the end
 * is that of all of them at once, with that status.
 */
void ranks_begin(int *argc, char ***argv);
void ranks_end(int status);

struct ranks_place ranks_place(void);

/*
 * Whether all of them could do the last thing: 0, or the first rank's -errno that could not. Rank 0 has its message,
 * with machine and rank in front; the others one that nobody reads.
 */
int ranks_agree(int result, struct error *error);

/* What rank 0 has there, to all. */
void ranks_share(void *bytes, size_t size);

/* --- rank 0 ------------------------------------------------------------------------------------- */

/*
 * Begins a run of so many threads here: every rank gets the plan, with the share of the load that its own
 * threads are. Returns that of this process. With plan->another false, tells them that there is none.
 */
struct share ranks_open(struct ranks_plan *plan, uint32_t threads);

/* Tells what there is to do. */
void ranks_tell(const struct ranks_orders *orders);

/*
 * Hears what has come, without waiting; and says again what has to be, if it may speak. -ETIMEDOUT with a message that names the rank if one has been silent for
 * so long; it is waited for no more, and counts for nothing.
 */
int ranks_hear(uint64_t patience_ns, bool may_speak, struct error *error);

/* What others have come to, as far as it was heard; and so of one kind of request (0: of all together). */
struct ranks_state ranks_state(void);
void ranks_collect(struct interval_totals *totals, size_t kind);

/*
 * The run is over: merges what the others counted into the result, and of windows without an answer into the gaps
 * of each kind; `kinds` may be 0. Waits until until_ns at most. How many are missing, which the message names.
 */
size_t ranks_gather(struct result *total, struct gaps *gaps, size_t kinds, uint64_t until_ns,
		    struct error *error);

/* One of each rank, rank 0's own first, to be filled in by the caller; NULL where there is one process. */
struct ranks_report *ranks_reports(void);

/* --- the others --------------------------------------------------------------------------------- */

/* Waits for the next plan. False: there is none. */
bool ranks_await_plan(struct ranks_plan *plan, uint32_t threads);

/* Orders that are new, in this machine's clock. */
bool ranks_have_orders(struct ranks_orders *orders);

/* When rank 0 was heard of last, by this machine's clock. */
uint64_t ranks_heard_ns(void);

/* Tells rank 0 (if the last has gone) what workers have come to here; intervals of all and of each kind. */
void ranks_send_state(const struct ranks_state *state);
void ranks_send_intervals(const struct interval_totals *totals, size_t count);

/* The run is over: what was counted here goes to rank 0. */
void ranks_give(const struct result *total, const struct gaps *gaps, size_t kinds,
		const struct ranks_report *report);

#endif
