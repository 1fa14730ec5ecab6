/*
 * A loop on epoll: what the models that wait there do alike.
 *
 * One descriptor stands for the kernel's list of what is watched; each entry carries a pointer that
 * comes back with its events. A turn waits for the next events, lets the model handle those of
 * connections, then calls watches (the listener is one), then fires what timers are due. How a
 * connection is watched, and what is made of its events, is the model's `way`.
 */
#ifndef TENK_EPOLL_LOOP_H
#define TENK_EPOLL_LOOP_H

#include "servers/core/loops/epoll_watches.h"
#include "servers/core/loops/readiness.h"
#include "servers/core/server/model.h"

#include <sys/epoll.h>

#define EPOLL_LOOP_TAKES (READINESS_TAKES | MODEL_EVENTS)

/* A model that keeps more per loop puts this first in its own. */
struct epoll_loop {
	struct readiness_loop base;
	struct epoll_watches watches;
	struct epoll_event *events; /* of a turn */
	int events_most;
	const struct epoll_way *way;
	int (*wait)(int epoll_fd, struct epoll_event *events, int most, uint64_t until_ns);
};

struct epoll_way {
	struct readiness_methods methods; /* with epoll_loop_services */
	/* What was told of a connection, as in epoll_event. It may be gone afterwards. */
	void (*handle)(struct readiness_loop *loop, struct readiness_connection *connection,
		       unsigned events);
	/* Waits in its own way; as epoll_wait_until, which it is if NULL. */
	int (*wait)(int epoll_fd, struct epoll_event *events, int most, uint64_t until_ns);
	/* At the end of each turn; may be NULL. */
	void (*finish_turn)(struct readiness_loop *loop);
	/* What the model's own part of a loop needs, which is zeroed; may be NULL. 0 or -errno. */
	int (*begin)(struct readiness_loop *loop, const struct server_options *options);
	void (*end)(struct readiness_loop *loop); /* when all connections have gone; may be NULL */
	size_t loop_bytes;			  /* of the model's record of a loop */
};

/* epoll_ctl in the loop's list; `owner` comes back with the events. 0 or -errno. */
int epoll_loop_control(const struct readiness_loop *loop, int operation, int fd, unsigned events,
		       void *owner);

/* EPOLLIN and EPOLLOUT as enum readiness_interest asks for them. */
static inline unsigned epoll_loop_events(unsigned interest)
{
	return (interest & READINESS_IN ? EPOLLIN : 0u) |
	       (interest & READINESS_OUT ? EPOLLOUT : 0u);
}

/* Of every way; what core watches itself is level-triggered in all of them. */
extern const struct loop_services epoll_loop_services;

/* The way of epoll.c, which explains it, for models that have something else to tell. */
extern const struct epoll_way epoll_level_triggered;

/*
 * One loop's whole life in the calling thread: serves what the listener accepts until its stop
 * descriptor is readable, then drains. `draining` may be shared with other loops. 0 or -errno.
 */
int epoll_loop_run(const struct epoll_way *way, const struct server_options *options,
		   struct listener *listener, atomic_bool *draining);

#endif
