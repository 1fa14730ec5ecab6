/*
 * loop-per-core: epoll's loop, once for each core, and nothing shared between them.
 *
 * Every loop here can be had several times (--workers); this one is by default. How the loops are
 * kept apart, in threads with a listening socket and a table of descriptors each, is
 * core/loops/loop_group.h.
 *
 * The variant exclusive has one listening socket for all: each loop watches it, and is told with
 * EPOLLEXCLUSIVE that others do, so that a connection wakes one of them and not the whole herd. Two ways
 * to deal, and what each is bad at: SO_REUSEPORT deals by a hash, evenly and blindly, so that who was
 * dealt to a loop which is held up waits for it. From one listener takes who is awake, so that nobody
 * waits for a loop that is held up, and the loop that has less to do takes more; but the kernel wakes
 * the one that stands first in its queue, as long as that sleeps again in time, and so most connections
 * of a quiet hour end up with one loop, where they stay when it grows busy.
 *
 * What a connection costs: epoll's record. What a loop costs: a thread, buffers of 20 KiB (of
 * which it touches what it uses), an epoll, a listener.
 *
 * Compare with epoll.c (one of these; --workers 1 is that), acceptor_deals.c (connections are dealt by a
 * thread of ours) and thread_pool.c, which shares everything.
 * Known from: nginx with reuseport, Seastar, Envoy, memcached's threads. See SO_REUSEPORT in
 * socket(7).
 *
 * Try: server-loop-per-core --listen 127.0.0.1:8080 --workers 4
 */
#include "servers/core/loops/epoll_loop.h"
#include "servers/core/loops/loop_group.h"
#include "servers/core/server/core_count.h"
#include "servers/core/server/model.h"

static unsigned count_tables(const struct server_options *options)
{
	return options->workers ? loop_group_tables(options) : MODEL_TABLE_PER_CORE;
}

static void use_2_loops(struct server_options *options)
{
	options->workers = 2;
}

static void use_64_loops(struct server_options *options)
{
	options->workers = 64;
	/* A million take a minute to open: the first may be silent until the last has come. */
	options->terms.limits.ticks[HTTP_HEADER] = 0;
	options->terms.limits.ticks[HTTP_IDLE] = 0;
}

static void use_one_listener(struct server_options *options)
{
	(void)options; /* that it was chosen says all */
}

static const struct server_variant variants[] = {
	{.name = "exclusive",
	 .summary =
		 "the same loops on one listener, of which the kernel wakes one for each connection",
	 .apply = use_one_listener},
	{.name = "loops-2",
	 .summary = "two loops on however many cores, for twice the descriptors of one",
	 .apply = use_2_loops},
	{.name = "loops-64",
	 .summary = "64 loops on however many cores, which wait for the silent without end",
	 .apply = use_64_loops},
	{0}};

static int live(const struct server_options *options, struct listener *listener,
		atomic_bool *draining)
{
	return epoll_loop_run(&epoll_level_triggered, options, listener, draining);
}

static int run(const struct server_options *options, struct listener *listener)
{
	struct server_options all = *options;

	if (!all.workers)
		all.workers = core_count();
	if (options->variant && options->variant->apply == use_one_listener)
		return loop_group_run_in_way(&all, listener, live, &loop_group_sharing);
	return loop_group_run(&all, listener, live);
}

const struct server_model server_model = {
	.name = "loop-per-core",
	.family = "hybrids",
	.summary = "an epoll loop for each core, with a listener and a descriptor table of its own",
	.takes = EPOLL_LOOP_TAKES,
	.descriptor_tables = count_tables,
	.variants = variants,
	.run = run,
};
