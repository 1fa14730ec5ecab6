#include "servers/core/blocking.h"

#include "lib/clock.h"
#include "servers/core/socket_io.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	INPUT_BYTES = 768, /* with the rest just small enough for two pages a thread */
	BULK_BYTES = 16384,
	SCRATCH_BYTES = 1024,
	ACCEPTS_PER_TURN = 64, /* before the stop and the watched descriptor are looked at again */
};

/* On the thread's stack; only the pages that requests touch are ever memory. */
struct workspace {
	char input[INPUT_BYTES];
	char scratch[SCRATCH_BYTES];
	_Alignas(max_align_t) char exchange[HTTP_EXCHANGE_BYTES];
	struct http_pool pool;
	struct http http;
};

/* Reads and discards until the peer closes or the deadline, a task like any other, has passed. */
static void linger(int fd, struct workspace *w)
{
	uint64_t deadline_ns = clock_now_ns() + http_task(&w->http)->duration_ns;
	struct pollfd readable = {.fd = fd, .events = POLLIN};

	shutdown(fd, SHUT_WR);
	for (;;) {
		uint64_t now_ns = clock_now_ns();
		int ready;

		if (now_ns >= deadline_ns)
			return;
		ready = poll(&readable, 1, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1);
		if (ready < 0 && errno != EINTR)
			return;
		if (ready > 0 && socket_receive(fd, w->input, sizeof w->input) <= 0)
			return;
	}
}

static ssize_t receive(int fd, struct workspace *w, char *buffer, size_t size)
{
	ssize_t length = socket_receive(fd, buffer, size);

	if (length == 0)
		http_feed_end(&w->http);
	else if (length > 0)
		http_feed(&w->http, buffer, (size_t)length);
	return length;
}

/* A function of its own, so that only who sends much touches these pages of the stack. */
static ssize_t __attribute__((noinline)) receive_bulk(int fd, struct workspace *w)
{
	char buffer[BULK_BYTES];

	return receive(fd, w, buffer, sizeof buffer);
}

static enum blocking_end serve(int fd, struct workspace *w, enum blocking_span span)
{
	ssize_t length = receive(fd, w, w->input, sizeof w->input);

	while (length >= 0) {
		switch (http_next(&w->http)) {
		case HTTP_READ:
			if (span == BLOCKING_UNTIL_IDLE && !w->http.exchange &&
			    !w->http.skipped_bytes)
				return BLOCKING_IDLE;
			if (length >= INPUT_BYTES) /* the last read was full: there is more */
				length = receive_bulk(fd, w);
			else
				length = receive(fd, w, w->input, sizeof w->input);
			break;
		case HTTP_WRITE:
			if (socket_send(fd, &w->http) < 0)
				return BLOCKING_CLOSES;
			break;
		case HTTP_TASK:
			task_run(http_task(&w->http));
			http_task_done(&w->http);
			break;
		case HTTP_LINGER:
			linger(fd, w);
			return BLOCKING_CLOSES;
		case HTTP_CLOSE:
			return BLOCKING_CLOSES;
		}
	}
	return BLOCKING_CLOSES;
}

/* An idle connection's struct http holds nothing, so a new one goes on where another left off. */
enum blocking_end blocking_serve(int fd, enum blocking_span span, const atomic_bool *draining)
{
	enum blocking_end end;
	struct workspace w;

	http_pool_init(&w.pool, w.scratch, sizeof w.scratch, draining, w.exchange);
	http_init(&w.http, &w.pool);
	end = serve(fd, &w, span);
	http_destroy(&w.http);
	http_pool_destroy(&w.pool);
	return end;
}

int blocking_accept(const struct listener *listener, const struct blocking_acceptor *acceptor)
{
	struct pollfd fds[] = {{.fd = listener->stop_fd, .events = POLLIN},
			       {.fd = acceptor->watched_fd, .events = POLLIN},
			       {.fd = listener->fd, .events = POLLIN}};

	for (;;) {
		int fd = -EAGAIN, ready = poll(fds, 3, -1);

		if (ready < 0 && errno != EINTR)
			return -errno;
		if (ready < 0)
			continue;
		if (fds[0].revents)
			return 0;
		if (fds[1].revents)
			acceptor->watched(acceptor->context);
		if (!fds[2].revents)
			continue;
		for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
			fd = listener_accept(listener, 0);
			if (fd < 0)
				break;
			acceptor->take(acceptor->context, fd);
		}
		if (listener_is_shortage(fd)) /* else poll would spin: only the stop can wake us */
			poll(fds, 1, (int)(LISTENER_RETRY_NS / NS_PER_MS));
		else if (fd < 0 && fd != -EAGAIN && fd != -EINTR)
			return fd;
	}
}

int blocking_init(struct blocking_server *server, const struct server_options *options)
{
	int failure;

	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->empty, NULL);
	pthread_attr_init(&server->attributes);
	pthread_attr_setdetachstate(&server->attributes, PTHREAD_CREATE_DETACHED);
	failure = options->stack_bytes
			  ? pthread_attr_setstacksize(&server->attributes, options->stack_bytes)
			  : 0;
	return -failure;
}

struct blocking_connection *blocking_admit(struct blocking_server *server, int fd)
{
	struct blocking_connection *c = calloc(1, sizeof *c);

	if (!c) {
		close(fd);
		return NULL;
	}
	c->server = server;
	c->fd = fd;
	pthread_mutex_lock(&server->lock);
	c->next = server->connections;
	if (c->next)
		c->next->previous = c;
	server->connections = c;
	pthread_mutex_unlock(&server->lock);
	return c;
}

/* Closes under the lock, so that draining never touches a descriptor that is somebody else's. */
static void remove_locked(struct blocking_connection *c)
{
	struct blocking_server *server = c->server;

	if (c->previous)
		c->previous->next = c->next;
	else
		server->connections = c->next;
	if (c->next)
		c->next->previous = c->previous;
	close(c->fd);
	if (!server->connections)
		pthread_cond_signal(&server->empty);
	free(c);
}

void blocking_leave(struct blocking_connection *c)
{
	struct blocking_server *server = c->server;

	pthread_mutex_lock(&server->lock);
	remove_locked(c);
	pthread_mutex_unlock(&server->lock);
}

bool blocking_start_thread(struct blocking_server *server, void *(*main)(void *), void *argument)
{
	pthread_t thread;

	return pthread_create(&thread, &server->attributes, main, argument) == 0;
}

void blocking_drain(struct blocking_server *server)
{
	struct timespec until = clock_to_timespec(clock_now_ns() + DRAIN_NS);
	struct blocking_connection *next;

	atomic_store(&server->draining, true);
	pthread_mutex_lock(&server->lock);
	for (struct blocking_connection *c = server->connections; c; c = next) {
		next = c->next;
		if (c->rests)
			remove_locked(c);
		else
			shutdown(c->fd, SHUT_RD);
	}
	while (server->connections &&
	       pthread_cond_clockwait(&server->empty, &server->lock, CLOCK_MONOTONIC, &until) == 0)
		;
	pthread_mutex_unlock(&server->lock);
}
