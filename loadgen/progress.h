/*
 * How far a worker is, and what it has counted, for the control thread to look at meanwhile. Only
 * the worker writes, so nothing is locked but what is taken away.
 */
#ifndef TENK_PROGRESS_H
#define TENK_PROGRESS_H

#include "loadgen/kinds.h"

#include <stdatomic.h>
#include <stdbool.h>

/* What came of a slice, or of a lead. */
struct slice_counts {
	uint64_t due, good, errors, cpu_ns;
	uint64_t rested_ns; /* when the last of it had come to its end */
};

/* all += one; of when they rested the later. */
void slice_counts_add(struct slice_counts *all, const struct slice_counts *one);

struct progress {
	int notify_fd; /* an eventfd of the control thread; -1: nobody listens */
	struct interval_counters intervals;
	struct recent recent;	       /* with a lock, if it is wanted */
	struct kinds kinds;	       /* both once more, of each kind of request */
	_Atomic uint64_t open_count;   /* connections that are established now */
	_Atomic uint64_t opened_count; /* that ever were */
	_Atomic uint64_t crowd_open_count;
	/* Connections whose first answer the window waits for: active ones, and of the crowd. */
	_Atomic uint64_t awaited, crowd_awaited;
	_Atomic uint64_t rests; /* in slices: how often all that was offered came to its end */
	struct slice_counts
		slice; /* the last: to be read when `rests` has gone up, until the next is told */
	_Atomic bool settled; /* the connect phase is over */
	_Atomic bool loading; /* the warm-up has begun: every connection has sent */
	_Atomic bool ended;   /* the window is over */
	_Atomic bool
		drained; /* and all that belongs to it has been answered, or of a burst before */
	_Atomic bool finished; /* nothing is done any more */
};

/* Wakes the control thread. */
void progress_notify(struct progress *progress);

/* counter += change, by the worker. */
static inline void progress_count(_Atomic uint64_t *counter, int change)
{
	uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, value + (uint64_t)(int64_t)change, memory_order_relaxed);
}

/* In slices: the worker is at rest, and this is what came of the last. */
void progress_rest(struct progress *progress, const struct slice_counts *slice);

/* Something has come about; the control thread is woken up the first time. */
static inline void progress_reach(struct progress *progress, _Atomic bool *mark)
{
	if (atomic_load_explicit(mark, memory_order_relaxed))
		return;
	atomic_store_explicit(mark, true, memory_order_release);
	progress_notify(progress);
}

#endif
