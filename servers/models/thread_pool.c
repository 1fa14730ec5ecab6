/*
 * thread-pool: N threads and a queue of connections, each held by a thread until it closes.
 *
 * The main thread accepts and puts the connection into a queue; a free thread takes it and serves
 * it with calls that block, as in thread_per_connection.c, until it closes, and then takes the
 * next. The number of threads is bounded (--workers, 256 if not given), and with it memory and
 * what a flood of clients can do. The price: N keep-alive connections, though silent, hold all N
 * threads, and connection N+1 waits in the queue until one of them closes. --describe gives N as
 * the number of connections that are served at a time.
 *
 * The variant ready does what pools turned to for that reason: a thread has a connection only while
 * there is something to answer, then gives it back to a poller (one thread in epoll) and takes the
 * next that is ready. There is no limit to the connections any more, but a request pays for it: one
 * epoll_ctl to wait again, and the way from the poller's thread through the queue to a worker. A
 * request that blocks still holds its thread, so N bounds the requests under way.
 *
 * What a connection costs: a record of some 50 bytes; the stacks are those of the pool.
 *
 * Compare with thread_per_connection.c (no limit, no queue), thread_per_request.c (as ready, but
 * threads are not kept), prefork.c (processes) and epoll.c.
 * Known from: Tomcat's BIO connector and Apache's worker, a thread until the connection closes;
 * Tomcat's NIO connector and Apache's event as ready. See pthread_cond_wait(3p), epoll_ctl(2).
 *
 * Try: server-thread-pool --listen 127.0.0.1:8080 --workers 8 --variant ready
 */
#include "servers/core/tasks/queue.h"
#include "servers/core/threads/poller.h"

#include <errno.h>
#include <stddef.h>

enum { WORKERS_USUAL = 256 }; /* the order of magnitude of Tomcat's 200 and Apache's 256 or 400 */

struct server {
	struct blocking_server base;
	struct poller poller;
	bool gives_back;
	struct queue queue; /* of connections that wait for a worker */
};

/* Ends with the process: a worker that waits in the queue has nothing to finish. */
static void *worker_main(void *argument)
{
	struct server *server = argument;
	enum blocking_span span = server->gives_back ? BLOCKING_UNTIL_IDLE : BLOCKING_UNTIL_CLOSED;

	for (;;) {
		struct blocking_connection *c =
			blocking_connection_queued(queue_take(&server->queue));

		if (blocking_serve(c, span, &server->base.terms) == BLOCKING_IDLE)
			poller_rest(&server->poller, c);
		else
			blocking_leave(c);
	}
	return NULL;
}

static void ready(struct blocking_connection *c)
{
	queue_put(&((struct server *)c->server)->queue, &c->behind);
}

static void take(void *context, int fd)
{
	struct server *server = context;
	struct blocking_connection *c = blocking_admit(&server->base, fd);

	if (!c)
		return;
	if (server->gives_back)
		poller_rest(&server->poller, c);
	else
		queue_put(&server->queue, &c->behind);
}

static void use_ready(struct server_options *options)
{
	(void)options; /* that it was chosen says all */
}

static const struct server_variant variants[] = {
	{.name = "ready",
	 .summary = "a thread gives the connection back to a poller when all is answered",
	 .apply = use_ready},
	{0}};

static bool is_ready(const struct server_options *options)
{
	return options->variant == &variants[0];
}

static unsigned worker_count(const struct server_options *options)
{
	return options->workers ? options->workers : WORKERS_USUAL;
}

static int start_workers(struct server *server, unsigned count, const struct listener *listener)
{
	for (unsigned i = 0; i < count; i++)
		if (!blocking_start_thread(&server->base, worker_main, server))
			return listener_explain_shortage(listener, i, count, "threads", -EAGAIN);
	return 0;
}

static int run(const struct server_options *options, struct listener *listener)
{
	static struct server server;
	struct blocking_acceptor acceptor = {
		.take = take, .context = &server, .watched_fd = -1, .watched = blocking_look};
	int result;

	queue_init(&server.queue);
	server.gives_back = is_ready(options);
	result = blocking_init(&server.base, options, listener);
	if (result == 0 && !server.gives_back) /* else the poller looks */
		acceptor.watched_fd = server.base.connections.fd;
	if (result == 0 && server.gives_back)
		result = poller_start(&server.poller, listener, &server.base, ready);
	if (result == 0)
		result = start_workers(&server, worker_count(options), listener);
	if (result == 0)
		result = blocking_accept(listener, &acceptor);
	if (result < 0)
		return result; /* threads that were started end with the process */
	listener_close(listener);
	blocking_drain(&server.base);
	return 0;
}

static uint64_t max_connections(const struct server_options *options)
{
	return is_ready(options) ? 0 : worker_count(options);
}

const struct server_model server_model = {
	.name = "thread-pool",
	.family = "threads",
	.summary = "a fixed number of threads, each with one connection until it closes",
	.takes = MODEL_WORKERS | MODEL_STACKS | MODEL_ACCEPTS,
	.traits = MODEL_BLOCKING,
	.max_connections = max_connections,
	.limited_by = "workers",
	.lifted_by = "more threads (--workers N); or thread-pool/ready, which keeps a thread only "
		     "while a request is served",
	.variants = variants,
	.run = run,
};
