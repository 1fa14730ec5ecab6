/*
 * Where connections wait that nobody serves, in models in which threads serve those that are
 * ready: one thread in epoll_wait, which hands each connection out once (EPOLLONESHOT), so that it
 * belongs to one thread until that gives it back.
 *
 * Whoever has it closes it: its thread, or the poller's when epoll has told of it. Others, who find that
 * its time is up or that the server stops, shut down its reading side, which is told like input. So
 * nobody needs a lock to give a connection back.
 */
#ifndef TENK_POLLER_H
#define TENK_POLLER_H

#include "servers/core/threads/blocking.h"

struct poller {
	int epoll_fd;
	struct blocking_server *server;
	/* Gets each connection that has input, in the poller's thread. */
	void (*ready)(struct blocking_connection *connection);
};

/* Starts the thread, which ends with the process; after blocking_init. 0 or -errno. */
int poller_start(struct poller *poller, const struct listener *listener,
		 struct blocking_server *server,
		 void (*ready)(struct blocking_connection *connection));

/*
 * Lets a connection wait, a new one until the header deadline, or one that is idle again. It is not the
 * caller's any more.
 */
void poller_rest(struct poller *poller, struct blocking_connection *connection);

#endif
