#include "servers/core/loops/epoll_loop.h"

#include "servers/core/loops/epoll_wait.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int epoll_loop_control(const struct readiness_loop *base, int operation, int fd, unsigned events,
		       void *owner)
{
	const struct epoll_loop *loop = (const struct epoll_loop *)base;
	struct epoll_event event = {.events = events, .data.ptr = owner};

	return epoll_ctl(loop->watches.epoll_fd, operation, fd, &event) < 0 ? -errno : 0;
}

static int start_watch(void *base, struct loop_watch *watch)
{
	return epoll_watches_start(&((struct epoll_loop *)base)->watches, watch);
}

static int change_watch(void *base, struct loop_watch *watch, unsigned interest)
{
	return epoll_watches_change(&((struct epoll_loop *)base)->watches, watch, interest);
}

static void stop_watch(void *base, struct loop_watch *watch)
{
	epoll_watches_stop(&((struct epoll_loop *)base)->watches, watch);
}

const struct loop_services epoll_loop_services = {
	.timer_start = readiness_start_timer,
	.timer_stop = readiness_stop_timer,
	.watch_start = start_watch,
	.watch_change = change_watch,
	.watch_stop = stop_watch,
};

static int turn(struct readiness_loop *base, uint64_t until_ns)
{
	struct epoll_loop *loop = (struct epoll_loop *)base;
	struct epoll_event *events = loop->events;
	int count = loop->wait(loop->watches.epoll_fd, events, loop->events_most,
			       readiness_due_ns(base, until_ns));
	bool watched = false;

	epoll_watches_told(&loop->watches, events, count);
	for (int i = 0; i < count; i++) {
		if (epoll_is_watch(&events[i]))
			watched = true;
		else
			loop->way->handle(base, events[i].data.ptr, events[i].events);
	}
	if (watched)
		epoll_watches_deliver(&loop->watches);
	readiness_fire_timers(base, timers_beside(count > 0 ? (size_t)count : 0));
	if (loop->way->finish_turn)
		loop->way->finish_turn(base);
	return count < 0 ? count : 0;
}

static int serve(struct epoll_loop *loop, struct listener *listener, atomic_bool *draining)
{
	int result = readiness_init(&loop->base, &loop->way->methods, listener, draining);

	if (result < 0)
		return result;
	loop->watches.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	result = loop->watches.epoll_fd < 0 ? -errno : readiness_serve(&loop->base, draining, turn);
	readiness_destroy(&loop->base);
	if (loop->watches.epoll_fd >= 0)
		close(loop->watches.epoll_fd);
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
	loop->wait = way->wait ? way->wait : epoll_wait_until;
	loop->events_most = (int)options->events_per_wait;
	loop->events = calloc(options->events_per_wait, sizeof *loop->events);
	result = !loop->events ? -ENOMEM : way->begin ? way->begin(&loop->base, options) : 0;
	if (result == 0) {
		result = serve(loop, listener, draining);
		if (way->end)
			way->end(&loop->base);
	}
	free(loop->events);
	free(loop);
	return result;
}

/* Once for the life of the connection, unless it wants something else meanwhile. */
static int open_connection(struct readiness_loop *loop, struct readiness_connection *c)
{
	return epoll_loop_control(loop, EPOLL_CTL_ADD, c->fd, EPOLLIN, c);
}

/*
 * Level-triggered: told as long as it is so. What must not be told again has to be taken out: input
 * while core has enough of it, room to write as soon as all is written.
 */
static int watch(struct readiness_loop *loop, struct readiness_connection *c, unsigned interest)
{
	return epoll_loop_control(loop, EPOLL_CTL_MOD, c->fd, epoll_loop_events(interest), c);
}

/* EPOLLERR and EPOLLHUP alone: nobody is there any more. */
static void handle(struct readiness_loop *loop, struct readiness_connection *c, unsigned events)
{
	readiness_handle(loop, c, events & EPOLLIN, events & EPOLLOUT);
}

const struct epoll_way epoll_level_triggered = {
	.methods = {.open = open_connection,
		    .watch = watch, /* and closing a descriptor takes it out of epoll */
		    .services = &epoll_loop_services,
		    .connection_bytes = sizeof(struct readiness_connection)},
	.handle = handle,
	.loop_bytes = sizeof(struct epoll_loop),
};
