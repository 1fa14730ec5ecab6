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
#include <sys/queue.h>
#include <sys/select.h>

enum {
	OWN_DESCRIPTORS = 8, /* three standard ones, listener, stop, and what libraries may open */
};

/* In a watch's own bytes. */
struct listed {
	LIST_ENTRY(listed) others;
	struct loop_watch *watch;
};

_Static_assert(sizeof(struct listed) <= LOOP_WATCH_OWN_BYTES, "LOOP_WATCH_OWN_BYTES");

struct loop {
	struct readiness_loop base;
	fd_set input, output;		/* what we wait for */
	fd_set told_input, told_output; /* what came in this turn */
	struct readiness_connection *owners[FD_SETSIZE];
	LIST_HEAD(watch_list, listed) watches;
	struct listed *next_watch; /* while they are called */
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

static void set_bits(struct loop *loop, int fd, unsigned interest)
{
	set_bit(&loop->input, fd, interest & READINESS_IN);
	set_bit(&loop->output, fd, interest & READINESS_OUT);
}

static int watch(struct readiness_loop *base, struct readiness_connection *c, unsigned interest)
{
	set_bits((struct loop *)base, c->fd, interest);
	return 0;
}

static void note_highest(struct loop *loop, int fd)
{
	if (fd > loop->highest)
		loop->highest = fd;
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
	note_highest(loop, c->fd);
	return watch(base, c, READINESS_IN);
}

static void forget(struct readiness_loop *base, struct readiness_connection *c)
{
	watch(base, c, READINESS_NONE);
	((struct loop *)base)->owners[c->fd] = NULL;
}

static int change_watch(void *loop, struct loop_watch *w, unsigned interest)
{
	set_bits(loop, w->fd, interest);
	w->interest = interest;
	return 0;
}

/* What was told in this turn was of whoever had its number before. */
static int start_watch(void *base, struct loop_watch *w)
{
	struct loop *loop = base;
	struct listed *listed = (struct listed *)(void *)w->own;

	if (w->fd >= FD_SETSIZE)
		return -ERANGE;
	listed->watch = w;
	LIST_INSERT_HEAD(&loop->watches, listed, others);
	note_highest(loop, w->fd);
	FD_CLR(w->fd, &loop->told_input);
	FD_CLR(w->fd, &loop->told_output);
	set_bits(loop, w->fd, w->interest);
	return 0;
}

static void stop_watch(void *base, struct loop_watch *w)
{
	struct loop *loop = base;
	struct listed *listed = (struct listed *)(void *)w->own;

	if (loop->next_watch == listed)
		loop->next_watch = LIST_NEXT(listed, others);
	LIST_REMOVE(listed, others);
	set_bits(loop, w->fd, LOOP_NOTHING);
}

static const struct loop_services services = {
	.timer_start = readiness_start_timer,
	.timer_stop = readiness_stop_timer,
	.watch_start = start_watch,
	.watch_change = change_watch,
	.watch_stop = stop_watch,
};

static const struct readiness_methods methods = {
	.open = open_connection,
	.watch = watch,
	.forget = forget,
	.connection_bytes = sizeof(struct readiness_connection),
	.services = &services,
};

static int wait_until(struct loop *loop, uint64_t until_ns)
{
	struct timespec timeout;
	uint64_t now_ns = until_ns == UINT64_MAX ? 0 : clock_now_ns();
	int count;

	loop->told_input = loop->input;
	loop->told_output = loop->output;
	timeout = clock_to_timespec(until_ns > now_ns ? until_ns - now_ns : 0);
	count = pselect(loop->highest + 1, &loop->told_input, &loop->told_output, NULL,
			until_ns == UINT64_MAX ? NULL : &timeout, NULL);
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	return count;
}

/* Errors and ends of connections show as input that can be read. How many bits were theirs. */
static int handle(struct loop *loop)
{
	int bits = 0;

	for (int fd = 0; fd <= loop->highest; fd++) {
		struct readiness_connection *c = loop->owners[fd];

		if (!c)
			continue;
		if (FD_ISSET(fd, &loop->told_input)) {
			bits++;
			readiness_receive(&loop->base, c);
		} else if (FD_ISSET(fd, &loop->told_output)) {
			bits++;
			readiness_drive(&loop->base, c);
		}
	}
	return bits;
}

static void call_watches(struct loop *loop)
{
	struct listed *listed;

	for (listed = LIST_FIRST(&loop->watches); listed; listed = loop->next_watch) {
		struct loop_watch *w = listed->watch;
		unsigned events = (FD_ISSET(w->fd, &loop->told_input) ? LOOP_IN : 0u) |
				  (FD_ISSET(w->fd, &loop->told_output) ? LOOP_OUT : 0u);

		loop->next_watch = LIST_NEXT(listed, others);
		events &= w->interest;
		if (events)
			w->ready(w, events);
	}
}

static int turn(struct readiness_loop *base, uint64_t until_ns)
{
	struct loop *loop = (struct loop *)base;
	int count = wait_until(loop, readiness_due_ns(base, until_ns));

	if (count > 0 && handle(loop) < count)
		call_watches(loop);
	/* All that are due: a turn asks about everybody, so it has to be used. */
	readiness_fire_timers(base, SIZE_MAX);
	return count < 0 ? count : 0;
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
	if (result == 0) {
		result = readiness_serve(&loop->base, draining, turn);
		readiness_destroy(&loop->base);
	}
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
	.takes = READINESS_TAKES,
	.max_connections = max_connections,
	.limited_by = "FD_SETSIZE",
	.lifted_by =
		"poll or epoll: a set of select has a bit for each of 1,024 descriptors, which is "
		"compiled in",
	.descriptor_tables = loop_group_tables,
	.run = run,
};
