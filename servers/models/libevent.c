/*
 * libevent: one thread, and a library that runs whatever the system has to wait with.
 *
 * The program describes what it waits for, a `struct event` for a descriptor or a time, adds and
 * removes events, and is called back. Here it is used at its lowest level: libevent tells that a
 * socket is ready, reading and writing stay with the program. The variant `bufferevent` goes the
 * way that its book recommends: the library reads and writes too, in buffers of its own, and the
 * program sees bytes. For that it copies all that is sent, asks how much there is before it reads
 * (FIONREAD), and sends in the next turn of the loop, with an epoll_ctl before and after.
 *
 * Changes of what is waited for are collected and told to the kernel just before the next wait (the
 * library's changelist), so that one that takes away and adds is one epoll_ctl, not two.
 *
 * What a connection costs: epoll's record and an event of 128 bytes, and the library's own entry in
 * a table by descriptor number; as bufferevent 1,100 bytes, used once and idle again.
 * What the convenience costs, compare with epoll.c: a call through a pointer for each event; and
 * the clock. libevent reads the coarse one, which ticks every few milliseconds; it is cheap, and
 * timers come that much late. (With its precise timers every wait would be two system calls.)
 *
 * Compare with libev.c, which was written to be a smaller one of these.
 * Known from: memcached, Tor, Chromium, tmux. See libevent.org and its book by Nick Mathewson.
 *
 * Try: server-libevent --listen 127.0.0.1:8080 --variant bufferevent
 */
#include "servers/core/loops/loop_group.h"
#include "servers/core/server/model.h"
#include "servers/models/libevent/bufferevent.h"
#include "servers/models/libevent/loop.h"

#include <errno.h>
#include <stdio.h>

struct connection {
	struct readiness_connection base;
	struct event event;
	struct libevent_loop *loop;
};

static void socket_ready(evutil_socket_t fd, short what, void *context)
{
	struct connection *c = context;

	(void)fd;
	readiness_handle(&c->loop->base, &c->base, what & EV_READ, what & EV_WRITE);
}

/* An event must not be pending while it is assigned anew. */
static int watch(struct readiness_loop *base, struct readiness_connection *plain, unsigned interest)
{
	struct connection *c = (struct connection *)plain;
	short what = EV_PERSIST;

	if (interest & READINESS_IN)
		what |= EV_READ;
	if (interest & READINESS_OUT)
		what |= EV_WRITE;
	if (event_del(&c->event) < 0 ||
	    event_assign(&c->event, ((struct libevent_loop *)base)->events, plain->fd, what,
			 socket_ready, c) < 0)
		return -EINVAL;
	return interest && event_add(&c->event, NULL) < 0 ? -ENOMEM : 0;
}

static int open_connection(struct readiness_loop *base, struct readiness_connection *plain)
{
	struct connection *c = (struct connection *)plain;

	c->loop = (struct libevent_loop *)base;
	if (libevent_know(c->loop, plain->fd) < 0)
		return -ENOMEM;
	if (event_assign(&c->event, c->loop->events, plain->fd, EV_READ | EV_PERSIST, socket_ready,
			 c) < 0)
		return -EINVAL;
	return event_add(&c->event, NULL) < 0 ? -ENOMEM : 0;
}

static void forget(struct readiness_loop *base, struct readiness_connection *plain)
{
	(void)base;
	event_del(&((struct connection *)plain)->event);
}

static const struct readiness_methods methods = {
	.open = open_connection,
	.watch = watch,
	.forget = forget,
	.end_turn = libevent_end_turn,
	.connection_bytes = sizeof(struct connection),
	.services = &libevent_services,
};

static int live(const struct server_options *options, struct listener *listener,
		atomic_bool *draining)
{
	return libevent_loop_run(options->variant ? &libevent_buffered_methods : &methods, listener,
				 draining);
}

static int run(const struct server_options *options, struct listener *listener)
{
	libevent_hear();
	return loop_group_run(options, listener, live);
}

static const char *describe_library(void)
{
	static char text[32];

	snprintf(text, sizeof text, "libevent %s", event_get_version());
	return text;
}

static const struct server_variant variants[] = {
	{.name = "bufferevent",
	 .summary = "the same library reads and writes too, through buffers of its own",
	 .leaves = MODEL_BUFFER},
	{0}};

const struct server_model server_model = {
	.name = "libevent",
	.family = "loops",
	.summary = "one thread, a library calls back when a socket is ready",
	.takes = READINESS_TAKES,
	.describe_library = describe_library,
	.variants = variants,
	.descriptor_tables = loop_group_tables,
	.run = run,
};
