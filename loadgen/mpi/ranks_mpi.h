/* What the files of ranks.h under MPI have in common. Internal to them. */
#ifndef TENK_MPI_RANKS_H
#define TENK_MPI_RANKS_H

#include "loadgen/mpi/wire.h"
#include "loadgen/ranks.h"

/* Who is waited for before a run and behind it for so long at most. */
#define RANKS_MOST_NS (120 * NS_PER_S)

/* What rank 0 knows of another. */
struct other {
	struct ranks_state state;	   /* as it was heard of last */
	struct interval_totals *intervals; /* of all its requests, and of each kind; malloc'ed */
	size_t interval_count;
	uint32_t threads;
	uint64_t heard_ns, told_ns;
	bool is_lost;
	/* What is on its way to it, and whether there is something newer. */
	MPI_Request sending;
	struct ranks_orders sent;
	bool is_behind;
};

extern struct ranks_context {
	struct ranks_place place;
	uint32_t run;	   /* the number of this one */
	int64_t offset_ns; /* of this machine's clock: what it is ahead of rank 0's */
	/* On rank 0: */
	struct other *others;	      /* of each rank; that of rank 0 is not used */
	struct ranks_report *reports; /* of each rank */
	struct ranks_orders orders;   /* that were told last */
	/* On the others: */
	uint64_t heard_ns, last_news;
	MPI_Request state_sending;
	struct ranks_state state_sent;
	bool is_broken; /* a rank was lost, or rank 0: all are to end at once */
} ranks_context;

/* clock.c: what a rank's clock is ahead of rank 0's, and by how much that may be wrong; both call it, of one rank. */
void ranks_estimate_offset(int rank, int64_t *offset_ns, uint64_t *uncertain_ns);
void ranks_answer_pings(void);

static inline uint64_t ranks_to_own_ns(uint64_t of_rank_0_ns)
{
	return of_rank_0_ns ? (uint64_t)((int64_t)of_rank_0_ns + ranks_context.offset_ns) : 0;
}

#endif
