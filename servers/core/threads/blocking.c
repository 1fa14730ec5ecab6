#include "servers/core/threads/blocking.h"

#include "lib/clock.h"
#include "lib/libc.h"
#include "servers/core/http/bounds.h"
#include "servers/core/server/socket_io.h"
#include "servers/core/tasks/inject.h"
#include "servers/core/threads/blocking_io.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	INPUT_BYTES = 768, /* with the rest just small enough for two pages a thread */
	SCRATCH_BYTES = 1024,
	STACK_LEAST = 32768, /* for an upload; 24 KiB overflow */
};

/* On the thread's stack; only the pages that requests touch are ever memory. */
struct workspace {
	char input[INPUT_BYTES];
	char scratch[SCRATCH_BYTES];
	_Alignas(max_align_t) char exchange[HTTP_EXCHANGE_BYTES];
	struct http_pool pool;
	struct http http;
};

/* Reads and discards until the peer closes or the time that it gets has passed. */
static void linger(int fd, struct workspace *w)
{
	uint64_t deadline_ns = clock_now_ns() + HTTP_LINGER_NS;
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

/* Whatever comes meanwhile does not put the deadline off. -EAGAIN: time is up. */
static ssize_t receive_in_time(struct blocking_connection *c, struct http *http, char *buffer,
			       size_t size)
{
	uint32_t due = http_due(http);
	ssize_t length;

	if (http_awaits_next(http)) {
		atomic_store_explicit(&c->due, due, memory_order_relaxed);
		atomic_store_explicit(&c->idle, true, memory_order_release);
		length = socket_receive(c->fd, buffer, size);
		atomic_store_explicit(&c->idle, false, memory_order_relaxed);
		return length == 0 && atomic_load(&c->expired) ? -EAGAIN : length;
	}
	do
		length = socket_receive_so(c->fd, buffer, size, MSG_DONTWAIT);
	while (length == -EAGAIN && blocking_await(c->fd, POLLIN, due));
	return length;
}

static ssize_t receive(struct blocking_connection *c, struct workspace *w, char *buffer,
		       size_t size)
{
	ssize_t length = receive_in_time(c, &w->http, buffer, size);

	if (length == 0)
		http_feed_end(&w->http);
	else if (length > 0)
		http_feed(&w->http, buffer, (size_t)length);
	return length;
}

/* A function of its own, so that only who sends much touches these pages of the stack. */
static ssize_t __attribute__((noinline))
receive_much(struct blocking_connection *c, struct workspace *w)
{
	char buffer[HTTP_INPUT_BYTES];

	return receive(c, w, buffer, sizeof buffer);
}

/* Who has filled the small buffer once will do so again, and need not be received from twice. */
static ssize_t receive_some(struct blocking_connection *c, struct workspace *w)
{
	ssize_t length;

	if (c->sends_much)
		return receive_much(c, w);
	length = receive(c, w, w->input, sizeof w->input);
	c->sends_much = length == (ssize_t)sizeof w->input;
	return length;
}

/* The time is up: core knows what becomes of it. Later writes have as much time again. */
static ssize_t expire(int fd, struct workspace *w)
{
	bool reset;

	if (http_expire(&w->http, &reset) && reset)
		socket_reset_on_close(fd);
	return 0;
}

static enum blocking_end serve(struct blocking_connection *c, struct workspace *w,
			       enum blocking_span span)
{
	ssize_t length = receive_some(c, w), sent;

	while (length >= 0 || length == -EAGAIN) {
		if (length == -EAGAIN)
			length = expire(c->fd, w);
		switch (http_next(&w->http)) {
		case HTTP_READ:
			if (span == BLOCKING_UNTIL_IDLE && http_is_idle(&w->http))
				return BLOCKING_IDLE;
			length = receive_some(c, w);
			break;
		case HTTP_WRITE:
			sent = http_sends_file(&w->http) ? blocking_transmit_file(c->fd, &w->http)
							 : blocking_transmit(c->fd, &w->http);
			if (sent == -EAGAIN)
				length = expire(c->fd, w);
			else if (sent < 0)
				return BLOCKING_CLOSES;
			break;
		case HTTP_TASK:
			http_begin_task(&w->http); /* and ends it */
			break;
		case HTTP_LINGER:
			linger(c->fd, w);
			return BLOCKING_CLOSES;
		case HTTP_CLOSE:
			return BLOCKING_CLOSES;
		}
	}
	return BLOCKING_CLOSES;
}

/* An idle connection's struct http holds nothing, so a new one goes on where another left off. */
enum blocking_end blocking_serve(struct blocking_connection *c, enum blocking_span span,
				 const struct blocking_terms *terms)
{
	enum blocking_end end;
	struct workspace w;

	http_pool_init(&w.pool, w.scratch, sizeof w.scratch, terms->draining, w.exchange);
	w.pool.limits = terms->limits;
	w.pool.tools = terms->tools;
	http_init(&w.http, &w.pool);
	end = serve(c, &w, span);
	if (end == BLOCKING_CLOSES)
		http_destroy(&w.http);
	http_pool_destroy(&w.pool);
	return end;
}

int blocking_accept(struct listener *listener, const struct blocking_acceptor *acceptor)
{
	struct pollfd fds[] = {{.fd = listener->stop_fd, .events = POLLIN},
			       {.fd = acceptor->watched_fd, .events = POLLIN},
			       {.fd = listener->fd, .events = POLLIN}};
	int result = listener_ready(listener);

	while (result == 0) {
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
		for (unsigned i = 0; i < listener->terms->accepts_per_turn; i++) {
			fd = listener_accept(listener, acceptor->flags);
			if (fd == -ECONNREFUSED)
				continue;
			if (fd < 0)
				break;
			acceptor->take(acceptor->context, fd);
		}
		if (listener_is_shortage(fd)) /* else poll would spin: only the stop can wake us */
			poll(fds, 1, (int)(LISTENER_RETRY_NS / NS_PER_MS));
		else if (fd < 0 && fd != -EAGAIN && fd != -EINTR && fd != -ECONNREFUSED)
			return fd;
	}
	return result;
}

struct blocking_connection *blocking_connection_at(struct deadline_place *place)
{
	return (struct blocking_connection *)((char *)place -
					      offsetof(struct blocking_connection, place));
}

struct blocking_connection *blocking_connection_queued(struct queue_place *place)
{
	return (struct blocking_connection *)((char *)place -
					      offsetof(struct blocking_connection, behind));
}

uint32_t blocking_due(const struct blocking_connection *c, uint32_t idle_limit, uint32_t now)
{
	if (atomic_load_explicit(&c->rests, memory_order_acquire) ||
	    atomic_load_explicit(&c->idle, memory_order_acquire))
		return atomic_load_explicit(&c->due, memory_order_relaxed);
	return idle_limit ? now + idle_limit : TICK_NEVER;
}

bool blocking_expire(struct blocking_connection *c)
{
	char byte;

	if (recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
		return false;
	atomic_store(&c->expired, true);
	shutdown(c->fd, SHUT_RD);
	return true;
}

static uint32_t due_of(struct deadlines *deadlines, struct deadline_place *place)
{
	const struct blocking_connection *c = blocking_connection_at(place);

	return blocking_due(c, c->server->terms.limits->ticks[HTTP_IDLE], deadlines->reached);
}

static void expire_visited(struct deadlines *deadlines, struct deadline_place *place)
{
	if (!blocking_expire(blocking_connection_at(place)))
		deadlines_put(deadlines, place, deadlines->reached + 1);
}

/* The lock keeps those it looks at from being freed; it is held across a call only for who is due. */
void blocking_look(void *context)
{
	struct blocking_server *server = context;

	pthread_mutex_lock(&server->lock);
	deadlines_look(&server->connections);
	pthread_mutex_unlock(&server->lock);
}

int blocking_init(struct blocking_server *server, const struct server_options *options,
		  const struct listener *listener)
{
	static const struct deadline_methods methods = {due_of, expire_visited};
	int result, failure;

	if (options->stack_bytes && options->stack_bytes < STACK_LEAST) {
		error_set(listener->error,
			  "--stack-size: %zu bytes are too few: serving takes %dKiB",
			  options->stack_bytes, STACK_LEAST / 1024);
		return -EINVAL;
	}
	result = deadlines_open(&server->connections, &methods);
	if (result < 0)
		return result;
	server->terms = (struct blocking_terms){.draining = &server->draining,
						.limits = &listener->terms->limits,
						.tools = &server->tools};
	task_tools_init(&server->tools, NULL, NULL);
	server->tools.sends_files = true;
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
		admission_refuse(fd, REFUSED_MEMORY);
		return NULL;
	}
	c->server = server;
	c->fd = fd;
	inject_connection_begins();
	pthread_mutex_lock(&server->lock);
	deadlines_add(&server->connections, &c->place,
		      blocking_due(c, server->terms.limits->ticks[HTTP_IDLE], tick_now()));
	pthread_mutex_unlock(&server->lock);
	return c;
}

/* It is closed when nobody finds it in the list any more: its number may be another's at once. */
void blocking_leave(struct blocking_connection *c)
{
	struct blocking_server *server = c->server;

	pthread_mutex_lock(&server->lock);
	deadlines_remove(&server->connections, &c->place);
	if (!server->connections.count)
		pthread_cond_signal(&server->empty);
	pthread_mutex_unlock(&server->lock);
	inject_connection_ends();
	close(c->fd);
	free(c);
}

void blocking_drop(struct blocking_connection *c, enum counter cause)
{
	counters_add(cause);
	blocking_leave(c);
}

void blocking_refuse(struct blocking_connection *c, enum counter cause)
{
	admission_say_no(c->fd, cause);
	blocking_leave(c);
}

bool blocking_start_thread(struct blocking_server *server, void *(*main)(void *), void *argument)
{
	pthread_t thread;

	return pthread_create(&thread, &server->attributes, main, argument) == 0;
}

static void wake(struct deadline_place *place, void *context)
{
	(void)context;
	shutdown(blocking_connection_at(place)->fd, SHUT_RD);
}

void blocking_drain(struct blocking_server *server)
{
	struct timespec until = clock_to_timespec(clock_now_ns() + DRAIN_NS);

	atomic_store(&server->draining, true);
	pthread_mutex_lock(&server->lock);
	deadlines_each(&server->connections, wake, NULL);
	while (server->connections.count &&
	       pthread_cond_clockwait(&server->empty, &server->lock, CLOCK_MONOTONIC, &until) == 0)
		;
	pthread_mutex_unlock(&server->lock);
}
