/*
 * acceptor-deals: one thread accepts, and deals the connections out to epoll loops in others.
 *
 * The main thread blocks in poll and accept and does nothing else. Each connection goes to the next loop in
 * turn: into its box, whose eventfd wakes the loop, which takes it out and watches it from then on. So each
 * loop has as many as its neighbour, whatever the kernel would have thought of, and a place where all
 * connections pass: one could count there, look at how busy a loop is, or turn somebody away. The price
 * is a hop: a write to the eventfd, and a thread that wakes, for each connection; all threads share one
 * table of descriptors, with its lock and its limit; and the loop that the next one is dealt to may be
 * held up. For connections that stay that is nothing, for those that come for one request it is.
 *
 * What a connection costs: epoll's record; on its way, 16 bytes more.
 *
 * Compare with loop_per_core.c (the kernel deals, to a listener each; its variant exclusive: whoever is
 * awake takes from one) and thread_pool.c (dealt to whoever is free, since a thread has but one).
 * Known from: memcached, Netty's boss and workers, Jetty's acceptors and selectors.
 *
 * Try: server-acceptor-deals --listen 127.0.0.1:8080 --workers 4
 */
#include "servers/core/loops/epoll_loop.h"
#include "servers/core/loops/loop_group.h"
#include "servers/core/server/core_count.h"
#include "servers/core/server/model.h"
#include "servers/core/threads/blocking.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the box of a loop ------------------------------------------------------------------------ */

struct dealt {
	struct dealt *next;
	int fd;
};

struct box {
	_Atomic(struct dealt *) last; /* what was put in, the last first */
	struct dealt *first;	      /* the loop's: taken out, in the order in which they came */
	int event_fd;
};

static void put(struct box *box, struct dealt *dealt)
{
	dealt->next = atomic_load_explicit(&box->last, memory_order_relaxed);
	while (!atomic_compare_exchange_weak(&box->last, &dealt->next, dealt))
		;
	eventfd_write(box->event_fd, 1); /* cannot fail: the counter is far from its end */
}

static void take_out(struct box *box)
{
	struct dealt *dealt = atomic_exchange(&box->last, NULL), *before;

	for (; dealt; dealt = before) {
		before = dealt->next;
		dealt->next = box->first;
		box->first = dealt;
	}
}

/* For a loop in the place of accept: a descriptor or -EAGAIN. */
static int take(void *context)
{
	struct box *box = context;
	struct dealt *dealt;
	eventfd_t count;
	int fd;

	if (!box->first)
		take_out(box);
	if (!box->first) {
		eventfd_read(box->event_fd,
			     &count); /* before looking: what comes now wakes again */
		take_out(box);
	}
	dealt = box->first;
	if (!dealt)
		return -EAGAIN;
	box->first = dealt->next;
	fd = dealt->fd;
	free(dealt);
	return fd;
}

/* --- the thread that deals --------------------------------------------------------------------- */

struct dealer {
	struct box *boxes;
	unsigned count, next;
	int stop_fd;
};

static struct dealer dealer; /* of the process */

static void deal(void *context, int fd)
{
	struct dealer *d = context;
	struct dealt *dealt = malloc(sizeof *dealt);

	if (!dealt) {
		admission_refuse(fd, REFUSED_MEMORY);
		return;
	}
	dealt->fd = fd;
	put(&d->boxes[d->next], dealt);
	d->next = (d->next + 1) % d->count;
}

static void loop_failed(void *context)
{
	eventfd_write(((struct dealer *)context)->stop_fd, 1);
}

static int accept_for_all(struct listener *listener, int failed_fd)
{
	const struct blocking_acceptor acceptor = {.take = deal,
						   .flags = SOCK_NONBLOCK,
						   .watched_fd = failed_fd,
						   .watched = loop_failed,
						   .context = &dealer};
	int result;

	dealer.stop_fd = listener->stop_fd;
	result = blocking_accept(listener, &acceptor);
	listener_close(listener);
	return result;
}

static int open_box(const struct listener *listener, struct listener *worker, unsigned number)
{
	struct box *box = &dealer.boxes[number];

	(void)listener;
	worker->fd = box->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	worker->take = take;
	worker->take_context = box;
	return worker->fd < 0 ? -errno : 0;
}

static const struct loop_group_way dealing = {.open = open_box, .accept = accept_for_all};

/* What was dealt to a loop that had stopped already. */
static void drop_undealt(void)
{
	for (unsigned i = 0; i < dealer.count; i++) {
		struct box *box = &dealer.boxes[i];
		int fd;

		box->event_fd = -1; /* closed */
		while ((fd = take(box)) >= 0) {
			counters_add(CLOSED_STOP);
			close(fd);
		}
	}
}

/* --- the loops ---------------------------------------------------------------------------------- */

static int live(const struct server_options *options, struct listener *listener,
		atomic_bool *draining)
{
	return epoll_loop_run(&epoll_level_triggered, options, listener, draining);
}

static int run(const struct server_options *options, struct listener *listener)
{
	struct server_options all = *options;
	int result;

	if (!all.workers)
		all.workers = core_count();
	dealer.count = all.workers;
	dealer.boxes = calloc(dealer.count, sizeof *dealer.boxes);
	if (!dealer.boxes)
		return -ENOMEM;
	result = loop_group_run_in_way(&all, listener, live, &dealing);
	drop_undealt();
	free(dealer.boxes);
	return result;
}

const struct server_model server_model = {
	.name = "acceptor-deals",
	.family = "hybrids",
	.summary = "a thread that accepts deals the connections out to an epoll loop for each core",
	.takes = EPOLL_LOOP_TAKES,
	.run = run,
};
