/*
 * loop-per-core: epoll's loop, once for each core, and nothing shared between them.
 *
 * Every loop here can be had several times (--workers); this one is by default. How the loops are
 * kept apart, in threads with a listening socket and a table of descriptors each, is
 * core/loops/loop_group.h.
 *
 * What a connection costs: epoll's record. What a loop costs: a thread, buffers of 20 KiB (of
 * which it touches what it uses), an epoll, a listener.
 *
 * Compare with epoll.c (one of these; --workers 1 is that) and with thread_pool.c, which
 * shares everything.
 * Known from: nginx with reuseport, Seastar, Envoy, memcached's threads. See SO_REUSEPORT in
 * socket(7).
 *
 * Try: server-loop-per-core --listen 127.0.0.1:8080 --workers 4
 */
#include "servers/core/loops/epoll_loop.h"
#include "servers/core/loops/loop_group.h"
#include "servers/core/server/core_count.h"
#include "servers/core/server/model.h"

static int open_connection(struct readiness_loop *loop, struct readiness_connection *c)
{
	return epoll_loop_control(loop, EPOLL_CTL_ADD, c->fd, EPOLLIN, c);
}

static int watch(struct readiness_loop *loop, struct readiness_connection *c, unsigned interest)
{
	return epoll_loop_control(loop, EPOLL_CTL_MOD, c->fd, epoll_loop_events(interest), c);
}

static void handle(struct readiness_loop *loop, struct readiness_connection *c, unsigned events)
{
	readiness_handle(loop, c, events & EPOLLIN, events & EPOLLOUT);
}

/* As in epoll.c, which explains it. */
static const struct epoll_way level_triggered = {
	.methods = {.open = open_connection,
		    .watch = watch,
		    .services = &epoll_loop_services,
		    .connection_bytes = sizeof(struct readiness_connection)},
	.handle = handle,
	.loop_bytes = sizeof(struct epoll_loop),
};

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

static const struct server_variant variants[] = {
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
	return epoll_loop_run(&level_triggered, options, listener, draining);
}

static int run(const struct server_options *options, struct listener *listener)
{
	struct server_options all = *options;

	if (!all.workers)
		all.workers = core_count();
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
