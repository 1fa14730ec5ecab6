/*
 * What drives the connections of a thread: their pool, what they share, the account, the schedule. Its
 * clock is handed in. What is done with it is in round.h (a round of the thread's loop), receiving.h,
 * sending.h and window.h, each of which calls only those behind it.
 */
#ifndef TENK_DRIVER_H
#define TENK_DRIVER_H

#include "loadgen/account.h"
#include "loadgen/deck.h"
#include "loadgen/pool.h"
#include "loadgen/schedule.h"
#include "loadgen/thread_cost.h"

struct driver {
	const struct options *options;
	struct share share;
	uint64_t (*clock_ns)(void);
	/* What the kernel's stamps are ahead of that clock, and when it was last looked at. */
	uint64_t realtime_ahead_ns, realtime_looked_ns;
	uint64_t
		looked_ns; /* when what was there to be read had been: since then nothing was looked at */
	uint64_t answered; /* of the load, until then */
	struct progress *progress;
	struct account account;
	struct pool pool;
	struct wire wire;
	struct schedule schedule; /* open loop; due_ns is UINT64_MAX in a closed one */
	struct deck deck; /* of what is measured, so that the shares of just that are exact */
	struct deck deck_outside; /* of warm-ups, leads, the crowd */
	bool loading;		  /* the load has begun */
	bool more_to_open;	  /* at once, without waiting for anything */
	uint64_t requests_max;	  /* that belong to the window */
	uint64_t outstanding_max; /* requests under way, in a burst */
	/*
	 * When something changes that no connection tells of. Stages of connections: so many may not be
	 * wanted any more. Slices of a closed loop: the load begins.
	 */
	uint64_t next_change_ns;
	uint64_t span_number;	    /* the last window that it was told of; 0: none yet */
	struct thread_cost cost;    /* when the window began */
	struct slice_counts before; /* all that was counted when the slice was told */
};

/* Whether all requests have been sent that were asked for. */
static inline bool sending_is_over(const struct driver *driver)
{
	return driver->account.result->sent >= driver->requests_max;
}

/* 0 or -errno; driver_destroy in any case. Connections are opened by round_tick. */
int driver_init(struct driver *driver, struct load *load, struct share share,
		struct progress *progress, uint64_t (*clock_ns)(void));

/* Frees what it holds; its connections are closed by driver_close. */
void driver_destroy(struct driver *driver);
void driver_close(struct driver *driver);

#endif
