/*
 * epoll: one thread, one loop, every connection a small record.
 *
 * The kernel keeps the list of who is ready, so a turn of the loop costs what is ready and not
 * what is open: ten thousand idle connections are free but for their memory. One thread means no
 * locks and no switches between requests; it also means that whatever keeps the thread busy keeps
 * everybody waiting. A wait is a timer here, not a sleep: /wait/100 holds nobody up.
 *
 * What a connection costs: one record of some 50 bytes and the kernel's socket. Buffers belong to
 * the loop: bytes are read into one, answers are written from another, and only what the socket
 * does not take at once is kept. Interest in input is registered once, so that a request costs
 * one recv, one send and its share of an epoll_wait.
 *
 * Compare with poll.c (the same loop, but the whole list crosses into the kernel each turn),
 * epoll_edge.c (told once instead of as long as), loop_per_core.c (several of these), and
 * thread_per_connection.c (no loop: the scheduler is the loop).
 * Known from: nginx, Redis, HAProxy, Node.js below libuv. See epoll(7).
 *
 * Try: server-epoll --listen 127.0.0.1:8080
 */
#include "servers/core/epoll_wait.h"
#include "servers/core/model.h"
#include "servers/core/readiness.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS_PER_WAIT = 256 };

struct loop {
	struct readiness_loop base;
	int epoll_fd;
	atomic_bool draining;
};

/* What stands for the listener and the stop signal where others have their connection. */
static char listener_mark, stop_mark;

static int control(const struct readiness_loop *base, int operation, int fd, unsigned interest,
		   void *mark)
{
	struct epoll_event event = {.data.ptr = mark};

	if (interest & READINESS_IN)
		event.events |= EPOLLIN;
	if (interest & READINESS_OUT)
		event.events |= EPOLLOUT;
	return epoll_ctl(((const struct loop *)base)->epoll_fd, operation, fd, &event) < 0 ? -errno
											   : 0;
}

static int open_connection(struct readiness_loop *base, struct readiness_connection *c)
{
	return control(base, EPOLL_CTL_ADD, c->fd, READINESS_IN, c);
}

static int watch(struct readiness_loop *base, struct readiness_connection *c, unsigned interest)
{
	return control(base, EPOLL_CTL_MOD, c->fd, interest, c);
}

static void watch_listener(struct readiness_loop *base, bool wanted)
{
	control(base, wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, base->listener->fd, READINESS_IN,
		&listener_mark);
}

static const struct readiness_methods methods = {
	.open = open_connection,
	.watch = watch, /* and closing a descriptor takes it out of epoll */
	.watch_listener = watch_listener,
	.connection_bytes = sizeof(struct readiness_connection),
};

static void handle(struct readiness_loop *base, struct readiness_connection *c, unsigned events)
{
	if (events & EPOLLIN)
		readiness_receive(base, c);
	else if (events & EPOLLOUT)
		readiness_drive(base, c);
	else
		readiness_drop(base, c); /* EPOLLERR, EPOLLHUP: nobody is there any more */
}

static int turn(struct readiness_loop *base, uint64_t until_ns)
{
	struct epoll_event events[EVENTS_PER_WAIT];
	bool accepts = false, stops = false;
	int count = epoll_wait_until(((struct loop *)base)->epoll_fd, events, EVENTS_PER_WAIT,
				     readiness_due_ns(base, until_ns));

	for (int i = 0; i < count; i++) {
		if (events[i].data.ptr == &listener_mark)
			accepts = true;
		else if (events[i].data.ptr == &stop_mark)
			stops = control(base, EPOLL_CTL_DEL, base->listener->stop_fd, 0, NULL) == 0;
		else
			handle(base, events[i].data.ptr, events[i].events);
	}
	if (accepts) /* last, so that no event above is for a connection made in this turn */
		readiness_accept(base);
	readiness_fire_timers(base);
	return count < 0 ? count : stops;
}

static int run(const struct server_options *options, struct listener *listener)
{
	struct loop *loop = calloc(1, sizeof *loop);
	int result;

	(void)options;
	if (!loop)
		return -ENOMEM;
	readiness_init(&loop->base, &methods, listener, &loop->draining);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	result = loop->epoll_fd < 0 ? -errno : 0;
	if (result == 0)
		result = control(&loop->base, EPOLL_CTL_ADD, listener->stop_fd, READINESS_IN,
				 &stop_mark);
	if (result == 0)
		result = readiness_serve(&loop->base, &loop->draining, turn);
	readiness_destroy(&loop->base);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	free(loop);
	return result;
}

const struct server_model server_model = {
	.name = "epoll",
	.family = "loops",
	.summary = "one thread asks the kernel which connections are ready",
	.run = run,
};
