/*
 * poll: one thread, one loop, and a list of all connections that crosses into the kernel each turn.
 *
 * The program keeps the list of what it waits for, and hands it over whole each time; the kernel
 * looks at every entry, ready or not, and the program looks again for those that were. A turn costs
 * what is open, not what is ready: with ten busy connections that is nothing, with ten thousand
 * idle ones it is most of the work. There is no limit but the memory.
 *
 * What a connection costs: epoll's record, its index and 8 bytes in the list; and a look at it in
 * every turn, twice.
 *
 * Compare with epoll.c (the kernel keeps the list) and select.c (the list is a set of bits).
 * Known from: older versions of most servers, and everywhere where few descriptors are watched.
 * See poll(2).
 *
 * Try: server-poll --listen 127.0.0.1:8080
 */
#include "lib/clock.h"
#include "servers/core/server/model.h"
#include "servers/core/loops/loop_group.h"
#include "servers/core/loops/readiness.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

enum { STOP, LISTENER, DEADLINES, FIRST_CONNECTION, ROOM_AT_FIRST = 64 };

struct connection {
	struct readiness_connection base;
	size_t index; /* in the lists */
};

/* entries[i] is what the kernel is asked, owners[i] whom it concerns. */
struct loop {
	struct readiness_loop base;
	struct pollfd *entries;
	struct connection **owners;
	size_t count, room;
};

static int make_room(struct loop *loop)
{
	size_t room = loop->room ? 2 * loop->room : ROOM_AT_FIRST;
	struct pollfd *entries = realloc(loop->entries, room * sizeof *entries);
	struct connection **owners;

	if (!entries)
		return -ENOMEM;
	loop->entries = entries;
	owners = realloc(loop->owners, room * sizeof *owners);
	if (!owners)
		return -ENOMEM;
	loop->owners = owners;
	loop->room = room;
	return 0;
}

static int open_connection(struct readiness_loop *base, struct readiness_connection *c)
{
	struct loop *loop = (struct loop *)base;

	if (loop->count == loop->room && make_room(loop) < 0)
		return -ENOMEM;
	((struct connection *)c)->index = loop->count;
	loop->owners[loop->count] = (struct connection *)c;
	loop->entries[loop->count++] = (struct pollfd){.fd = c->fd, .events = POLLIN};
	return 0;
}

static int watch(struct readiness_loop *base, struct readiness_connection *c, unsigned interest)
{
	short events = 0;

	if (interest & READINESS_IN)
		events |= POLLIN;
	if (interest & READINESS_OUT)
		events |= POLLOUT;
	((struct loop *)base)->entries[((struct connection *)c)->index].events = events;
	return 0;
}

/* The last of the list fills the gap. */
static void forget(struct readiness_loop *base, struct readiness_connection *c)
{
	struct loop *loop = (struct loop *)base;
	size_t gap = ((struct connection *)c)->index, last = --loop->count;

	loop->entries[gap] = loop->entries[last];
	loop->owners[gap] = loop->owners[last];
	loop->owners[gap]->index = gap;
}

static int watch_listener(struct readiness_loop *base, bool wanted)
{
	/* poll looks past negative descriptors. */
	((struct loop *)base)->entries[LISTENER].fd = wanted ? base->listener->fd : -1;
	return 0;
}

static const struct readiness_methods methods = {
	.open = open_connection,
	.watch = watch,
	.forget = forget,
	.watch_listener = watch_listener,
	.connection_bytes = sizeof(struct connection),
};

static int wait_until(struct loop *loop, uint64_t until_ns)
{
	struct timespec timeout;
	uint64_t now_ns = until_ns == UINT64_MAX ? 0 : clock_now_ns();
	int count;

	timeout = clock_to_timespec(until_ns > now_ns ? until_ns - now_ns : 0);
	count = ppoll(loop->entries, loop->count, until_ns == UINT64_MAX ? NULL : &timeout, NULL);
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	return count;
}

static void handle(struct loop *loop, size_t index)
{
	short events = loop->entries[index].revents;

	readiness_handle(&loop->base, &loop->owners[index]->base, events & POLLIN,
			 events & POLLOUT);
}

static int turn(struct readiness_loop *base, uint64_t until_ns)
{
	struct loop *loop = (struct loop *)base;
	int count = wait_until(loop, readiness_due_ns(base, until_ns));
	bool stops = false;

	if (count > 0) {
		/* From the end: what a dropped connection's gap is filled with was looked at. */
		for (size_t i = loop->count; i-- > FIRST_CONNECTION;)
			if (loop->entries[i].revents)
				handle(loop, i);
		stops = loop->entries[STOP].revents != 0;
		if (stops)
			loop->entries[STOP].fd = -1; /* said once: it stays readable */
		if (loop->entries[LISTENER].revents)
			readiness_accept(base);
		if (loop->entries[DEADLINES].revents)
			deadlines_look(&base->deadlines.wheel);
	}
	readiness_fire_timers(base);
	return count < 0 ? count : stops;
}

static int live(const struct server_options *options, struct listener *listener,
		atomic_bool *draining)
{
	struct loop *loop = calloc(1, sizeof *loop);
	int result;

	(void)options;
	result = loop ? make_room(loop) : -ENOMEM;
	if (result == 0)
		result = readiness_init(&loop->base, &methods, listener, draining);
	if (result == 0) {
		loop->entries[STOP] = (struct pollfd){.fd = listener->stop_fd, .events = POLLIN};
		loop->entries[LISTENER] = (struct pollfd){.fd = -1, .events = POLLIN};
		loop->entries[DEADLINES] = (struct pollfd){.fd = loop->base.deadlines.wheel.fd,
							   .events = POLLIN};
		loop->count = FIRST_CONNECTION;
		result = readiness_serve(&loop->base, draining, turn);
		readiness_destroy(&loop->base);
	}
	if (loop) {
		free(loop->entries);
		free(loop->owners);
	}
	free(loop);
	return result;
}

static int run(const struct server_options *options, struct listener *listener)
{
	return loop_group_run(options, listener, live);
}

const struct server_model server_model = {
	.name = "poll",
	.family = "loops",
	.summary = "one thread shows the kernel the list of all connections in every turn",
	.takes = MODEL_WORKERS,
	.descriptor_tables = loop_group_tables,
	.run = run,
};
