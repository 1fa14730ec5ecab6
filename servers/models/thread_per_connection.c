/*
 * thread-per-connection: a thread for each connection, and code that simply blocks.
 *
 * Each thread reads, answers, and reads again; when there is nothing to read it sleeps in the
 * kernel, and the scheduler is the event loop. The code is the plainest of all models: no state
 * machine of its own, no callbacks, and a slow request holds up nobody but its own client.
 *
 * What a connection costs: a stack. Address space for all of it (8 MiB by default, see
 * --stack-size), memory for the pages that are touched: what a request needs stands on the stack
 * (1 KiB to read into, 1 KiB to write from, 1 KiB of parser and reply), which with the C library's
 * own record of a thread is two pages, 8 KiB; uploads borrow 16 KiB more while they last. The
 * kernel's share (its own stack of the thread, the task) is larger still. Each request costs at
 * least two switches: to sleep, and to wake.
 *
 * Compare with epoll.c (one thread for all). The variants show that the stack's size is a matter
 * of address space, hardly of memory.
 * Known from: Apache's worker, Tomcat, MySQL, Java before virtual threads. See pthreads(7).
 *
 * Try: server-thread-per-connection --listen 127.0.0.1:8080 --stack-size 64KiB
 */
#include "lib/clock.h"
#include "servers/core/listener.h"
#include "servers/core/model.h"
#include "servers/core/socket_io.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INPUT_BYTES = 1024, BULK_BYTES = 16384, SCRATCH_BYTES = 1024 };

/* What all threads share. The list exists to wake sleeping threads when it is time to stop. */
struct server {
	atomic_bool draining;
	pthread_mutex_t lock;
	pthread_cond_t empty;
	struct connection *connections;
	pthread_attr_t attributes;
};

struct connection {
	struct server *server;
	int fd;
	struct connection *previous, *next;
};

/* On the thread's stack; only the pages that requests touch are ever memory. */
struct workspace {
	char input[INPUT_BYTES];
	char scratch[SCRATCH_BYTES];
	_Alignas(max_align_t) char exchange[HTTP_EXCHANGE_BYTES];
	struct http_pool pool;
	struct http http;
};

static void enlist(struct server *server, struct connection *c)
{
	pthread_mutex_lock(&server->lock);
	c->next = server->connections;
	if (c->next)
		c->next->previous = c;
	server->connections = c;
	pthread_mutex_unlock(&server->lock);
}

/* Closes under the lock, so that draining never touches a descriptor that is somebody else's. */
static void leave(struct connection *c)
{
	struct server *server = c->server;

	pthread_mutex_lock(&server->lock);
	if (c->previous)
		c->previous->next = c->next;
	else
		server->connections = c->next;
	if (c->next)
		c->next->previous = c->previous;
	close(c->fd);
	if (!server->connections)
		pthread_cond_signal(&server->empty);
	pthread_mutex_unlock(&server->lock);
	free(c);
}

/* Reads and discards until the peer closes or the deadline, a task like any other, has passed. */
static void linger(int fd, struct workspace *w)
{
	uint64_t deadline_ns = clock_now_ns() + http_task(&w->http)->duration_ns;
	struct pollfd readable = {.fd = fd, .events = POLLIN};

	shutdown(fd, SHUT_WR);
	for (;;) {
		uint64_t now_ns = clock_now_ns();

		if (now_ns >= deadline_ns)
			return;
		if (poll(&readable, 1, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1) < 0 &&
		    errno != EINTR)
			return;
		if (readable.revents && socket_receive(fd, w->input, sizeof w->input) <= 0)
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

static void serve(int fd, struct workspace *w)
{
	ssize_t length = 0;

	for (;;) {

		switch (http_next(&w->http)) {
		case HTTP_READ:
			if (length >= INPUT_BYTES) /* the last read was full: there is more */
				length = receive_bulk(fd, w);
			else
				length = receive(fd, w, w->input, sizeof w->input);
			if (length < 0)
				return;
			break;
		case HTTP_WRITE:
			if (socket_send(fd, &w->http) < 0)
				return;
			break;
		case HTTP_TASK:
			task_run(http_task(&w->http));
			http_task_done(&w->http);
			break;
		case HTTP_LINGER:
			linger(fd, w);
			return;
		case HTTP_CLOSE:
			return;
		}
	}
}

static void *thread_main(void *argument)
{
	struct connection *c = argument;
	struct workspace w;

	http_pool_init(&w.pool, w.scratch, sizeof w.scratch, &c->server->draining, w.exchange);
	http_init(&w.http, &w.pool);
	serve(c->fd, &w);
	http_destroy(&w.http);
	http_pool_destroy(&w.pool);
	leave(c);
	return NULL;
}

/* No thread or no memory for it: that connection is refused, the others go on. */
static void start_thread(struct server *server, int fd)
{
	struct connection *c = calloc(1, sizeof *c);
	pthread_t thread;

	if (!c) {
		close(fd);
		return;
	}
	c->server = server;
	c->fd = fd;
	enlist(server, c);
	if (pthread_create(&thread, &server->attributes, thread_main, c) != 0)
		leave(c);
}

static int accept_until_stopped(struct server *server, struct listener *listener)
{
	struct pollfd fds[] = {{.fd = listener->fd, .events = POLLIN},
			       {.fd = listener->stop_fd, .events = POLLIN}};

	for (;;) {
		int fd;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[1].revents)
			return 0;
		while ((fd = listener_accept(listener, 0)) >= 0)
			start_thread(server, fd);
		if (listener_is_shortage(fd)) /* else poll would spin: only the stop can wake us */
			poll(&fds[1], 1, (int)(LISTENER_RETRY_NS / NS_PER_MS));
	}
}

/* Wakes the threads that wait for input, and gives those that are at work time to finish. */
static void drain(struct server *server)
{
	struct timespec until = clock_to_timespec(clock_now_ns() + DRAIN_NS);

	atomic_store(&server->draining, true);
	pthread_mutex_lock(&server->lock);
	for (struct connection *c = server->connections; c; c = c->next)
		shutdown(c->fd, SHUT_RD);
	while (server->connections &&
	       pthread_cond_clockwait(&server->empty, &server->lock, CLOCK_MONOTONIC, &until) == 0)
		;
	pthread_mutex_unlock(&server->lock);
}

static int run(const struct server_options *options, struct listener *listener)
{
	/* Static: threads that drain could not wait for may still look at it while we exit. */
	static struct server server = {.lock = PTHREAD_MUTEX_INITIALIZER,
				       .empty = PTHREAD_COND_INITIALIZER};
	int result;

	pthread_attr_init(&server.attributes);
	pthread_attr_setdetachstate(&server.attributes, PTHREAD_CREATE_DETACHED);
	if (options->stack_bytes) {
		result = pthread_attr_setstacksize(&server.attributes, options->stack_bytes);
		if (result)
			return -result;
	}
	result = accept_until_stopped(&server, listener);
	listener_close(listener);
	drain(&server);
	return result;
}

static void use_64k_stacks(struct server_options *options)
{
	options->stack_bytes = 64 << 10;
}

static void use_2m_stacks(struct server_options *options)
{
	options->stack_bytes = 2 << 20;
}

static const struct server_variant variants[] = {
	{"stack-64k", "the same with stacks of 64 KiB", use_64k_stacks},
	{"stack-2m", "the same with stacks of 2 MiB", use_2m_stacks},
	{0}};

const struct server_model server_model = {
	.name = "thread-per-connection",
	.family = "threads",
	.summary = "a thread for each connection, blocking in read and write",
	.traits = MODEL_BLOCKING,
	.variants = variants,
	.run = run,
};
