/*
 * Processes that a server forks to serve in, for models with one connection a process at a time.
 *
 * The parent has one thread, serves nothing itself, and knows its children by their numbers, so
 * that nobody else is ever signalled: not its process group, in which others may be. A child that
 * is told to stop (SIGTERM, SIGINT) wakes from waiting for input, finishes what is in flight and
 * ends; all children end with the parent, whatever ends it (PR_SET_PDEATHSIG, prctl(2)).
 */
#ifndef TENK_CHILDREN_H
#define TENK_CHILDREN_H

#include "servers/core/server/listener.h"

#include <stdbool.h>
#include <sys/types.h>

enum { CHILDREN_PIDS = 1 << 22 }; /* the most that Linux gives out: PID_MAX_LIMIT, proc(5) */

/* Static: a bit for each possible process, of which only the pages in use are memory. */
struct children {
	int ended_fd; /* readable when a child may have ended; then children_reap */
	unsigned count;
	unsigned highest;
	/* Shared: bits of those that have a connection, to count those that die with one. */
	_Atomic uint64_t *serving;
	uint64_t running[CHILDREN_PIDS / 64];
};

/* On zeroed storage. 0 or -errno. */
int children_open(struct children *children);

/*
 * Forks. In the parent returns the child's number, or -errno (-EAGAIN: no more processes). In the
 * child returns 0; it must end with _exit. The child has the listener, not the stop descriptor.
 */
pid_t children_fork(struct children *children, const struct listener *listener);

/* In a child: serves a connection until it closes or the child is told to stop; closes it. */
void children_serve(const struct children *children, int fd, const struct http_limits *limits);

/* In a child: whether it was told to stop. */
bool children_must_stop(void);

/* Takes note of the children that have ended, and says how many. */
unsigned children_reap(struct children *children);

/* The stop: tells all, gives them DRAIN_NS to finish, cuts those that are left, and reaps all. */
void children_drain(struct children *children);

#endif
