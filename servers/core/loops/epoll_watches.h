/*
 * Watches on descriptors (loop_services.h) in a list of epoll, which may be a loop's own, with its
 * connections in it, or one that another loop waits for as for any descriptor.
 *
 * Connections stand there with their address, watches with an odd one, so that a bit tells the two
 * apart. A turn handles what was told of connections first and delivers watches afterwards: what a
 * watch brings may end any connection, and then no more events are left that would concern it.
 *
 * Not thread-safe.
 */
#ifndef TENK_EPOLL_WATCHES_H
#define TENK_EPOLL_WATCHES_H

#include "servers/core/tasks/loop_services.h"

#include <stdbool.h>
#include <sys/epoll.h>

struct epoll_watches {
	int epoll_fd;
	/* What the kernel has told in this turn, so that a watch that is stopped can be taken out. */
	struct epoll_event *told;
	int told_count;
};

/* As loop_services' watch_start, watch_change and watch_stop. */
int epoll_watches_start(struct epoll_watches *watches, struct loop_watch *watch);
int epoll_watches_change(struct epoll_watches *watches, struct loop_watch *watch,
			 unsigned interest);
void epoll_watches_stop(struct epoll_watches *watches, struct loop_watch *watch);

/* Whether an event is a watch's, and not that of somebody whose address it carries. */
static inline bool epoll_is_watch(const struct epoll_event *event)
{
	return event->data.u64 & 1;
}

/* Before any event of a turn is looked at; they stay in place until that, or the next turn. */
static inline void epoll_watches_told(struct epoll_watches *watches, struct epoll_event *events,
				      int count)
{
	watches->told = events;
	watches->told_count = count;
}

/* Once in a turn: calls those that were told of, and are still there. */
void epoll_watches_deliver(struct epoll_watches *watches);

#endif
