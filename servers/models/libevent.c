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
#include "lib/clock.h"
#include "servers/core/server/model.h"
#include "servers/core/loops/loop_group.h"
#include "servers/core/loops/readiness.h"
#include "servers/core/server/socket_io.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_struct.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

struct loop {
	struct readiness_loop base;
	struct event_base *events;
	struct event listener, stop, deadlines, deadline; /* the last of draining */
};

/* --- its timers as core's ------------------------------------------------------------------- */

struct timer {
	struct event event;
	struct loop_timer *timer;
};

static void timer_expired(evutil_socket_t none, short what, void *context)
{
	struct timer *lent = context;
	struct loop_timer *timer = lent->timer;

	(void)none, (void)what;
	free(lent);
	timer->fire(timer);
}

/* By the clock that libevent will look at, renewed and rounded up, to be never early. */
static struct timeval time_until(struct loop *loop, uint64_t due_ns)
{
	uint64_t now_ns = clock_read_ns(CLOCK_MONOTONIC_COARSE);
	uint64_t left_us = due_ns > now_ns ? (due_ns - now_ns + NS_PER_US - 1) / NS_PER_US : 0;

	event_base_update_cache_time(loop->events);
	return (struct timeval){.tv_sec = (time_t)(left_us / 1000000),
				.tv_usec = (suseconds_t)(left_us % 1000000)};
}

static int start_timer(void *context, struct loop_timer *timer)
{
	struct loop *loop = context;
	struct timer *lent = malloc(sizeof *lent);
	struct timeval left = time_until(loop, timer->due_ns);

	if (!lent)
		return -ENOMEM;
	lent->timer = timer;
	timer->handle = lent;
	if (evtimer_assign(&lent->event, loop->events, timer_expired, lent) < 0 ||
	    evtimer_add(&lent->event, &left) < 0) {
		free(lent);
		return -ENOMEM;
	}
	return 0;
}

static void stop_timer(void *context, struct loop_timer *timer)
{
	struct timer *lent = timer->handle;

	(void)context;
	evtimer_del(&lent->event);
	free(lent);
}

static const struct loop_services services = {start_timer, stop_timer};

/* --- what both have in common: the listener ------------------------------------------------- */

static void connection_waits(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	readiness_accept(context);
}

static int watch_listener(struct readiness_loop *base, bool wanted)
{
	struct loop *loop = (struct loop *)base;

	return (wanted ? event_add(&loop->listener, NULL) : event_del(&loop->listener)) < 0
		       ? -ENOMEM
		       : 0;
}

static void deadline_came(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	deadlines_look(context);
}

/* --- an event for each connection ----------------------------------------------------------- */

struct connection {
	struct readiness_connection base;
	struct event event;
	struct loop *loop;
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
	if (event_del(&c->event) < 0 || event_assign(&c->event, ((struct loop *)base)->events,
						     plain->fd, what, socket_ready, c) < 0)
		return -EINVAL;
	return interest && event_add(&c->event, NULL) < 0 ? -ENOMEM : 0;
}

static int open_connection(struct readiness_loop *base, struct readiness_connection *plain)
{
	struct connection *c = (struct connection *)plain;

	c->loop = (struct loop *)base;
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

static const struct readiness_methods plain_methods = {
	.open = open_connection,
	.watch = watch,
	.forget = forget,
	.watch_listener = watch_listener,
	.connection_bytes = sizeof(struct connection),
	.services = &services,
};

/* --- a bufferevent for each connection ------------------------------------------------------ */

/* Answers wait in the library's buffer: beyond this no more are made until it is empty. */
enum { OUTPUT_MOST = 65536 };

struct buffered {
	struct readiness_connection base;
	struct bufferevent *stream;
	struct loop *loop;
};

static size_t unsent_bytes(const struct buffered *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->stream));
}

/* What core has to send is copied, and so counts as written. False: out of memory. */
static bool copy_output(struct buffered *c)
{
	struct iovec pieces[HTTP_PIECES];
	int count = http_output(&c->base.http, pieces, HTTP_PIECES);
	size_t length = 0;

	for (int i = 0; i < count; i++) {
		if (bufferevent_write(c->stream, pieces[i].iov_base, pieces[i].iov_len) < 0)
			return false;
		length += pieces[i].iov_len;
	}
	http_written(&c->base.http, length);
	/* Short of memory the library may never have learned that output is to be sent. */
	return event_pending(&c->stream->ev_write, EV_WRITE, NULL);
}

static void advance(struct buffered *c);

static void task_ended(void *context)
{
	struct buffered *c = context;

	http_task_done(&c->base.http);
	advance(c);
}

/* What core asks for beside output. False: the connection has to go. */
static bool wait_for(struct buffered *c, enum http_step step)
{
	bool wanted = step == HTTP_READ;

	if (step == HTTP_CLOSE && unsent_bytes(c) == 0)
		return false;
	if (step == HTTP_TASK || step == HTTP_LINGER) {
		if (task_start(http_task(&c->base.http), &services, c->loop, task_ended, c) < 0) {
			c->base.http.end = CLOSED_MEMORY;
			return false;
		}
		wanted = http_wants_input(&c->base.http);
	}
	if (step == HTTP_LINGER && !c->base.shut && unsent_bytes(c) == 0) {
		shutdown(c->base.fd, SHUT_WR);
		c->base.shut = true;
	}
	if (wanted == (c->base.interest == READINESS_IN))
		return true;
	c->base.interest = wanted ? READINESS_IN : READINESS_NONE;
	return (wanted ? bufferevent_enable : bufferevent_disable)(c->stream, EV_READ) == 0;
}

/* Does what core asks for, and feeds it what has come, until something has to be waited for. */
static void advance(struct buffered *c)
{
	struct evbuffer *input = bufferevent_get_input(c->stream);
	struct evbuffer_iovec piece;
	enum http_step step;
	bool good = true;

	for (;;) {
		while (good && (step = http_next(&c->base.http)) == HTTP_WRITE &&
		       unsent_bytes(c) < OUTPUT_MOST)
			good = copy_output(c);
		if (!good || !wait_for(c, step)) {
			readiness_drop(&c->loop->base, &c->base);
			return;
		}
		http_wait(&c->base.http);
		if (c->base.interest != READINESS_IN ||
		    evbuffer_peek(input, -1, NULL, &piece, 1) < 1)
			return;
		http_feed(&c->base.http, piece.iov_base, piece.iov_len);
		evbuffer_drain(input, piece.iov_len);
	}
}

static void bytes_came(struct bufferevent *stream, void *context)
{
	(void)stream;
	advance(context);
}

static void output_left(struct bufferevent *stream, void *context)
{
	(void)stream;
	advance(context);
}

static void stream_ended(struct bufferevent *stream, short what, void *context)
{
	struct buffered *c = context;

	(void)stream;
	if (what & BEV_EVENT_TIMEOUT) {
		c->base.http.end = CLOSED_WRITE_TIMEOUT;
		socket_reset_on_close(c->base.fd);
		readiness_drop(&c->loop->base, &c->base);
	} else if (what & BEV_EVENT_EOF) {
		http_feed_end(&c->base.http);
		advance(c);
	} else {
		readiness_drop(&c->loop->base, &c->base);
	}
}

static struct timeval write_limit(const struct listener *listener)
{
	uint32_t ticks = listener->terms->limits.ticks[HTTP_SENDING];
	struct timespec limit = clock_to_timespec(ticks * TICK_NS);

	return (struct timeval){.tv_sec = limit.tv_sec, .tv_usec = limit.tv_nsec / 1000};
}

static int open_buffered(struct readiness_loop *base, struct readiness_connection *plain)
{
	struct buffered *c = (struct buffered *)plain;
	struct timeval limit = write_limit(base->listener);

	c->loop = (struct loop *)base;
	c->stream = bufferevent_socket_new(c->loop->events, plain->fd, 0);
	if (!c->stream)
		return -ENOMEM;
	bufferevent_setcb(c->stream, bytes_came, output_left, stream_ended, c);
	/* Its own deadline, since core takes what is in the library's buffer for sent. */
	if (limit.tv_sec || limit.tv_usec)
		bufferevent_set_timeouts(c->stream, NULL, &limit);
	if (bufferevent_enable(c->stream, EV_READ) < 0) {
		bufferevent_free(c->stream);
		return -ENOMEM;
	}
	return 0;
}

static void forget_buffered(struct readiness_loop *base, struct readiness_connection *plain)
{
	(void)base;
	bufferevent_free(((struct buffered *)plain)->stream);
}

static bool is_sending(const struct readiness_connection *plain)
{
	return unsent_bytes((const struct buffered *)plain) > 0;
}

static void go_on(struct readiness_loop *base, struct readiness_connection *plain)
{
	(void)base;
	advance((struct buffered *)plain);
}

static const struct readiness_methods buffered_methods = {
	.open = open_buffered,
	.forget = forget_buffered,
	.is_sending = is_sending,
	.go_on = go_on,
	.watch_listener = watch_listener,
	.connection_bytes = sizeof(struct buffered),
	.services = &services,
};

/* --- the loop ------------------------------------------------------------------------------- */

static void stop_came(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	event_base_loopbreak(((struct loop *)context)->events);
}

static void time_is_up(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what, (void)context; /* the turn ends, and the clock says the rest */
}

/* The library turns the loop, until it is told to stop; from then on turn by turn. */
static int turn(struct readiness_loop *base, uint64_t until_ns)
{
	struct loop *loop = (struct loop *)base;
	struct timeval left;

	if (until_ns == UINT64_MAX)
		return event_base_loop(loop->events, 0) < 0 ? -EIO : 1;
	if (!evtimer_pending(&loop->deadline, NULL)) {
		left = time_until(loop, until_ns);
		evtimer_add(&loop->deadline, &left);
	}
	return event_base_loop(loop->events, EVLOOP_ONCE) < 0 ? -EIO : 0;
}

static struct event_base *open_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *events = NULL;

	/* One thread: no locks. */
	if (config &&
	    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV) == 0)
		events = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return events;
}

static int serve(struct loop *loop, const struct readiness_methods *methods,
		 struct listener *listener, atomic_bool *draining)
{
	int result = readiness_init(&loop->base, methods, listener, draining);

	if (result < 0)
		return result;
	result = -ENOMEM;
	/* The stop is told once: its descriptor stays readable. */
	if (event_assign(&loop->listener, loop->events, listener->fd, EV_READ | EV_PERSIST,
			 connection_waits, loop) == 0 &&
	    event_assign(&loop->stop, loop->events, listener->stop_fd, EV_READ, stop_came, loop) ==
		    0 &&
	    event_assign(&loop->deadlines, loop->events, loop->base.deadlines.wheel.fd,
			 EV_READ | EV_PERSIST, deadline_came, &loop->base.deadlines.wheel) == 0 &&
	    evtimer_assign(&loop->deadline, loop->events, time_is_up, loop) == 0 &&
	    event_add(&loop->stop, NULL) == 0 && event_add(&loop->deadlines, NULL) == 0)
		result = readiness_serve(&loop->base, draining, turn);
	readiness_destroy(&loop->base);
	return result;
}

static int live(const struct server_options *options, struct listener *listener,
		atomic_bool *draining)
{
	struct loop *loop = calloc(1, sizeof *loop);
	int result = -ENOMEM;

	if (loop)
		loop->events = open_base();
	if (loop && loop->events) {
		result = serve(loop, options->variant ? &buffered_methods : &plain_methods,
			       listener, draining);
		event_base_free(loop->events);
	}
	free(loop);
	return result;
}

static int run(const struct server_options *options, struct listener *listener)
{
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
	 .summary = "the same library reads and writes too, through buffers of its own"},
	{0}};

const struct server_model server_model = {
	.name = "libevent",
	.family = "loops",
	.summary = "one thread, a library calls back when a socket is ready",
	.describe_library = describe_library,
	.variants = variants,
	.descriptor_tables = loop_group_tables,
	.run = run,
};
