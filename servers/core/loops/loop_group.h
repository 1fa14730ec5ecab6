/*
 * Several loops on one port, with nothing shared between them: what --workers means to a loop.
 *
 * Each loop lives in a thread of its own and has a listening socket of its own on the same port: the
 * kernel deals out new connections by a hash of their addresses (SO_REUSEPORT), and a connection
 * stays where it was dealt. So there is no lock, no queue between threads, and no core that accepts
 * for the others. The price is that nobody evens out: a loop that was dealt the busy connections is
 * behind while its neighbour sleeps.
 *
 * Each thread also has its own table of descriptors (unshare(2), CLONE_FILES). Threads usually share
 * one, with a lock that every accept and close takes and one limit for all of them; here N loops
 * hold N times as many connections. What must reach all tables, the stop signal and the word
 * that a loop has failed, is opened before they part; what belongs to others is closed in each,
 * or it would stay open when its owner closes it.
 *
 * One loop alone is none of this: it lives in the thread that calls, with the listener as it is.
 */
#ifndef TENK_LOOP_GROUP_H
#define TENK_LOOP_GROUP_H

#include "servers/core/server/listener.h"
#include "servers/core/server/model.h"

#include <stdatomic.h>

/*
 * Runs options->workers loops, one if that is 0, until listener->stop_fd is readable or one of them
 * has failed, which takes the others with it. `live` is a loop's whole life in the thread that calls
 * it: it serves what its listener accepts until that listener's stop_fd is readable, sets `draining`
 * (which all share), and drains. It opens all its descriptors itself, and calls listener_ready when
 * it serves; the server is announced when all do. 0 or -errno.
 */
int loop_group_run(const struct server_options *options, struct listener *listener,
		   int (*live)(const struct server_options *options, struct listener *listener,
			       atomic_bool *draining));

/* Where the loops' connections come from, if not from a listening socket for each. */
struct loop_group_way {
	/* Opens what that worker accepts from; its record is a copy of the listener's. 0 or -errno. */
	int (*open)(const struct listener *listener, struct listener *worker, unsigned number);
	/*
	 * Accepts for all, in the thread that calls, and says listener_ready: until listener->stop_fd or
	 * failed_fd is readable. Descriptors then go from thread to thread, so all have one table. NULL:
	 * the loops accept themselves.
	 */
	int (*accept)(struct listener *listener, int failed_fd);
};

/* The same, in such a way. */
int loop_group_run_in_way(const struct server_options *options, struct listener *listener,
			  int (*live)(const struct server_options *options,
				      struct listener *listener, atomic_bool *draining),
			  const struct loop_group_way *way);

/* A way: one listening socket, of which a loop on epoll is woken for each connection. */
extern const struct loop_group_way loop_group_sharing;

/*
 * What is part of that, for a model that has its loops otherwise: starts options->offload workers for so
 * many loops; *offload is NULL if that is 0. 0, or -errno, which listener->error explains.
 */
int loop_group_start_offload(const struct server_options *options, const struct listener *listener,
			     unsigned loops, struct offload **offload);

/* server_model.descriptor_tables of a model that runs its loops so. */
unsigned loop_group_tables(const struct server_options *options);

#endif
