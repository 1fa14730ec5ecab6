/*
 * Accepting in a loop: a watch on the listener, and a timer for when it has to look away.
 *
 * Without descriptors a ready listener would spin the loop: it looks away for LISTENER_RETRY_NS
 * then. Not thread-safe: all is called on the loop's own thread.
 */
#ifndef TENK_ACCEPTOR_H
#define TENK_ACCEPTOR_H

#include "servers/core/server/listener.h"
#include "servers/core/tasks/loop_services.h"

struct acceptor {
	/* Filled in by the owner, the rest is zeroed. */
	struct listener *listener;
	const struct loop_services *services;
	void *loop;
	/* Takes a connection, which is non-blocking, and owns it. */
	void (*admit)(struct acceptor *acceptor, int fd);

	struct loop_watch watch;
	struct loop_timer again;
	bool looks, waits; /* the watch is there; the timer runs */
	bool stopped;
};

/* 0 or -errno. */
int acceptor_start(struct acceptor *acceptor);

/* The listener could not be watched after all: looks away from it, and at it again in a moment. */
void acceptor_look_later(struct acceptor *acceptor);

/* No more is accepted: closes the listener. Does nothing for the second time. */
void acceptor_stop(struct acceptor *acceptor);

#endif
