/*
 * What a server has seen: connections accepted, refused and closed, by cause, and requests.
 *
 * Counted in memory that a server's processes share, in several places, so that threads hardly ever
 * meet in one; the sums are made when somebody asks: at the server's end, and on SIGUSR1. They are
 * printed as one line of JSON on stderr (keys: results/SCHEMA.md).
 */
#ifndef TENK_COUNTERS_H
#define TENK_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

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

/* One place to count in. */
struct counters {
	_Alignas(64) _Atomic uint64_t values[COUNTERS];
};

/*
 * At the start, before there are threads or processes: makes the memory shared and prints on
 * SIGUSR1. 0 or -errno.
 */
int counters_open(void);

/* The place of this thread. It lasts as long as the process. */
struct counters *counters_mine(void);

/* In a fresh child process: takes another place than its parent's. */
void counters_part(void);

static inline void counters_add(struct counters *counters, enum counter which)
{
	atomic_fetch_add_explicit(&counters->values[which], 1, memory_order_relaxed);
}

/* The sum over all places. */
uint64_t counters_sum(enum counter which);

/* Accepted and neither refused nor closed. */
uint64_t counters_open_connections(void);

/* The line, with one write. Can be called from a signal handler. */
void counters_print(int fd);

#endif
