#include "servers/core/poller.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS_PER_WAIT = 64 };

/* What stands for the deadlines where others have their connection; NULL is the stop. */
static char deadlines_mark;

enum { PUT_OFF_TICKS = 64 };

/*
 * Served ones have no deadline here. They are asked again after a while, but not later than when they
 * could be due by then, so that an idle one need not be moved.
 */
static uint32_t due_of(struct deadlines *deadlines, struct deadline_place *place)
{
	const struct blocking_connection *c = blocking_connection_at(place);
	const struct http_limits *limits = c->server->limits;
	uint32_t wait = limits ? limits->ticks[HTTP_IDLE] : 0;

	if (c->rests)
		return c->due;
	return deadlines->reached + (wait && wait < PUT_OFF_TICKS ? wait : PUT_OFF_TICKS);
}

static void expire(struct deadlines *deadlines, struct deadline_place *place)
{
	struct blocking_connection *c = blocking_connection_at(place);

	(void)deadlines;
	blocking_end_rest(c, c->fresh ? CLOSED_HEADER_TIMEOUT : CLOSED_IDLE_TIMEOUT);
}

const struct deadline_methods poller_deadlines = {due_of, expire};

static void *poller_main(void *argument)
{
	const struct poller *poller = argument;
	struct epoll_event events[EVENTS_PER_WAIT];

	for (;;) {
		int count = epoll_wait(poller->epoll_fd, events, EVENTS_PER_WAIT, -1);
		bool expires = false;

		for (int i = 0; i < count; i++) {
			struct blocking_connection *c = events[i].data.ptr;

			if (!c) /* the stop; those who come after it in this turn rest on */
				return NULL;
			if (events[i].data.ptr == &deadlines_mark) {
				expires = true;
				continue;
			}
			pthread_mutex_lock(&c->server->lock);
			c->rests = false;
			pthread_mutex_unlock(&c->server->lock);
			poller->ready(c);
		}
		if (expires) { /* last: nothing above is of one that is gone */
			pthread_mutex_lock(&poller->server->lock);
			deadlines_look(&poller->server->connections);
			pthread_mutex_unlock(&poller->server->lock);
		}
	}
}

int poller_start(struct poller *poller, const struct listener *listener,
		 struct blocking_server *server,
		 void (*ready)(struct blocking_connection *connection))
{
	struct epoll_event stop = {.events = EPOLLIN};
	struct epoll_event time = {.events = EPOLLIN, .data.ptr = &deadlines_mark};
	int result;

	poller->ready = ready;
	poller->server = server;
	poller->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (poller->epoll_fd < 0)
		return -errno;
	if (epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, listener->stop_fd, &stop) < 0 ||
	    epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, server->connections.fd, &time) < 0)
		result = -errno;
	else
		result = -pthread_create(&poller->thread, NULL, poller_main, poller);
	if (result < 0)
		close(poller->epoll_fd);
	return result;
}

/* It is moved only when its deadline is another than that of the last time. */
static void set_due(struct blocking_server *server, struct blocking_connection *c, bool fresh)
{
	uint32_t limit = 0;

	if (server->limits)
		limit = server->limits->ticks[fresh ? HTTP_HEADER : HTTP_IDLE];
	c->due = limit ? tick_now() + limit + 1 : TICK_NEVER;
	if (fresh || c->fresh)
		deadlines_put(&server->connections, &c->place, c->due);
	c->fresh = fresh;
}

/* Under the lock, since another thread may have the connection as soon as epoll knows it. */
void poller_rest(struct poller *poller, struct blocking_connection *c)
{
	struct blocking_server *server = c->server;
	struct epoll_event input = {.events = EPOLLIN | EPOLLONESHOT, .data.ptr = c};
	int operation = c->polled ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	bool rests, fresh = !c->polled;

	pthread_mutex_lock(&server->lock);
	c->polled = true;
	rests = !atomic_load(&server->draining) &&
		epoll_ctl(poller->epoll_fd, operation, c->fd, &input) == 0;
	c->rests = rests;
	if (rests)
		set_due(server, c, fresh);
	pthread_mutex_unlock(&server->lock);
	if (rests)
		return;
	counters_add(counters_mine(), atomic_load(&server->draining) ? CLOSED_STOP : CLOSED_MEMORY);
	blocking_leave(c);
}

/* The descriptor stays open: threads that drain could not wait for may still look at it. */
void poller_stop(struct poller *poller)
{
	pthread_join(poller->thread, NULL);
}
