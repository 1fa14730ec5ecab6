/*
 * prefork: N processes, forked beforehand, each serving one connection at a time.
 *
 * All children sleep in accept on the same socket; the kernel wakes one for each connection, and
 * that child serves it with calls that block until it closes. As process_per_connection.c, clients
 * are kept apart by the kernel, but nobody waits for a fork, and N bounds what the server can take
 * (--workers, 256 if not given). The price is that of thread_pool.c: a keep-alive connection holds
 * its process though it is silent, and connection N+1 waits in the kernel's backlog, where the
 * server does not even know of it. --describe gives N as the number of connections it holds.
 *
 * The parent serves nothing. It replaces children that die, and when it is time to stop, it shuts
 * down the listening socket, which wakes those in accept, and tells the others one by one.
 *
 * What a connection costs: nothing beyond the kernel's socket; a process costs what it writes to,
 * its page tables and kernel stack, busy or not.
 *
 * Compare with thread_pool.c (the same with threads: one address space, and a queue of its own) and
 * process_per_connection.c.
 * Known from: Apache's prefork, Unicorn, PHP-FPM, PostgreSQL's poolers. See fork(2), accept(2).
 *
 * Try: server-prefork --listen 127.0.0.1:8080 --workers 8
 */
#include "lib/clock.h"
#include "servers/core/threads/children.h"
#include "servers/core/server/model.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WORKERS_USUAL = 256 }; /* MaxRequestWorkers of Apache's prefork */

static unsigned worker_count(const struct server_options *options)
{
	return options->workers ? options->workers : WORKERS_USUAL;
}

/* A child: until it is told to stop, or the parent has shut the listener down (-EINVAL). */
static int serve_in_turn(const struct children *children, const struct listener *listener)
{
	while (!children_must_stop()) {
		int fd = listener_accept(listener, 0);

		if (fd >= 0)
			children_serve(children, fd, &listener->terms->limits);
		else if (listener_is_shortage(fd))
			poll(NULL, 0, (int)(LISTENER_RETRY_NS / NS_PER_MS));
		else if (fd != -EINTR && fd != -ECONNREFUSED)
			return fd == -EINVAL ? 0 : 1;
	}
	return 0;
}

/* Forks until there are `count`. 0 or -errno. */
static int fill_up(struct children *children, const struct listener *listener, unsigned count)
{
	while (children->count < count) {
		pid_t pid = children_fork(children, listener);

		if (pid < 0)
			return pid;
		if (pid == 0)
			_exit(serve_in_turn(children, listener));
	}
	return 0;
}

/* The parent: ready when all are there, it replaces those that die, until the stop. */
static int keep_up(struct children *children, struct listener *listener, unsigned count)
{
	struct pollfd fds[] = {{.fd = listener->stop_fd, .events = POLLIN},
			       {.fd = children->ended_fd, .events = POLLIN}};
	const int retry_ms = (int)(LISTENER_RETRY_NS / NS_PER_MS);
	int shortage = fill_up(children, listener, count);

	if (shortage < 0)
		return listener_explain_shortage(listener, children->count, count, "processes",
						 shortage);
	shortage = listener_ready(listener);
	if (shortage < 0)
		return shortage;
	for (;;) {
		if (poll(fds, 2, shortage < 0 ? retry_ms : -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[0].revents)
			return 0;
		/* Children that die at once must not keep us busy. */
		if (children_reap(children) && poll(fds, 1, retry_ms) > 0)
			return 0;
		shortage = fill_up(children, listener, count);
	}
}

static int run(const struct server_options *options, struct listener *listener)
{
	static struct children children;
	int result, flags = fcntl(listener->fd, F_GETFL);

	/* Children sleep in accept; the parent never does. */
	if (flags < 0 || fcntl(listener->fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return -errno;
	result = children_open(&children);
	if (result < 0)
		return result;
	result = keep_up(&children, listener, worker_count(options));
	shutdown(listener->fd, SHUT_RD); /* for all who have it: those in accept wake */
	listener_close(listener);
	children_drain(&children);
	close(children.ended_fd);
	return result;
}

static uint64_t max_connections(const struct server_options *options)
{
	return worker_count(options);
}

const struct server_model server_model = {
	.name = "prefork",
	.family = "threads",
	.summary = "a fixed number of processes, each with one connection until it closes",
	.takes = MODEL_WORKERS,
	.traits = MODEL_BLOCKING | MODEL_MULTI_PROCESS,
	.max_connections = max_connections,
	.limited_by = "workers",
	.lifted_by = "more processes (--workers N); or a model that gives an idle connection no "
		     "process of its own",
	.run = run,
};
