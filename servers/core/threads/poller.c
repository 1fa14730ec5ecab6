#include "servers/core/threads/poller.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS_PER_WAIT = 64 };

/* What stands for the deadlines where others have their connection; NULL is the stop. */
static char deadlines_mark;

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
		if (expires) /* last: nothing above is of one that is gone */
			blocking_look(poller->server);
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
	if (result == -EAGAIN)
		listener_explain_shortage(listener, 0, 1, "threads", result);
	if (result < 0)
		close(poller->epoll_fd);
	return result;
}

/* It is moved only when its deadline is another than that of the last time. */
static void set_due(struct blocking_server *server, struct blocking_connection *c)
{
	bool fresh = c->rested == 0;
	uint32_t limit = server->limits->ticks[fresh ? HTTP_HEADER : HTTP_IDLE];
	uint32_t due = limit ? tick_now() + limit + 1 : TICK_NEVER;

	atomic_store_explicit(&c->due, due, memory_order_relaxed);
	if (c->rested < 2) {
		c->rested++;
		deadlines_put(&server->connections, &c->place, due);
	}
}

/* Under the lock, since another thread may have the connection as soon as epoll knows it. */
void poller_rest(struct poller *poller, struct blocking_connection *c)
{
	struct blocking_server *server = c->server;
	struct epoll_event input = {.events = EPOLLIN | EPOLLONESHOT, .data.ptr = c};
	int operation = c->rested ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	bool rests;

	pthread_mutex_lock(&server->lock);
	rests = !atomic_load(&server->draining) &&
		epoll_ctl(poller->epoll_fd, operation, c->fd, &input) == 0;
	c->rests = rests;
	if (rests)
		set_due(server, c);
	pthread_mutex_unlock(&server->lock);
	if (rests)
		return;
	counters_add(atomic_load(&server->draining) ? CLOSED_STOP : CLOSED_MEMORY);
	blocking_leave(c);
}

/* The descriptor stays open: threads that drain could not wait for may still look at it. */
void poller_stop(struct poller *poller)
{
	pthread_join(poller->thread, NULL);
}
