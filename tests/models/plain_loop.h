/*
 * The plainest loop that serves: what tenk's test models share.
 *
 * One thread, epoll, level-triggered. It drives core correctly and leaves out what only real
 * models owe: a task runs in place and keeps everybody waiting, a refused client is cut instead
 * of lingered with, and a shortage of descriptors is met by trying again at the next event.
 * A model fills in where a connection's record comes from and what happens after an answer.
 */
#ifndef TENK_PLAIN_LOOP_H
#define TENK_PLAIN_LOOP_H

#include "servers/core/server/listener.h"
#include "servers/core/server/model.h"
#include "servers/core/server/socket_io.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct plain_connection {
	struct http http;
	int fd;
	unsigned interest;
	struct plain_connection *previous, *next;
};

struct plain_loop {
	/* Filled in by the model; `acquire` gives a zeroed record or NULL, `answered` may be NULL. */
	struct plain_connection *(*acquire)(const struct plain_loop *loop);
	void (*release)(const struct plain_loop *loop, struct plain_connection *c);
	void (*answered)(struct plain_loop *loop); /* after each send that took bytes */
	size_t value;				   /* the model's own */

	int epoll_fd;
	struct listener *listener;
	atomic_bool draining;
	struct http_pool pool;
	struct task_tools tools;
	struct plain_connection *connections;
	char input[65536];
	char scratch[65536];
};

static void plain_drop(struct plain_loop *loop, struct plain_connection *c)
{
	http_destroy(&c->http);
	close(c->fd);
	if (c->previous)
		c->previous->next = c->next;
	else
		loop->connections = c->next;
	if (c->next)
		c->next->previous = c->previous;
	loop->release(loop, c);
}

/* Waits for `interest`; a connection that cannot be watched is dropped. */
static void plain_watch(struct plain_loop *loop, struct plain_connection *c, unsigned interest)
{
	struct epoll_event event = {.events = interest, .data.ptr = c};

	if (c->interest == interest)
		return;
	c->interest = interest;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, c->fd, &event) < 0)
		plain_drop(loop, c);
}

static void plain_drive(struct plain_loop *loop, struct plain_connection *c)
{
	for (;;) {
		ssize_t sent;

		switch (http_next(&c->http)) {
		case HTTP_READ:
			plain_watch(loop, c, EPOLLIN);
			return;
		case HTTP_WRITE:
			sent = socket_send(c->fd, &c->http);
			if (sent == -EAGAIN) {
				plain_watch(loop, c, EPOLLOUT);
				return;
			}
			if (sent < 0) {
				plain_drop(loop, c);
				return;
			}
			if (loop->answered)
				loop->answered(loop);
			break;
		case HTTP_TASK:
			http_begin_task(&c->http);
			break;
		case HTTP_LINGER:
		case HTTP_CLOSE:
			plain_drop(loop, c);
			return;
		}
	}
}

static void plain_receive(struct plain_loop *loop, struct plain_connection *c)
{
	ssize_t length = socket_receive(c->fd, loop->input, sizeof loop->input);

	if (length == -EAGAIN)
		return;
	if (length < 0) {
		plain_drop(loop, c);
		return;
	}
	if (length == 0)
		http_feed_end(&c->http);
	else
		http_feed(&c->http, loop->input, (size_t)length);
	plain_drive(loop, c);
}

static void plain_accept(struct plain_loop *loop)
{
	int fd = listener_accept(loop->listener, SOCK_NONBLOCK);
	struct plain_connection *c = fd < 0 ? NULL : loop->acquire(loop);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

	if (fd < 0)
		return;
	if (!c || epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		close(fd);
		if (c)
			loop->release(loop, c);
		return;
	}
	http_init(&c->http, &loop->pool);
	c->fd = fd;
	c->interest = EPOLLIN;
	c->next = loop->connections;
	if (c->next)
		c->next->previous = c;
	loop->connections = c;
}

static int plain_serve(struct plain_loop *loop)
{
	struct epoll_event accepts = {.events = EPOLLIN, .data.ptr = loop->listener};
	struct epoll_event stop = {.events = EPOLLIN, .data.ptr = NULL};
	struct epoll_event event;
	int count;

	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->listener->fd, &accepts) < 0 ||
	    epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->listener->stop_fd, &stop) < 0)
		return -errno;
	count = listener_ready(loop->listener);
	if (count < 0)
		return count;
	for (;;) {
		/* One event a turn, so that none is stale when it is looked at. */
		count = epoll_wait(loop->epoll_fd, &event, 1, -1);

		if (count < 0 && errno != EINTR)
			return -errno;
		if (count <= 0)
			continue;
		if (event.data.ptr == NULL)
			return 0;
		if (event.data.ptr == loop->listener)
			plain_accept(loop);
		else if (event.events & EPOLLOUT)
			plain_drive(loop, event.data.ptr);
		else
			plain_receive(loop, event.data.ptr);
	}
}

/* Serves until the stop signal; then, nothing being under way in one thread, closes all. */
static int plain_loop_run(struct plain_loop *loop, struct listener *listener)
{
	int result;

	loop->listener = listener;
	http_pool_init(&loop->pool, loop->scratch, sizeof loop->scratch, &loop->draining, NULL);
	task_tools_init(&loop->tools, NULL, NULL);
	loop->pool.tools = &loop->tools;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	result = loop->epoll_fd < 0 ? -errno : plain_serve(loop);
	while (loop->connections)
		plain_drop(loop, loop->connections);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	http_pool_destroy(&loop->pool);
	return result;
}

#endif
