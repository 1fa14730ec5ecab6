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

enum { ROOM_AT_FIRST = 64 };

struct connection {
	struct readiness_connection base;
	size_t index; /* in the lists */
};

union owner {
	struct connection *connection;
	struct loop_watch *watch;
};

/* entries[i] is what the kernel is asked, owners[i] whom it concerns: first watches, then connections. */
struct loop {
	struct readiness_loop base;
	struct pollfd *entries;
	union owner *owners;
	size_t watches, count, room;
};

static int make_room(struct loop *loop)
{
	size_t room = loop->room ? 2 * loop->room : ROOM_AT_FIRST;
	struct pollfd *entries = realloc(loop->entries, room * sizeof *entries);
	union owner *owners;

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

/* Who stands at the end goes to a place before it. */
static void fill_gap(struct loop *loop, size_t gap, size_t from)
{
	loop->entries[gap] = loop->entries[from];
	loop->owners[gap] = loop->owners[from];
	if (gap < loop->watches)
		loop->owners[gap].watch->slot = gap;
	else
		loop->owners[gap].connection->index = gap;
}

static int open_connection(struct readiness_loop *base, struct readiness_connection *plain)
{
	struct loop *loop = (struct loop *)base;
	struct connection *c = (struct connection *)plain;

	if (loop->count == loop->room && make_room(loop) < 0)
		return -ENOMEM;
	c->index = loop->count;
	loop->owners[loop->count].connection = c;
	loop->entries[loop->count++] = (struct pollfd){.fd = plain->fd, .events = POLLIN};
	return 0;
}

static short events_of(unsigned interest)
{
	short events = 0;

	if (interest & READINESS_IN)
		events |= POLLIN;
	if (interest & READINESS_OUT)
		events |= POLLOUT;
	return events;
}

static int watch(struct readiness_loop *base, struct readiness_connection *c, unsigned interest)
{
	((struct loop *)base)->entries[((struct connection *)c)->index].events =
		events_of(interest);
	return 0;
}

static void forget(struct readiness_loop *base, struct readiness_connection *c)
{
	struct loop *loop = (struct loop *)base;

	fill_gap(loop, ((struct connection *)c)->index, --loop->count);
}

/* poll tells of hang-ups whatever it is asked, and looks past negative descriptors. */
static int change_watch(void *base, struct loop_watch *w, unsigned interest)
{
	struct pollfd *entry = &((struct loop *)base)->entries[w->slot];

	entry->fd = interest ? w->fd : -1;
	entry->events = events_of(interest);
	w->interest = interest;
	return 0;
}

/* The first connection makes room for it. */
static int start_watch(void *base, struct loop_watch *w)
{
	struct loop *loop = base;
	size_t place = loop->watches;

	if (loop->count == loop->room && make_room(loop) < 0)
		return -ENOMEM;
	if (loop->count > place)
		fill_gap(loop, loop->count, place);
	loop->count++;
	loop->watches++;
	w->slot = place;
	loop->owners[place].watch = w;
	loop->entries[place].revents = 0;
	return change_watch(base, w, w->interest);
}

static void stop_watch(void *base, struct loop_watch *w)
{
	struct loop *loop = base;
	size_t last = loop->watches - 1;

	fill_gap(loop, w->slot, last);
	loop->watches--;
	if (--loop->count > last)
		fill_gap(loop, last, loop->count);
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
	.connection_bytes = sizeof(struct connection),
	.services = &services,
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

/* What came is taken away first: another may fill this place then. */
static short take_events(struct loop *loop, size_t index)
{
	short events = loop->entries[index].revents;

	loop->entries[index].revents = 0;
	return events;
}

static void handle(struct loop *loop, size_t index)
{
	short events = take_events(loop, index);

	readiness_handle(&loop->base, &loop->owners[index].connection->base, events & POLLIN,
			 events & POLLOUT);
}

static void call_watch(struct loop *loop, size_t index)
{
	struct loop_watch *w = loop->owners[index].watch;
	short events = take_events(loop, index);
	unsigned told = ((events & POLLIN) ? LOOP_IN : 0u) | ((events & POLLOUT) ? LOOP_OUT : 0u);

	if (events & (POLLERR | POLLHUP | POLLNVAL))
		told = w->interest;
	if (told & w->interest)
		w->ready(w, told & w->interest);
}

/*
 * Both from the end: what a gap is filled with was looked at. Who is handled may stop watches, after which
 * there are fewer entries than before.
 */
static int turn(struct readiness_loop *base, uint64_t until_ns)
{
	struct loop *loop = (struct loop *)base;
	int count = wait_until(loop, readiness_due_ns(base, until_ns));
	int result = count < 0 ? count : 0;

	if (count > 0) {
		for (size_t i = loop->count; i-- > loop->watches;)
			if (i < loop->count && loop->entries[i].revents) {
				count--;
				handle(loop, i);
			}
		for (size_t i = count ? loop->watches : 0; i-- > 0;)
			if (i < loop->watches && loop->entries[i].revents)
				call_watch(loop, i);
	}
	/* All that are due: a turn asks about everybody, so it has to be used. */
	readiness_fire_timers(base, SIZE_MAX);
	return result;
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
	.takes = READINESS_TAKES,
	.descriptor_tables = loop_group_tables,
	.run = run,
};
