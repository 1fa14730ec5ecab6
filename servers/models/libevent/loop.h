/*
 * The loop of libevent's two ways: its base, and what beside connections is watched there.
 */
#ifndef TENK_LIBEVENT_LOOP_H
#define TENK_LIBEVENT_LOOP_H

#include "servers/core/loops/readiness.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdatomic.h>
#include <sys/queue.h>

enum { LIBEVENT_MISSED_MOST = 64 };

struct libevent_loop {
	struct readiness_loop base;
	struct event_base *events;
	struct event deadline; /* of draining */
	LIST_HEAD(libevent_watches, libevent_watch) watches;
	int known; /* descriptors below have their entry in the library's table */
	/* Descriptors that could not be watched; `unwatched_fd` is readable when there are some. */
	struct event unwatched;
	int unwatched_fd;
	int missed[LIBEVENT_MISSED_MOST]; /* those beyond have their deadlines */
	size_t missed_count;
};

/* Its timers and events as core's. */
extern const struct loop_services libevent_services;

/* The method end_turn of both ways. */
void libevent_end_turn(struct readiness_loop *loop);

/* Before the first event of a new descriptor. 0 or -ENOMEM. */
int libevent_know(struct libevent_loop *loop, int fd);

/* Once in the process, before there are loops: what the library has to say is heard here. */
void libevent_hear(void);

/* One loop's whole life in the calling thread, as loop_group_run wants it. 0 or -errno. */
int libevent_loop_run(const struct readiness_methods *methods, struct listener *listener,
		      atomic_bool *draining);

#endif
