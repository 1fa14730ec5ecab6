/*
 * process-per-connection: the parent accepts, and forks a process for each connection.
 *
 * The oldest server of all: the child has a copy of everything, serves its one connection with
 * calls that block, and ends with it. What it breaks is its own: a crash, a leak, a descriptor
 * left open die with the connection, and the kernel keeps clients apart. The code of a connection
 * is that of thread_per_connection.c; only the way to it differs.
 *
 * What a connection costs: a process. Memory is shared until it is written to, so a child's own is
 * what it writes: its stack, the pages of the C library's variables, and the page tables, which the
 * kernel keeps and which are the larger part of what fork has to copy. Starting one takes many
 * times what a thread takes; once it runs, a request costs the same two switches, and a little more
 * for the change of address space. The parent has to reap each child, and to tell them when it is
 * time to stop: it knows them by number, signals nobody else, and they end with it.
 *
 * It accepts no faster than it forks, which is some thousand times a second: as in no other model, a
 * flood of connections keeps honest clients waiting behind it. Those that are reset before their turn
 * get no process: clients waited up to 0.2 s behind 6,000 of these, and 1.3 s when they still did.
 *
 * Compare with thread_per_connection.c (one address space) and prefork.c (processes that stay).
 * Known from: inetd, CERN httpd, sshd, PostgreSQL. See fork(2), wait(2), prctl(2).
 *
 * Try: server-process-per-connection --listen 127.0.0.1:8080
 */
#include "servers/core/threads/blocking.h"
#include "servers/core/threads/children.h"

#include <sys/socket.h>
#include <unistd.h>

struct server {
	struct children children;
	struct listener *listener;
};

/* Whether it was reset while it waited to be accepted. */
static bool is_gone(int fd)
{
	int failure = 0;
	socklen_t length = sizeof failure;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &length) == 0 && failure != 0;
}

/* No process to be had: that connection is refused, the others go on. */
static void take(void *context, int fd)
{
	struct server *server = context;
	pid_t pid;

	if (is_gone(fd)) { /* a process for it would keep those behind it waiting */
		counters_add(CLOSED_BROKEN);
		close(fd);
		return;
	}
	pid = children_fork(&server->children, server->listener);
	if (pid == 0) {
		listener_close(server->listener); /* else it would stay open after the parent's */
		children_serve(&server->children, fd, &server->listener->terms->limits);
		_exit(0);
	}
	if (pid < 0)
		admission_refuse(fd, REFUSED_WORKER);
	else
		close(fd);
}

static void reap(void *context)
{
	struct server *server = context;

	children_reap(&server->children);
}

static int run(const struct server_options *options, struct listener *listener)
{
	static struct server server;
	struct blocking_acceptor acceptor = {.take = take, .watched = reap, .context = &server};
	int result = children_open(&server.children);

	(void)options;
	if (result < 0)
		return result;
	server.listener = listener;
	acceptor.watched_fd = server.children.ended_fd;
	result = blocking_accept(listener, &acceptor);
	listener_close(listener);
	children_drain(&server.children);
	close(server.children.ended_fd);
	return result;
}

const struct server_model server_model = {
	.name = "process-per-connection",
	.family = "threads",
	.summary = "a process for each connection, forked when it is accepted",
	.takes = MODEL_ACCEPTS,
	.traits = MODEL_BLOCKING | MODEL_MULTI_PROCESS | MODEL_THREAD_EACH,
	.run = run,
};
