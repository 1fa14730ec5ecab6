/*
 * select: one thread, one loop, and a set of bits that crosses into the kernel each turn.
 *
 * The oldest way to wait for several descriptors. Two sets, one for input and one for output, are
 * copied in, filled with the answer, and copied out; the kernel looks at every bit up to the
 * highest descriptor, and so does the program afterwards. The sets have FD_SETSIZE bits, 1024 with
 * this C library: a descriptor beyond them cannot be asked about. Such a connection is refused
 * and counted; --describe says how many fit.
 *
 * What a connection costs: epoll's record, an entry in a table, and a bit.
 *
 * Compare with poll.c, which has no such limit and the same cost per turn, and with epoll.c.
 * Known from: Stevens's books, and programs that are to run everywhere. See select(2).
 *
 * Try: server-select --listen 127.0.0.1:8080
 */
#include "lib/clock.h"
#include "servers/core/server/model.h"
#include "servers/core/loops/loop_group.h"
#include "servers/core/loops/readiness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>

enum {
	OWN_DESCRIPTORS = 8, /* three standard ones, listener, stop, and what libraries may open */
};

struct loop {
	struct readiness_loop base;
	fd_set input, output; /* what we wait for */
	struct readiness_connection *owners[FD_SETSIZE];
	int highest;
	bool full; /* said once */
};

static void set_bit(fd_set *set, int fd, bool wanted)
{
	if (wanted)
		FD_SET(fd, set);
	else
		FD_CLR(fd, set);
}

static int watch(struct readiness_loop *base, struct readiness_connection *c, unsigned interest)
{
	struct loop *loop = (struct loop *)base;

	set_bit(&loop->input, c->fd, interest & READINESS_IN);
	set_bit(&loop->output, c->fd, interest & READINESS_OUT);
	return 0;
}

static int open_connection(struct readiness_loop *base, struct readiness_connection *c)
{
	struct loop *loop = (struct loop *)base;

	if (c->fd >= FD_SETSIZE) { /* FD_SET would write beyond the set */
		if (!loop->full)
			fprintf(stderr,
				"server-select: full: descriptors from %d on cannot be "
				"watched, their connections are closed\n",
				FD_SETSIZE);
		loop->full = true;
		return -ERANGE;
	}
	loop->owners[c->fd] = c;
	if (c->fd > loop->highest)
		loop->highest = c->fd;
	return watch(base, c, READINESS_IN);
}

static void forget(struct readiness_loop *base, struct readiness_connection *c)
{
	watch(base, c, READINESS_NONE);
	((struct loop *)base)->owners[c->fd] = NULL;
}

static int watch_listener(struct readiness_loop *base, bool wanted)
{
	set_bit(&((struct loop *)base)->input, base->listener->fd, wanted);
	return 0;
}

static const struct readiness_methods methods = {
	.open = open_connection,
	.watch = watch,
	.forget = forget,
	.watch_listener = watch_listener,
	.connection_bytes = sizeof(struct readiness_connection),
};

static int wait_until(struct loop *loop, fd_set *input, fd_set *output, uint64_t until_ns)
{
	struct timespec timeout;
	uint64_t now_ns = until_ns == UINT64_MAX ? 0 : clock_now_ns();
	int count;

	*input = loop->input;
	*output = loop->output;
	timeout = clock_to_timespec(until_ns > now_ns ? until_ns - now_ns : 0);
	count = pselect(loop->highest + 1, input, output, NULL,
			until_ns == UINT64_MAX ? NULL : &timeout, NULL);
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	return count;
}

/* Errors and ends of connections show as input that can be read. */
static void handle(struct loop *loop, const fd_set *input, const fd_set *output)
{
	for (int fd = 0; fd <= loop->highest; fd++) {
		struct readiness_connection *c = loop->owners[fd];

		if (!c)
			continue;
		if (FD_ISSET(fd, input))
			readiness_receive(&loop->base, c);
		else if (FD_ISSET(fd, output))
			readiness_drive(&loop->base, c);
	}
}

static int turn(struct readiness_loop *base, uint64_t until_ns)
{
	struct loop *loop = (struct loop *)base;
	const struct listener *listener = base->listener;
	fd_set input, output;
	int count = wait_until(loop, &input, &output, readiness_due_ns(base, until_ns));
	bool stops = false;

	if (count > 0) {
		handle(loop, &input, &output);
		stops = FD_ISSET(listener->stop_fd, &input);
		if (stops)
			FD_CLR(listener->stop_fd, &loop->input); /* said once: it stays readable */
		if (listener->fd >= 0 && FD_ISSET(listener->fd, &input))
			readiness_accept(base);
		if (FD_ISSET(base->deadlines.wheel.fd, &input))
			deadlines_look(&base->deadlines.wheel);
	}
	readiness_fire_timers(base);
	return count < 0 ? count : stops;
}

static void watch_own(struct loop *loop, int fd)
{
	FD_SET(fd, &loop->input);
	if (fd > loop->highest)
		loop->highest = fd;
}

static int live(const struct server_options *options, struct listener *listener,
		atomic_bool *draining)
{
	struct loop *loop = calloc(1, sizeof *loop);
	int result;

	(void)options;
	if (!loop)
		return -ENOMEM;
	result = readiness_init(&loop->base, &methods, listener, draining);
	if (result < 0) {
		free(loop);
		return result;
	}
	watch_own(loop, listener->stop_fd);
	watch_own(loop, loop->base.deadlines.wheel.fd);
	loop->highest = listener->fd > loop->highest ? listener->fd : loop->highest;
	result = readiness_serve(&loop->base, draining, turn);
	readiness_destroy(&loop->base);
	free(loop);
	return result;
}

static int run(const struct server_options *options, struct listener *listener)
{
	return loop_group_run(options, listener, live);
}

static uint64_t max_connections(const struct server_options *options)
{
	return (uint64_t)(FD_SETSIZE - OWN_DESCRIPTORS) * (options->workers ? options->workers : 1);
}

const struct server_model server_model = {
	.name = "select",
	.family = "loops",
	.summary = "one thread shows the kernel a set of at most 1024 descriptors in every turn",
	.takes = MODEL_WORKERS,
	.max_connections = max_connections,
	.limited_by = "FD_SETSIZE",
	.lifted_by =
		"poll or epoll: a set of select has a bit for each of 1,024 descriptors, which is "
		"compiled in",
	.descriptor_tables = loop_group_tables,
	.run = run,
};
