/*
 * thread-per-request: a connection waits in a poller; each request gets a fresh thread.
 *
 * One thread asks epoll which connections have input, and starts a thread for each of these. That
 * thread reads, runs what the request asks for, answers, blocking wherever it has to, and ends when
 * the connection is idle again, having given it back to the poller (epoll's EPOLLONESHOT: nobody
 * else is told of it meanwhile). The code of a request is as plain as with a thread per connection,
 * and the connections that are open and silent, most of them in practice, need no thread.
 *
 * What a connection costs: a record of some 50 bytes, as in a loop. What a request costs: starting
 * and ending a thread, which is many times the work of the request itself. The C library keeps the
 * stacks of ended threads, but no more than 40 MiB, which is five stacks of 8 MiB: where more
 * requests are under way at a time, each maps and unmaps one, so that here, unlike in
 * thread_per_connection.c, the stack's size is a matter of speed. Nothing bounds the number of
 * threads but the number of connections.
 *
 * Compare with thread_per_connection.c (the thread stays) and with thread_pool.c, variant ready
 * (the same, but the threads are kept).
 * Known from: examples and first versions; "a goroutine or virtual thread per request" is this
 * model where threads are made cheap. See pthread_create(3), epoll_ctl(2).
 *
 * Try: server-thread-per-request --listen 127.0.0.1:8080 --stack-size 64KiB
 */
#include "servers/core/threads/poller.h"

#include <stddef.h>

struct server {
	struct blocking_server base;
	struct poller poller;
};

static void *thread_main(void *argument)
{
	struct blocking_connection *c = argument;
	struct server *server = (struct server *)c->server;

	if (blocking_serve(c, BLOCKING_UNTIL_IDLE, &server->base.terms) == BLOCKING_IDLE)
		poller_rest(&server->poller, c);
	else
		blocking_leave(c);
	return NULL;
}

/* No thread to be had: that connection ends, the others go on. */
static void ready(struct blocking_connection *c)
{
	if (!blocking_start_thread(c->server, thread_main, c))
		blocking_refuse(c, REFUSED_WORKER);
}

static void take(void *context, int fd)
{
	struct server *server = context;
	struct blocking_connection *c = blocking_admit(&server->base, fd);

	if (c)
		poller_rest(&server->poller, c);
}

static int run(const struct server_options *options, struct listener *listener)
{
	static struct server server;
	struct blocking_acceptor acceptor = {.take = take, .context = &server, .watched_fd = -1};
	int result = blocking_init(&server.base, options, listener);

	if (result == 0)
		result = poller_start(&server.poller, listener, &server.base, ready);
	if (result < 0)
		return result;
	result = blocking_accept(listener, &acceptor);
	if (result < 0)
		return result; /* the poller's thread ends with the process */
	listener_close(listener);
	blocking_drain(&server.base);
	return 0;
}

static void use_64k_stacks(struct server_options *options)
{
	options->stack_bytes = 64 << 10;
}

static const struct server_variant variants[] = {
	{.name = "stack-64k",
	 .summary = "the same with stacks of 64 KiB, of which many are kept",
	 .apply = use_64k_stacks},
	{0}};

const struct server_model server_model = {
	.name = "thread-per-request",
	.family = "threads",
	.summary = "connections wait in a poller, and each request gets a fresh thread",
	.takes = MODEL_STACKS | MODEL_ACCEPTS,
	.traits = MODEL_BLOCKING,
	.variants = variants,
	.run = run,
};
