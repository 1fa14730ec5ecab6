/*
 * Drives the connections of a thread: told of events and of the passing of time, it sends what is to
 * be sent, takes what came, has it counted, and does what the pool says comes next. It neither waits
 * nor starts anything, and its clock is handed in.
 */
#ifndef TENK_DRIVER_H
#define TENK_DRIVER_H

#include "loadgen/account.h"
#include "loadgen/pool.h"
#include "loadgen/schedule.h"
#include "loadgen/thread_cost.h"

struct driver {
	const struct options *options;
	struct share share;
	uint64_t (*clock_ns)(void);
	/* What the kernel's stamps are ahead of that clock, and when it was last looked at. */
	uint64_t realtime_ahead_ns, realtime_looked_ns;
	uint64_t answered; /* of the load, until then */
	struct progress *progress;
	struct account account;
	struct pool pool;
	struct wire wire;
	struct schedule schedule; /* open loop; due_ns is UINT64_MAX in a closed one */
	struct random random;	  /* for the choice of requests */
	bool loading;		  /* the load has begun */
	bool more_to_open;	  /* at once, without waiting for anything */
	uint64_t requests_max;	  /* that belong to the window */
	uint64_t outstanding_max; /* requests under way, in a burst */
	uint64_t
		next_adjust_ns; /* stages of connections: when so many may not be wanted any more */
	struct thread_cost cost; /* when the window began */
};

/* Whether all requests have been sent that were asked for. */
static inline bool sending_is_over(const struct driver *driver)
{
	return driver->account.result->sent >= driver->requests_max;
}

/* 0 or -errno; driver_destroy in any case. Connections are opened by driver_tick. */
int driver_init(struct driver *driver, struct load *load, struct share share,
		struct progress *progress, uint64_t (*clock_ns)(void));

/* Frees what it holds; its connections are closed by driver_close. */
void driver_destroy(struct driver *driver);
void driver_close(struct driver *driver);

/* The load begins, at that time: in an open loop the schedule does, in a closed one all connections. */
void driver_begin_load(struct driver *driver, uint64_t base_ns);

/* epoll reported `events` for a connection. */
void driver_handle(struct driver *driver, struct connection *connection, uint32_t events);

/* Does what time brings: timeouts, attempts to connect, requests that are due. */
void driver_tick(struct driver *driver);

/*
 * When there is something to do even if no connection stirs: to send what is due (UINT64_MAX if
 * nothing may be sent), or anything else.
 */
uint64_t driver_next_due_ns(const struct driver *driver);
uint64_t driver_deadline_ns(const struct driver *driver);

#endif
