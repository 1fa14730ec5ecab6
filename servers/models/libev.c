/*
 * libev: one thread, and a small library that says which sockets are ready.
 *
 * The program keeps a watcher for each thing that it waits for, an ev_io for a socket, an ev_timer
 * for a time, starts and stops them, and is called back. Like epoll, libev tells that a socket is
 * ready and leaves it at that: reading and writing stay with the program, so the loop below is
 * epoll.c's with the library in the place of the kernel. Changes of interest are collected and told
 * to the kernel just before the next wait, so that what is stopped and started again in one turn
 * costs nothing.
 *
 * What a connection costs: epoll's record and an ev_io of 48 bytes, and the library's own entry in
 * a table by descriptor number, 16 bytes.
 * What the convenience costs, compare with epoll.c: a call through a pointer for each event, one
 * more epoll_ctl where a descriptor's number comes back, and timeouts of whole milliseconds.
 *
 * Compare with libevent.c (the same idea, more in it) and libuv.c (which reads and writes for you).
 * Known from: RTP and SIP proxies, early Node.js, many bindings for scripting languages. See ev(3).
 *
 * Try: server-libev --listen 127.0.0.1:8080
 */
#include "lib/clock.h"
#include "servers/core/server/model.h"
#include "servers/core/loops/loop_group.h"
#include "servers/core/loops/patient_realloc.h"
#include "servers/core/loops/readiness.h"

#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>

struct connection {
	struct readiness_connection base;
	ev_io io;
};

struct loop {
	struct readiness_loop base;
	struct ev_loop *ev;
	ev_timer deadline; /* of draining */
};

/* Where memory cannot be had the library would end the process. */
static void *allocate(void *old, long size)
{
	if (size > 0)
		return patient_realloc(old, (size_t)size);
	free(old);
	return NULL;
}

_Static_assert(sizeof(ev_timer) <= LOOP_TIMER_OWN_BYTES, "LOOP_TIMER_OWN_BYTES");

static ev_timer *timer_of(struct loop_timer *timer)
{
	return (ev_timer *)(void *)timer->own;
}

static void timer_expired(struct ev_loop *ev, ev_timer *expired, int events)
{
	struct loop_timer *timer = expired->data;

	(void)ev, (void)events;
	timer->fire(timer);
}

/* libev counts from the time at which its turn began: refresh that, to be never early. */
static double seconds_until(struct loop *loop, uint64_t due_ns)
{
	uint64_t now_ns = clock_now_ns();

	ev_now_update(loop->ev);
	return due_ns > now_ns ? (double)(due_ns - now_ns) / (double)NS_PER_S : 0;
}

static int start_timer(void *context, struct loop_timer *timer)
{
	struct loop *loop = context;
	ev_timer *own = timer_of(timer);

	ev_timer_init(own, timer_expired, seconds_until(loop, timer->due_ns), 0);
	own->data = timer;
	ev_timer_start(loop->ev, own);
	return 0;
}

static void stop_timer(void *context, struct loop_timer *timer)
{
	ev_timer_stop(((struct loop *)context)->ev, timer_of(timer));
}

_Static_assert(sizeof(ev_io) <= LOOP_WATCH_OWN_BYTES, "LOOP_WATCH_OWN_BYTES");

static ev_io *io_of(struct loop_watch *watch)
{
	return (ev_io *)(void *)watch->own;
}

static int events_of(unsigned interest)
{
	return (interest & READINESS_IN ? EV_READ : 0) | (interest & READINESS_OUT ? EV_WRITE : 0);
}

/*
 * EV_ERROR: the library could not watch it, and has stopped the watcher. It may be able to in the next
 * turn; whose descriptor is broken finds out by using it.
 */
static void watch_ready(struct ev_loop *ev, ev_io *io, int events)
{
	struct loop_watch *w = io->data;
	unsigned told = ((events & EV_READ) ? LOOP_IN : 0u) | ((events & EV_WRITE) ? LOOP_OUT : 0u);

	if (events & EV_ERROR) {
		ev_io_start(ev, io);
		told = w->interest;
	}
	w->ready(w, told);
}

/* A watcher must not run while it is changed; what it was told of is forgotten when it is stopped. */
static int change_watch(void *context, struct loop_watch *watch, unsigned interest)
{
	struct loop *loop = context;
	ev_io *io = io_of(watch);

	ev_io_stop(loop->ev, io);
	ev_io_set(io, watch->fd, events_of(interest));
	if (interest)
		ev_io_start(loop->ev, io);
	watch->interest = interest;
	return 0;
}

/* When all that came of connections has been looked at: who is in time must not seem late. */
static int start_watch(void *context, struct loop_watch *watch)
{
	ev_io *io = io_of(watch);

	ev_init(io, watch_ready);
	ev_set_priority(io, EV_MINPRI);
	io->data = watch;
	return change_watch(context, watch, watch->interest);
}

static void stop_watch(void *context, struct loop_watch *watch)
{
	ev_io_stop(((struct loop *)context)->ev, io_of(watch));
}

static const struct loop_services services = {
	.timer_start = start_timer,
	.timer_stop = stop_timer,
	.watch_start = start_watch,
	.watch_change = change_watch,
	.watch_stop = stop_watch,
};

/* EV_ERROR: the library cannot watch it, and has stopped the watcher. */
static void socket_ready(struct ev_loop *ev, ev_io *io, int events)
{
	if (events & EV_ERROR) {
		readiness_drop(ev_userdata(ev), io->data);
		return;
	}
	readiness_handle(ev_userdata(ev), io->data, events & EV_READ, events & EV_WRITE);
}

/* A watcher must not run while it is changed. */
static int watch(struct readiness_loop *base, struct readiness_connection *plain, unsigned interest)
{
	struct loop *loop = (struct loop *)base;
	struct connection *c = (struct connection *)plain;

	ev_io_stop(loop->ev, &c->io);
	ev_io_set(&c->io, plain->fd, events_of(interest));
	if (interest)
		ev_io_start(loop->ev, &c->io);
	return 0;
}

static int open_connection(struct readiness_loop *base, struct readiness_connection *plain)
{
	struct connection *c = (struct connection *)plain;

	ev_init(&c->io, socket_ready);
	c->io.data = plain;
	return watch(base, plain, READINESS_IN);
}

static void forget(struct readiness_loop *base, struct readiness_connection *plain)
{
	ev_io_stop(((struct loop *)base)->ev, &((struct connection *)plain)->io);
}

static void end_turn(struct readiness_loop *base)
{
	ev_break(((struct loop *)base)->ev, EVBREAK_ALL);
}

static const struct readiness_methods methods = {
	.open = open_connection,
	.watch = watch,
	.forget = forget,
	.end_turn = end_turn,
	.connection_bytes = sizeof(struct connection),
	.services = &services,
};

static void time_is_up(struct ev_loop *ev, ev_timer *timer, int events)
{
	(void)timer, (void)events;
	ev_break(ev, EVBREAK_ALL); /* the clock says the rest */
}

/* The library turns the loop, until it is told to stop; from then on turn by turn. */
static int turn(struct readiness_loop *base, uint64_t until_ns)
{
	struct loop *loop = (struct loop *)base;

	if (until_ns == UINT64_MAX) {
		ev_run(loop->ev, 0);
		return 0;
	}
	if (!ev_is_active(&loop->deadline)) {
		ev_timer_init(&loop->deadline, time_is_up, seconds_until(loop, until_ns), 0);
		ev_timer_start(loop->ev, &loop->deadline);
	}
	ev_run(loop->ev, EVRUN_ONCE);
	return 0;
}

static int live(const struct server_options *options, struct listener *listener,
		atomic_bool *draining)
{
	struct loop *loop = calloc(1, sizeof *loop);
	int result = -ENOMEM;

	(void)options;
	if (!loop)
		return result;
	result = readiness_init(&loop->base, &methods, listener, draining);
	if (result < 0) {
		free(loop);
		return result;
	}
	loop->ev = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	result = -ENOMEM;
	if (loop->ev) {
		ev_set_userdata(loop->ev, loop);
		ev_init(&loop->deadline, time_is_up);
		result = readiness_serve(&loop->base, draining, turn);
	}
	readiness_destroy(&loop->base);
	if (loop->ev)
		ev_loop_destroy(loop->ev);
	free(loop);
	return result;
}

static int run(const struct server_options *options, struct listener *listener)
{
	ev_set_allocator(allocate);
	return loop_group_run(options, listener, live);
}

static const char *describe_library(void)
{
	static char text[32];

	snprintf(text, sizeof text, "libev %d.%d", ev_version_major(), ev_version_minor());
	return text;
}

const struct server_model server_model = {
	.name = "libev",
	.family = "loops",
	.summary = "one thread, a small library calls back when a socket is ready",
	.takes = READINESS_TAKES,
	.describe_library = describe_library,
	.descriptor_tables = loop_group_tables,
	.run = run,
};
