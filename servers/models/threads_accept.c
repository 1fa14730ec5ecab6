/*
 * threads-accept: N threads that all sleep in accept, each with one connection until it closes.
 *
 * The plainest pool there is: no queue, no lock, nobody who hands on. The threads wait for the same
 * listening socket, and the kernel keeps them in a queue of its own, of which it wakes one for each
 * connection (the longest asleep, so that all have their turn). What is a condition variable and a list
 * in thread_pool.c is the socket here, and what is the list's length there is the kernel's backlog: a
 * connection waits in it while all N are taken, and the server does not even know of it. That saves a
 * switch for each connection, from who accepts to who serves; it takes away any say in who is served
 * next, and how many may wait.
 *
 * The main thread serves nothing: it looks after deadlines, and when it is time to stop, it shuts down
 * the listening socket, which wakes those in accept.
 *
 * What a connection costs: as thread_pool.c.
 *
 * Compare with thread_pool.c (a queue between accept and the threads), prefork.c (the same as this with
 * processes, for which it was invented) and loop-per-core's variant exclusive (N loops that wait so).
 * Known from: uWSGI, and Stevens's "Unix Network Programming", which measures it against the other ways.
 * See accept(2); "thundering herd" is from the time when the kernel woke them all.
 *
 * Try: server-threads-accept --listen 127.0.0.1:8080 --workers 8
 */
#include "lib/clock.h"
#include "servers/core/threads/blocking.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

enum { WORKERS_USUAL = 256 }; /* as thread_pool.c */

struct server {
	struct blocking_server base;
	struct listener listener; /* a copy: threads that are late look at it when ours is closed */
};

static unsigned worker_count(const struct server_options *options)
{
	return options->workers ? options->workers : WORKERS_USUAL;
}

static void serve(struct server *server, int fd)
{
	struct blocking_connection *c = blocking_admit(&server->base, fd);

	if (!c)
		return;
	blocking_serve(c, BLOCKING_UNTIL_CLOSED, &server->base.terms);
	blocking_leave(c);
}

/* Until the listener is shut down (-EINVAL); or it ends with the process. */
static void *worker_main(void *argument)
{
	struct server *server = argument;
	int fd = 0;

	while (fd >= 0 || fd == -EINTR || fd == -ECONNREFUSED || listener_is_shortage(fd)) {
		fd = listener_accept(&server->listener, 0);
		if (fd >= 0)
			serve(server, fd);
		else if (listener_is_shortage(fd))
			poll(NULL, 0, (int)(LISTENER_RETRY_NS / NS_PER_MS));
	}
	return NULL;
}

static int start_workers(struct server *server, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!blocking_start_thread(&server->base, worker_main, server))
			return listener_explain_shortage(&server->listener, i, count, "threads",
							 -EAGAIN);
	return 0;
}

static void take_none(void *context, int fd)
{
	(void)context, (void)fd;
}

static int run(const struct server_options *options, struct listener *listener)
{
	static struct server server;
	struct blocking_acceptor nobody = {
		.take = take_none, .context = &server, .watched = blocking_look};
	struct listener unseen = *listener; /* by the main thread */
	int result, flags = fcntl(listener->fd, F_GETFL);

	unseen.fd = -1;
	server.listener = *listener;
	if (flags < 0 || fcntl(listener->fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return -errno;
	result = blocking_init(&server.base, options, listener);
	if (result == 0)
		result = start_workers(&server, worker_count(options));
	nobody.watched_fd = server.base.connections.fd;
	if (result == 0)
		result = blocking_accept(&unseen, &nobody);
	if (result < 0)
		return result;		 /* threads that were started end with the process */
	shutdown(listener->fd, SHUT_RD); /* not closed: some may be about to accept */
	blocking_drain(&server.base);
	return 0;
}

static uint64_t max_connections(const struct server_options *options)
{
	return worker_count(options);
}

const struct server_model server_model = {
	.name = "threads-accept",
	.family = "threads",
	.summary =
		"a fixed number of threads, all in accept, each with one connection until it closes",
	.takes = MODEL_WORKERS | MODEL_STACKS,
	.traits = MODEL_BLOCKING,
	.max_connections = max_connections,
	.limited_by = "workers",
	.lifted_by = "more threads (--workers N); or thread-pool/ready, which keeps a thread only "
		     "while a request is served",
	.run = run,
};
