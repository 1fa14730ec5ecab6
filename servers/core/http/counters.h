/*
 * What a server has seen: connections accepted, refused and closed, by cause, and requests.
 *
 * Counted in memory that a server's processes share, in a place for each processor, so that threads
 * hardly ever meet in one; the sums are made when somebody asks: at the server's end, and on SIGUSR1.
 * They are printed as one line of JSON on stderr (keys: results/SCHEMA.md).
 */
#ifndef TENK_COUNTERS_H
#define TENK_COUNTERS_H

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#if defined __GNUC__ && !defined __clang__ && __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#endif

enum counter {
	COUNTER_ACCEPTED, /* all that accept gave */
	COUNTER_REQUESTS, /* answered, whatever the status; refusals are among the closed */

	/* Could not or must not be served, and were told so (503) where there was a way. */
	REFUSED_LIMIT,	   /* --max-connections */
	REFUSED_MEMORY,	   /* no memory for its record, or the kernel's */
	REFUSED_WORKER,	   /* no thread, process or stack for it */
	REFUSED_UNWATCHED, /* its descriptor cannot be waited for (select) */

	/* Not accepted. */
	ACCEPT_SHORTAGE, /* how often accept failed for want of descriptors or memory */
	ACCEPT_ABORTED,	 /* gone while they waited to be accepted */

	/* Why a connection ended. */
	CLOSED_PEER,	       /* the peer closed it between requests */
	CLOSED_PEER_MIDWAY,    /* the peer closed it in the middle of a request */
	CLOSED_ANSWERED,       /* after an answer that was to be the last */
	CLOSED_REFUSED,	       /* after a request that was refused */
	CLOSED_HEADER_TIMEOUT, /* the deadlines: http.h */
	CLOSED_BODY_TIMEOUT,
	CLOSED_IDLE_TIMEOUT,
	CLOSED_WRITE_TIMEOUT,
	CLOSED_BROKEN, /* reset, or another error in receiving or sending */
	CLOSED_MEMORY, /* no memory for what it asked for */
	CLOSED_STOP,   /* by the stop: idle, or not done in time */
	CLOSED_KILLED, /* its process died */
	COUNTERS
};

/*
 * At the start, before there are threads or processes: makes the memory shared and prints on
 * SIGUSR1. 0 or -errno.
 */
int counters_open(void);

/* A place to count in, of which there is a power of two; of counters.c. */
struct counters {
	_Alignas(64) _Atomic uint64_t values[COUNTERS];
};
extern struct counters *counters_places;
extern unsigned counters_mask;

/*
 * The number of the processor that this thread runs on; where nobody can tell, the same for all. The
 * kernel keeps it in the thread's memory (rseq(2)): glibc's sched_getcpu looks there as well.
 */
static inline unsigned counters_processor(void)
{
#ifdef RSEQ_SIG
	const volatile struct rseq *mine =
		(struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);

	return mine->cpu_id;
#else
	return (unsigned)sched_getcpu();
#endif
}

/*
 * One more, from any thread or process. One that is moved to another processor meanwhile counts beside
 * somebody else for once.
 */
static inline void counters_add(enum counter which)
{
	struct counters *mine = &counters_places[counters_processor() & counters_mask];

	atomic_fetch_add_explicit(&mine->values[which], 1, memory_order_relaxed);
}

/* One less, of what was counted in case it comes to nothing. */
static inline void counters_take_back(enum counter which)
{
	struct counters *mine = &counters_places[counters_processor() & counters_mask];

	atomic_fetch_sub_explicit(&mine->values[which], 1, memory_order_relaxed);
}

/* The sum over all places. */
uint64_t counters_sum(enum counter which);

/* Accepted and neither refused nor closed. */
uint64_t counters_open_connections(void);

/* The line, with one write. Can be called from a signal handler. */
void counters_print(int fd);

#endif
