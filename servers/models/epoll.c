/*
 * epoll: one thread, one loop, every connection a small record.
 *
 * The kernel keeps the list of who is ready, so a turn of the loop costs what is ready and not
 * what is open: ten thousand idle connections are free but for their memory. One thread means no
 * locks and no switches between requests; it also means that whatever keeps the thread busy keeps
 * everybody waiting. A wait is a timer here, not a sleep: /wait/100 holds nobody up.
 *
 * What a connection costs: one record of 64 bytes and the kernel's socket. Buffers belong to
 * the loop: bytes are read into one, answers are written from another, and only what the socket
 * does not take at once is kept. Interest in input is registered once, so that a request costs
 * one recv, one send and its share of an epoll_wait.
 *
 * The variant spin never sleeps: it asks with a timeout of 0, and if nothing has come, asks again. What
 * is saved is the way to sleep and back, in which the scheduler, an idle core that has to wake up and,
 * in a virtual machine, whoever lends the core have a part; the price is all of a core, whatever there
 * is to do. Between two looks in vain it yields, so that on a core which is not its own others get on.
 *
 * How a connection is watched, what is made of its events, and the turn around them, from one
 * epoll_wait to the next, is core/loops/epoll_loop.c, which loop_per_core.c and acceptor_deals.c take
 * as it is, and epoll_edge.c and coroutines.c with ways of their own; what is done with a socket that is
 * ready is core/loops/readiness.c, shared with select.c and poll.c as well. Here is how it waits.
 *
 * Compare with poll.c (the same loop, but the whole list crosses into the kernel each turn),
 * epoll_edge.c (told once instead of as long as), loop_per_core.c (several of these), and
 * thread_per_connection.c (no loop: the scheduler is the loop).
 * Known from: nginx, Redis, HAProxy, Node.js below libuv; the variant from Seastar, DPDK and trading. See
 * epoll(7).
 *
 * Try: server-epoll --listen 127.0.0.1:8080
 */
#include "servers/core/loops/epoll_loop.h"
#include "servers/core/loops/loop_group.h"
#include "servers/core/server/model.h"

#include <errno.h>
#include <sched.h>

/* Looks, and looks again: it is in the next turn that something may have come. */
static int look(int epoll_fd, struct epoll_event *events, int most, uint64_t until_ns)
{
	int count = epoll_wait(epoll_fd, events, most, 0);

	(void)until_ns;
	if (count == 0)
		sched_yield();
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	return count;
}

static int live(const struct server_options *options, struct listener *listener,
		atomic_bool *draining)
{
	struct epoll_way way = epoll_level_triggered;

	if (options->variant)
		way.wait = look;
	return epoll_loop_run(&way, options, listener, draining);
}

static int run(const struct server_options *options, struct listener *listener)
{
	return loop_group_run(options, listener, live);
}

static const struct server_variant variants[] = {
	{.name = "spin",
	 .summary = "the same without sleep: it looks again and again, and takes a core for that",
	 .traits = MODEL_SPINS},
	{0}};

const struct server_model server_model = {
	.name = "epoll",
	.family = "loops",
	.summary = "one thread asks the kernel which connections are ready",
	.takes = EPOLL_LOOP_TAKES,
	.variants = variants,
	.descriptor_tables = loop_group_tables,
	.run = run,
};
