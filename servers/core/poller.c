#include "servers/core/poller.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS_PER_WAIT = 64 };

static void *poller_main(void *argument)
{
	const struct poller *poller = argument;
	struct epoll_event events[EVENTS_PER_WAIT];

	for (;;) {
		int count = epoll_wait(poller->epoll_fd, events, EVENTS_PER_WAIT, -1);

		for (int i = 0; i < count; i++) {
			struct blocking_connection *c = events[i].data.ptr;

			if (!c) /* the stop; those who come after it in this turn rest on */
				return NULL;
			pthread_mutex_lock(&c->server->lock);
			c->rests = false;
			pthread_mutex_unlock(&c->server->lock);
			poller->ready(c);
		}
	}
}

int poller_start(struct poller *poller, const struct listener *listener,
		 void (*ready)(struct blocking_connection *connection))
{
	struct epoll_event stop = {.events = EPOLLIN};
	int result;

	poller->ready = ready;
	poller->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (poller->epoll_fd < 0)
		return -errno;
	if (epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, listener->stop_fd, &stop) < 0)
		result = -errno;
	else
		result = -pthread_create(&poller->thread, NULL, poller_main, poller);
	if (result < 0)
		close(poller->epoll_fd);
	return result;
}

/* Under the lock, since another thread may have the connection as soon as epoll knows it. */
void poller_rest(struct poller *poller, struct blocking_connection *c)
{
	struct blocking_server *server = c->server;
	struct epoll_event input = {.events = EPOLLIN | EPOLLONESHOT, .data.ptr = c};
	int operation = c->polled ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	bool rests;

	pthread_mutex_lock(&server->lock);
	c->polled = true;
	rests = !atomic_load(&server->draining) &&
		epoll_ctl(poller->epoll_fd, operation, c->fd, &input) == 0;
	c->rests = rests;
	pthread_mutex_unlock(&server->lock);
	if (!rests)
		blocking_leave(c);
}

/* The descriptor stays open: threads that drain could not wait for may still look at it. */
void poller_stop(struct poller *poller)
{
	pthread_join(poller->thread, NULL);
}
