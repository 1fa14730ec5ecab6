#include "servers/core/loops/epoll_loop.h"

#include "servers/core/loops/epoll_wait.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { EVENTS_PER_WAIT = 256 };

/* What stands for the listener and the stop signal where others have their connection. */
static char listener_mark, stop_mark, deadlines_mark;

int epoll_loop_control(const struct readiness_loop *base, int operation, int fd, unsigned events,
		       void *owner)
{
	const struct epoll_loop *loop = (const struct epoll_loop *)base;
	struct epoll_event event = {.events = events, .data.ptr = owner};

	return epoll_ctl(loop->epoll_fd, operation, fd, &event) < 0 ? -errno : 0;
}

int epoll_loop_watch_listener(struct readiness_loop *base, bool wanted)
{
	/* Level-triggered in every way: a turn may accept fewer than wait. */
	return epoll_loop_control(base, wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, base->listener->fd,
				  EPOLLIN, &listener_mark);
}

static int turn(struct readiness_loop *base, uint64_t until_ns)
{
	struct epoll_loop *loop = (struct epoll_loop *)base;
	struct epoll_event events[EVENTS_PER_WAIT];
	bool accepts = false, stops = false, expires = false;
	int count = epoll_wait_until(loop->epoll_fd, events, EVENTS_PER_WAIT,
				     readiness_due_ns(base, until_ns));

	for (int i = 0; i < count; i++) {
		if (events[i].data.ptr == &listener_mark)
			accepts = true;
		else if (events[i].data.ptr == &stop_mark)
			stops = epoll_loop_control(base, EPOLL_CTL_DEL, base->listener->stop_fd, 0,
						   NULL) == 0;
		else if (events[i].data.ptr == &deadlines_mark)
			expires = true;
		else
			loop->way->handle(base, events[i].data.ptr, events[i].events);
	}
	if (accepts) /* last, so that no event above is for a connection made in this turn */
		readiness_accept(base);
	if (expires)
		deadlines_look(&base->deadlines.wheel);
	readiness_fire_timers(base);
	if (loop->way->finish_turn)
		loop->way->finish_turn(base);
	return count < 0 ? count : stops;
}

/* What every loop watches beside connections. */
static int watch_own(struct epoll_loop *loop)
{
	int stop_fd = loop->base.listener->stop_fd, deadlines_fd = loop->base.deadlines.wheel.fd;
	int result = epoll_loop_control(&loop->base, EPOLL_CTL_ADD, stop_fd, EPOLLIN, &stop_mark);

	return result < 0 ? result
			  : epoll_loop_control(&loop->base, EPOLL_CTL_ADD, deadlines_fd, EPOLLIN,
					       &deadlines_mark);
}

static int serve(struct epoll_loop *loop, struct listener *listener, atomic_bool *draining)
{
	int result = readiness_init(&loop->base, &loop->way->methods, listener, draining);

	if (result < 0)
		return result;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	result = loop->epoll_fd < 0 ? -errno : watch_own(loop);
	if (result == 0)
		result = readiness_serve(&loop->base, draining, turn);
	readiness_destroy(&loop->base);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	return result;
}

int epoll_loop_run(const struct epoll_way *way, const struct server_options *options,
		   struct listener *listener, atomic_bool *draining)
{
	struct epoll_loop *loop = calloc(1, way->loop_bytes);
	int result;

	if (!loop)
		return -ENOMEM;
	loop->way = way;
	result = way->begin ? way->begin(&loop->base, options) : 0;
	if (result == 0) {
		result = serve(loop, listener, draining);
		if (way->end)
			way->end(&loop->base);
	}
	free(loop);
	return result;
}
