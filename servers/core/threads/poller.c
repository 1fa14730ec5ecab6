#include "servers/core/threads/poller.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EVENTS_PER_WAIT = 64 };

/* What stands for the deadlines where others have their connection. */
static char deadlines_mark;

/* It is the poller's again: to be served, unless it was woken to be ended. */
static void hand_out(const struct poller *poller, struct blocking_connection *c)
{
	atomic_exchange_explicit(&c->rests, false,
				 memory_order_acquire); /* sees all of poller_rest */
	if (atomic_load(&c->expired))
		blocking_drop(c, c->rested == 1 ? CLOSED_HEADER_TIMEOUT : CLOSED_IDLE_TIMEOUT);
	else if (atomic_load(&poller->server->draining))
		blocking_drop(c, CLOSED_STOP);
	else
		poller->ready(c);
}

static void *poller_main(void *argument)
{
	const struct poller *poller = argument;
	struct epoll_event events[EVENTS_PER_WAIT];

	for (;;) {
		int count = epoll_wait(poller->epoll_fd, events, EVENTS_PER_WAIT, -1);

		for (int i = 0; i < count; i++)
			if (events[i].data.ptr == &deadlines_mark)
				blocking_look(poller->server);
			else
				hand_out(poller, events[i].data.ptr);
	}
	return NULL;
}

int poller_start(struct poller *poller, const struct listener *listener,
		 struct blocking_server *server,
		 void (*ready)(struct blocking_connection *connection))
{
	struct epoll_event time = {.events = EPOLLIN, .data.ptr = &deadlines_mark};
	int result = 0;

	poller->ready = ready;
	poller->server = server;
	poller->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (poller->epoll_fd < 0)
		return -errno;
	if (epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, server->connections.fd, &time) < 0)
		result = -errno;
	else if (!blocking_start_thread(server, poller_main, poller))
		result = listener_explain_shortage(listener, 0, 1, "threads", -EAGAIN);
	if (result < 0)
		close(poller->epoll_fd);
	return result;
}

/* It is moved only when its deadline is another than that of the last time. */
static void set_due(struct blocking_server *server, struct blocking_connection *c)
{
	bool fresh = c->rested == 0;
	uint32_t limit = server->terms.limits->ticks[fresh ? HTTP_HEADER : HTTP_IDLE];
	uint32_t due = limit ? tick_after(tick_now(), limit) : TICK_NEVER;

	atomic_store_explicit(&c->due, due, memory_order_relaxed);
	if (c->rested == 2)
		return;
	c->rested++;
	pthread_mutex_lock(&server->lock);
	deadlines_put(&server->connections, &c->place, due);
	pthread_mutex_unlock(&server->lock);
}

/*
 * Nobody is told of a descriptor before epoll has been asked about it. ThreadSanitizer knows that of
 * EPOLL_CTL_ADD only, so it is not to see the other.
 */
static int ask(const struct poller *poller, int operation, int fd, struct epoll_event *event)
{
#ifdef __SANITIZE_THREAD__
	if (operation == EPOLL_CTL_MOD)
		return (int)syscall(SYS_epoll_ctl, poller->epoll_fd, operation, fd, event);
#endif
	return epoll_ctl(poller->epoll_fd, operation, fd, event);
}

/* All is noted beforehand: another thread may have the connection as soon as epoll knows it. */
void poller_rest(struct poller *poller, struct blocking_connection *c)
{
	struct epoll_event input = {.events = EPOLLIN | EPOLLONESHOT, .data.ptr = c};
	int operation = c->rested ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd = c->fd;

	set_due(c->server, c);
	atomic_store_explicit(&c->rests, true, memory_order_release);
	if (ask(poller, operation, fd, &input) == 0)
		return;
	atomic_store_explicit(&c->rests, false, memory_order_relaxed);
	blocking_drop(c, CLOSED_MEMORY);
}
