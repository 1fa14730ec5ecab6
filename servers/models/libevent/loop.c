#include "servers/models/libevent/loop.h"

#include "lib/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* --- its timers and events as core's -------------------------------------------------------- */

enum { KNOWN_AHEAD = 256 };

_Static_assert(sizeof(struct event) <= LOOP_TIMER_OWN_BYTES, "LOOP_TIMER_OWN_BYTES");

static struct event *event_of(struct loop_timer *timer)
{
	return (struct event *)(void *)timer->own;
}

static void timer_expired(evutil_socket_t none, short what, void *context)
{
	struct loop_timer *timer = context;

	(void)none, (void)what;
	timer->fire(timer);
}

/*
 * By the clock that libevent will look at, renewed and rounded up, to be never early. That clock is late by up to a tick,
 * for which nobody waits whose time has come.
 */
static struct timeval time_until(struct libevent_loop *loop, uint64_t due_ns)
{
	uint64_t now_ns = clock_read_ns(CLOCK_MONOTONIC_COARSE);
	uint64_t left_us = due_ns > clock_now_ns() ? (due_ns - now_ns + NS_PER_US - 1) / NS_PER_US
						   : 0;

	event_base_update_cache_time(loop->events);
	return (struct timeval){.tv_sec = (time_t)(left_us / 1000000),
				.tv_usec = (suseconds_t)(left_us % 1000000)};
}

static int start_timer(void *context, struct loop_timer *timer)
{
	struct libevent_loop *loop = context;
	struct timeval left = time_until(loop, timer->due_ns);

	if (evtimer_assign(event_of(timer), loop->events, timer_expired, timer) < 0 ||
	    evtimer_add(event_of(timer), &left) < 0)
		return -ENOMEM;
	return 0;
}

static void stop_timer(void *context, struct loop_timer *timer)
{
	(void)context;
	evtimer_del(event_of(timer));
}

/* In a watch's own bytes. */
struct libevent_watch {
	struct event event;
	struct loop_watch *watch;
	LIST_ENTRY(libevent_watch) others;
};

_Static_assert(sizeof(struct libevent_watch) <= LOOP_WATCH_OWN_BYTES, "LOOP_WATCH_OWN_BYTES");

static struct libevent_watch *own_of(struct loop_watch *watch)
{
	return (struct libevent_watch *)(void *)watch->own;
}

static void watch_ready(evutil_socket_t fd, short what, void *context)
{
	struct loop_watch *watch = context;

	(void)fd;
	watch->ready(watch,
		     ((what & EV_READ) ? LOOP_IN : 0u) | ((what & EV_WRITE) ? LOOP_OUT : 0u));
}

/* An event must not be pending while it is assigned anew; what it was told of is forgotten then. */
static int set_event(struct libevent_loop *loop, struct loop_watch *watch, unsigned interest)
{
	struct event *event = &own_of(watch)->event;
	short what = EV_PERSIST;

	if (interest & LOOP_IN)
		what |= EV_READ;
	if (interest & LOOP_OUT)
		what |= EV_WRITE;
	if (event_assign(event, loop->events, watch->fd, what, watch_ready, watch) < 0)
		return -EINVAL;
	return interest && event_add(event, NULL) < 0 ? -ENOMEM : 0;
}

static int start_watch(void *context, struct loop_watch *watch)
{
	struct libevent_loop *loop = context;
	int result = libevent_know(loop, watch->fd);

	if (result == 0)
		result = set_event(loop, watch, watch->interest);
	if (result == 0) {
		own_of(watch)->watch = watch;
		LIST_INSERT_HEAD(&loop->watches, own_of(watch), others);
	}
	return result;
}

static int change_watch(void *context, struct loop_watch *watch, unsigned interest)
{
	int result;

	event_del(&own_of(watch)->event);
	result = set_event(context, watch, interest);
	if (result == 0)
		watch->interest = interest;
	else
		set_event(context, watch, watch->interest);
	return result;
}

static void stop_watch(void *context, struct loop_watch *watch)
{
	(void)context;
	event_del(&own_of(watch)->event);
	LIST_REMOVE(own_of(watch), others);
}

const struct loop_services libevent_services = {
	.timer_start = start_timer,
	.timer_stop = stop_timer,
	.watch_start = start_watch,
	.watch_change = change_watch,
	.watch_stop = stop_watch,
};

/* --- what cannot be watched ------------------------------------------------------------------- */

/*
 * Changes of interest are collected and told to the kernel just before the next wait. Where it says
 * no, the library tells nobody but its log, and would wait for ever: so the log is read. That happens
 * within the library's own work; what follows from it waits for a turn, for which a descriptor is
 * made readable.
 */
static _Thread_local struct libevent_loop *turning;

/* The number after `word`; -1: there is none. */
static int number_after(const char *message, const char *word)
{
	const char *found = strstr(message, word);

	return found ? (int)strtol(found + strlen(word), NULL, 10) : -1;
}

/* "Epoll ADD(1) on fd 9 failed. ...", "Epoll MOD(1) on 9 retried as ADD; that failed too: ..." */
static void hear(int severity, const char *message)
{
	int fd = number_after(message, " on fd ");

	if (fd < 0 && strstr(message, " retried as "))
		fd = number_after(message, " on ");
	if (!turning || severity != EVENT_LOG_WARN || strncmp(message, "Epoll ", 6) != 0 || fd < 0)
		fprintf(stderr, "server-libevent: %s\n", message);
	else if (turning->missed_count < LIBEVENT_MISSED_MOST) {
		turning->missed[turning->missed_count++] = fd;
		eventfd_write(turning->unwatched_fd, 1);
	}
}

void libevent_hear(void)
{
	event_set_log_callback(hear);
}

static bool is_missed(const struct libevent_loop *loop, int fd)
{
	for (size_t i = 0; i < loop->missed_count; i++)
		if (loop->missed[i] == fd)
			return true;
	return false;
}

static void drop_missed(struct deadline_place *place, void *context)
{
	struct readiness_connection *c = (struct readiness_connection *)http_at(place);

	if (!is_missed(context, c->fd))
		return;
	http_set_end(&c->http, CLOSED_MEMORY);
	readiness_drop(context, c);
}

/* Once more, before the next wait; the listener's has time until there may be memory again. */
static void watch_missed(struct libevent_loop *loop)
{
	struct libevent_watch *own;

	for (own = LIST_FIRST(&loop->watches); own; own = LIST_NEXT(own, others)) {
		if (own->watch == &loop->base.acceptor.watch || !is_missed(loop, own->watch->fd))
			continue;
		event_del(&own->event);
		event_add(&own->event, NULL);
	}
	if (loop->base.acceptor.looks && is_missed(loop, loop->base.acceptor.watch.fd))
		acceptor_look_later(&loop->base.acceptor);
}

static void unwatched_came(evutil_socket_t fd, short what, void *context)
{
	struct libevent_loop *loop = context;
	eventfd_t count;

	(void)what;
	eventfd_read(fd, &count);
	watch_missed(loop);
	deadlines_each(&loop->base.deadlines.wheel, drop_missed, loop);
	loop->missed_count = 0;
}

/* --- what the library keeps -------------------------------------------------------------------- */

/*
 * The library keeps an entry for each descriptor that it ever had, and makes it when that comes. Among
 * what a connection has they would hold fast the memory around them when that is free: so they are made
 * ahead, many side by side. What is added and taken away before the next wait, the kernel never hears of.
 */
int libevent_know(struct libevent_loop *loop, int fd)
{
	int end = fd < loop->known ? loop->known : fd + KNOWN_AHEAD;
	struct event event;

	for (; loop->known < end; loop->known++)
		if (event_assign(&event, loop->events, loop->known, EV_READ, unwatched_came, loop) <
			    0 ||
		    event_add(&event, NULL) < 0 || event_del(&event) < 0)
			return -ENOMEM;
	return 0;
}

/* --- the loop ------------------------------------------------------------------------------- */

void libevent_end_turn(struct readiness_loop *loop)
{
	event_base_loopbreak(((struct libevent_loop *)loop)->events);
}

static void time_is_up(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what, (void)context; /* the turn ends, and the clock says the rest */
}

/* The library turns the loop, until it is told to stop; from then on turn by turn. */
static int turn(struct readiness_loop *base, uint64_t until_ns)
{
	struct libevent_loop *loop = (struct libevent_loop *)base;
	struct timeval left;

	if (until_ns == UINT64_MAX)
		return event_base_loop(loop->events, 0) < 0 ? -EIO : 0;
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

	/* One thread: no locks. And one epoll_ctl for what changes twice in a turn, not two. */
	if (config &&
	    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV |
						  EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST) == 0)
		events = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return events;
}

static int watch_own(struct libevent_loop *loop)
{
	if (event_assign(&loop->unwatched, loop->events, loop->unwatched_fd, EV_READ | EV_PERSIST,
			 unwatched_came, loop) < 0 ||
	    evtimer_assign(&loop->deadline, loop->events, time_is_up, loop) < 0)
		return -EINVAL;
	/* A first turn tells the kernel, for without it we would not hear. */
	return event_add(&loop->unwatched, NULL) < 0 ||
			       event_base_loop(loop->events, EVLOOP_NONBLOCK) < 0 ||
			       loop->missed_count
		       ? -ENOMEM
		       : 0;
}

static int serve(struct libevent_loop *loop, const struct readiness_methods *methods,
		 struct listener *listener, atomic_bool *draining)
{
	int result = readiness_init(&loop->base, methods, listener, draining);

	if (result < 0)
		return result;
	loop->unwatched_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	result = loop->unwatched_fd < 0 ? -errno : watch_own(loop);
	if (result == 0)
		result = readiness_serve(&loop->base, draining, turn);
	readiness_destroy(&loop->base);
	if (loop->unwatched_fd >= 0)
		close(loop->unwatched_fd);
	return result;
}

int libevent_loop_run(const struct readiness_methods *methods, struct listener *listener,
		      atomic_bool *draining)
{
	struct libevent_loop *loop = calloc(1, sizeof *loop);
	int result = -ENOMEM;

	turning = loop;
	if (loop)
		loop->events = open_base();
	if (loop && loop->events) {
		result = serve(loop, methods, listener, draining);
		event_base_free(loop->events);
	}
	turning = NULL;
	free(loop);
	return result;
}
