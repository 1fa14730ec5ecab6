/*
 * libuv: one thread, one loop, and callbacks for everything that completes.
 *
 * Below it is the same epoll as in epoll.c, but the program never asks whether a socket is ready:
 * it starts a read, a write or a timer, and libuv calls back when that has happened. A write is a
 * request of its own that must stay in place until it has completed, so the answer's bytes belong
 * to the exchange and not to the loop. What the socket takes at once is written without such a
 * request, as Node.js does: uv_write would report it in a second turn of the loop, with an
 * epoll_ctl on the way. One buffer for reading serves the loop, since libuv asks for it only when
 * it is about to read. Only accepting is not libuv's own: uv_listen accepts by itself, and where
 * descriptors are short it closes whoever waits, unasked. So the listener is but watched, as in the
 * other loops, at the price of one more ioctl for each connection (uv_tcp_open).
 *
 * What a connection costs: a uv_tcp_t (some 250 bytes) and the record around it.
 * What the convenience costs, compare with epoll.c: a call through a pointer for every event, and
 * timers of whole milliseconds.
 *
 * What blocks or computes goes to core's workers with --offload, as in all loops, so that pools are not
 * what is compared; as `own-pool` to the library's own threads, as in Node.js.
 *
 * A file is read 64 KiB at a time and written, as Node.js's streams do: uv_fs_sendfile holds a thread of
 * the pool for as long as the client takes, or ends early where the socket does not wait.
 *
 * Known from: Node.js, Julia, Neovim. See docs.libuv.org.
 *
 * Try: server-libuv --listen 127.0.0.1:8080
 */
#include "lib/clock.h"
#include "servers/core/http/bounds.h"
#include "servers/core/loops/acceptor.h"
#include "servers/core/loops/completion.h"
#include "servers/core/loops/loop_group.h"
#include "servers/core/loops/patient_realloc.h"
#include "servers/core/server/model.h"
#include "servers/models/libuv/own_pool.h"
#include "servers/models/libuv/sending.h"
#include "servers/models/libuv/services.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

enum { POOL_USUAL = 4 }; /* the library's own choice */

struct loop {
	struct completion_loop base;
	uv_loop_t uv;
	struct acceptor acceptor;
	struct libuv_lent lent;
	uv_timer_t deadline; /* of draining */
	uv_tcp_t unused;     /* with the first stream libuv opens a descriptor that it keeps */
	char *input;	     /* of all its connections in turn */
};

static struct loop *loop_of(const uv_loop_t *uv)
{
	return (struct loop *)((char *)(uintptr_t)uv - offsetof(struct loop, uv));
}

static void connection_closed(uv_handle_t *handle)
{
	struct connection *c = handle->data;
	struct loop *loop = loop_of(handle->loop);

	http_destroy(&c->base.http); /* not before: a write under way still shows its output */
	free(c);
	if (!loop->base.deadlines.wheel.count && atomic_load(loop->base.draining))
		uv_stop(&loop->uv);
}

static void close_connection(struct completion_connection *base)
{
	uv_close((uv_handle_t *)&((struct connection *)base)->tcp, connection_closed);
}

static void lend_input(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct loop *loop = loop_of(handle->loop);

	(void)suggested;
	*buffer = uv_buf_init(loop->input, loop->base.listener->terms->input_bytes);
}

static void received(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct connection *c = stream->data;

	if (length) /* 0: nothing after all */
		completion_received(&c->base, buffer->base, length == UV_EOF ? 0 : length);
}

static int receive(struct completion_connection *base, bool wanted)
{
	uv_stream_t *stream = (uv_stream_t *)&((struct connection *)base)->tcp;

	if (wanted == base->receiving)
		return 0;
	base->receiving = wanted;
	return wanted ? uv_read_start(stream, lend_input, received) : uv_read_stop(stream);
}

static void free_unused(uv_handle_t *handle)
{
	free(handle->data);
}

static void admit(struct acceptor *acceptor, int fd)
{
	struct loop *loop = (struct loop *)((char *)acceptor - offsetof(struct loop, acceptor));
	struct connection *c = calloc(1, sizeof *c);

	if (!c) {
		admission_refuse(fd, REFUSED_MEMORY);
		return;
	}
	uv_tcp_init(&loop->uv, &c->tcp);
	c->tcp.data = c;
	if (uv_tcp_open(&c->tcp, fd) < 0) {
		admission_refuse(fd, REFUSED_UNWATCHED);
		uv_close((uv_handle_t *)&c->tcp, free_unused);
		return;
	}
	completion_open(&loop->base, &c->base, fd);
}

static void stop_loop(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

/* Ends what is idle at once; the rest ends as core answers it, or when the time is up. */
static void start_draining(struct completion_loop *base)
{
	struct loop *loop = (struct loop *)base;

	acceptor_stop(&loop->acceptor);
	completion_drain(base);
	if (loop->base.deadlines.wheel.count)
		uv_timer_start(&loop->deadline, stop_loop, DRAIN_NS / NS_PER_MS, 0);
	else
		uv_stop(&loop->uv);
}

static const struct completion_methods methods = {.send = sending_start,
						  .receive = receive,
						  .close = close_connection,
						  .stop = start_draining,
						  .services = &libuv_services};

static struct loop_services services_with_pool; /* set before there is a loop */

static const struct completion_methods methods_with_pool = {.send = sending_start,
							    .receive = receive,
							    .close = close_connection,
							    .stop = start_draining,
							    .services = &services_with_pool};

static int start(struct loop *loop)
{
	int result;

	loop->uv.data = &loop->lent;
	loop->lent.uv = &loop->uv;
	loop->acceptor = (struct acceptor){.listener = loop->base.listener,
					   .services = &libuv_services,
					   .loop = &loop->lent,
					   .admit = admit};
	uv_timer_init(&loop->uv, &loop->deadline);
	uv_tcp_init(&loop->uv, &loop->unused);
	result = acceptor_start(&loop->acceptor);
	if (result == 0)
		result = completion_ready(&loop->base);
	return result;
}

static void drop_visited(struct deadline_place *place, void *context)
{
	(void)context;
	completion_drop(completion_at(place));
}

static void close_handle(uv_handle_t *handle, void *context)
{
	(void)context;
	if (!uv_is_closing(handle))
		uv_close(handle, handle->type == UV_POLL ? free_unused : NULL);
}

/* Handles are closed by a turn of the loop. False: threads that are at work still have it. */
static bool end(struct loop *loop)
{
	bool at_work;

	deadlines_each(&loop->base.deadlines.wheel, drop_visited, NULL);
	at_work = libuv_pool_end(&loop->lent);
	completion_end_tasks(&loop->base);
	if (loop->acceptor.listener)
		acceptor_stop(&loop->acceptor);
	libuv_services_close(&loop->lent);
	uv_walk(&loop->uv, close_handle, NULL);
	do
		uv_run(&loop->uv, at_work ? UV_RUN_NOWAIT : UV_RUN_DEFAULT);
	while (uv_loop_close(&loop->uv) == UV_EBUSY && !at_work);
	return !at_work;
}

static int live(const struct server_options *options, struct listener *listener,
		atomic_bool *draining)
{
	struct loop *loop = calloc(1, sizeof *loop);
	int result;

	if (!loop)
		return -ENOMEM;
	loop->input = malloc(listener->terms->input_bytes);
	result = completion_init(&loop->base, options->variant ? &methods_with_pool : &methods,
				 &loop->lent, listener, draining);
	if (!loop->input)
		result = -ENOMEM;
	if (result == 0)
		result = uv_loop_init(&loop->uv);
	if (result == 0) {
		result = start(loop);
		if (result == 0)
			uv_run(&loop->uv, UV_RUN_DEFAULT);
		if (!end(loop))
			return result;
	}
	completion_destroy(&loop->base);
	free(loop->input);
	free(loop);
	return result;
}

static void use_own_pool(struct server_options *options)
{
	options->offload = POOL_USUAL;
}

static const struct server_variant variants[] = {
	{.name = "own-pool",
	 .summary = "the same, and what would stop the loop is done by the library's own threads",
	 .leaves = MODEL_WORKERS,
	 .apply = use_own_pool},
	{0}};

static int prepare(const struct server_options *options, struct error *error)
{
	if (!options->variant || (options->offload > 0 && options->offload <= LIBUV_POOL_MOST))
		return 0;
	error_set(error, "--offload: the library's own pool has 1 to %d threads", LIBUV_POOL_MOST);
	return -EINVAL;
}

/* The library reads how many threads there are to be when it starts them, with the first job. */
static int run_with_pool(const struct server_options *options, struct listener *listener)
{
	struct server_options own = *options;
	char count[16];

	snprintf(count, sizeof count, "%u", options->offload);
	if (setenv("UV_THREADPOOL_SIZE", count, 1) < 0)
		return -errno;
	services_with_pool = libuv_services;
	services_with_pool.offload = libuv_pool_offload;
	own.offload = 0; /* of core's */
	return loop_group_run(&own, listener, live);
}

static int run(const struct server_options *options, struct listener *listener)
{
	/* Where its table of descriptors cannot grow, libuv would end the process. */
	uv_replace_allocator(malloc, patient_realloc, calloc, free);
	return options->variant ? run_with_pool(options, listener)
				: loop_group_run(options, listener, live);
}

static const char *describe_library(void)
{
	static char text[32];

	snprintf(text, sizeof text, "libuv %s", uv_version_string());
	return text;
}

const struct server_model server_model = {
	.name = "libuv",
	.family = "loops",
	.summary = "one thread, a library's loop calls back when something has completed",
	.takes = MODEL_WORKERS | MODEL_OFFLOAD | MODEL_ACCEPTS | MODEL_BUFFER,
	.describe_library = describe_library,
	.variants = variants,
	.prepare = prepare,
	.descriptor_tables = loop_group_tables,
	.run = run,
};
