/*
 * libuv: one thread, one loop, and callbacks for everything that completes.
 *
 * Below it is the same epoll as in epoll.c, but the program never asks whether a socket is ready:
 * it starts a read, a write or a timer, and libuv calls back when that has happened. A write is a
 * request of its own that must stay in place until it has completed, so the answer's bytes belong
 * to the exchange and not to the loop. What the socket takes at once is written without such a
 * request, as Node.js does: uv_write would report it in a second turn of the loop, with an
 * epoll_ctl on the way. One buffer for reading serves the loop, since libuv asks for it only when
 * it is about to read.
 *
 * What a connection costs: a uv_tcp_t (some 250 bytes) and the record around it.
 * What the convenience costs, compare with epoll.c: a call through a pointer for every event, and
 * timers of whole milliseconds.
 *
 * Known from: Node.js, Julia, Neovim. See docs.libuv.org.
 *
 * Try: server-libuv --listen 127.0.0.1:8080
 */
#include "lib/clock.h"
#include "servers/core/http/bounds.h"
#include "servers/core/loops/completion.h"
#include "servers/core/loops/patient_realloc.h"
#include "servers/core/server/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

struct loop {
	struct completion_loop base;
	uv_loop_t uv;
	uv_tcp_t listener;
	uv_poll_t stop, time; /* the signal; and when a connection's time is up */
	uv_timer_t deadline;  /* of draining */
	atomic_bool draining;
	uv_tcp_t refused; /* one for which there was no memory */
	bool refusing, refuse_again;
	char input[HTTP_INPUT_BYTES];
};

struct connection {
	struct completion_connection base;
	uv_tcp_t tcp;
};

/* One write under way. */
struct transmission {
	uv_write_t request;
	size_t length;
};

/* A timer lent to core. It outlives loop_timer by the turn that libuv takes to close it. */
struct timer_handle {
	uv_timer_t uv;
	struct loop_timer *timer;
};

static struct loop *loop_of(const uv_loop_t *uv)
{
	return (struct loop *)((char *)(uintptr_t)uv - offsetof(struct loop, uv));
}

static void free_timer(uv_handle_t *handle)
{
	free(handle->data);
}

static void stop_timer(void *loop, struct loop_timer *timer)
{
	struct timer_handle *handle = timer->handle;

	(void)loop;
	uv_close((uv_handle_t *)&handle->uv, free_timer);
}

static void timer_expired(uv_timer_t *uv)
{
	struct timer_handle *handle = uv->data;
	struct loop_timer *timer = handle->timer;

	uv_close((uv_handle_t *)uv, free_timer);
	timer->fire(timer);
}

/* libuv counts whole milliseconds of a cached clock: refresh it, and round up, to be never early. */
static uint64_t timeout_ms(struct loop *loop, uint64_t due_ns)
{
	uint64_t now_ns;

	uv_update_time(&loop->uv);
	now_ns = uv_now(&loop->uv) * NS_PER_MS;
	return due_ns > now_ns ? (due_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS : 0;
}

static int start_timer(void *context, struct loop_timer *timer)
{
	struct loop *loop = context;
	struct timer_handle *handle = malloc(sizeof *handle);

	if (!handle)
		return -ENOMEM;
	uv_timer_init(&loop->uv, &handle->uv);
	handle->uv.data = handle;
	handle->timer = timer;
	timer->handle = handle;
	return uv_timer_start(&handle->uv, timer_expired, timeout_ms(loop, timer->due_ns), 0);
}

static const struct loop_services services = {start_timer, stop_timer};

static void connection_closed(uv_handle_t *handle)
{
	struct connection *c = handle->data;
	struct loop *loop = loop_of(handle->loop);

	http_destroy(&c->base.http); /* not before: a write under way still shows its output */
	free(c);
	if (!loop->base.deadlines.wheel.count && atomic_load(&loop->draining))
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
	*buffer = uv_buf_init(loop->input, sizeof loop->input);
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

static void written(uv_write_t *request, int status)
{
	struct connection *c = request->handle->data;
	struct transmission *transmission = request->data;
	ssize_t length = (ssize_t)transmission->length;

	free(transmission);
	completion_sent(&c->base, status < 0 ? status : length);
}

/* What core has to send, as libuv takes it; returns the number of buffers. */
static unsigned collect_output(struct connection *c, uv_buf_t *buffers, size_t *length)
{
	struct iovec pieces[HTTP_PIECES];
	int count = http_output(&c->base.http, pieces, HTTP_PIECES);

	*length = 0;
	for (int i = 0; i < count; i++) {
		buffers[i] = uv_buf_init(pieces[i].iov_base, (unsigned)pieces[i].iov_len);
		*length += pieces[i].iov_len;
	}
	return (unsigned)count;
}

static int start_write(struct connection *c)
{
	struct transmission *transmission = malloc(sizeof *transmission);
	uv_buf_t buffers[HTTP_PIECES];
	unsigned count;

	if (!transmission)
		return -ENOMEM;
	count = collect_output(c, buffers, &transmission->length);
	transmission->request.data = transmission;
	c->base.sending = true;
	return uv_write(&transmission->request, (uv_stream_t *)&c->tcp, buffers, count, written);
}

/* Sends what the socket takes at once, and starts a write of the rest. */
static int send_output(struct completion_connection *base)
{
	struct connection *c = (struct connection *)base;
	uv_buf_t buffers[HTTP_PIECES];
	size_t length;
	unsigned count = collect_output(c, buffers, &length);
	int sent = uv_try_write((uv_stream_t *)&c->tcp, buffers, count);

	if (sent < 0 && sent != UV_EAGAIN)
		return sent;
	if (sent > 0)
		http_written(&base->http, (size_t)sent);
	return sent == (int)length ? 0 : start_write(c);
}

static const struct completion_methods methods = {
	.send = send_output, .receive = receive, .close = close_connection, .services = &services};

static void time_came(uv_poll_t *time, int status, int events)
{
	(void)status, (void)events;
	deadlines_look(&loop_of(time->loop)->base.deadlines.wheel);
}

static void free_unused(uv_handle_t *handle)
{
	free(handle->data);
}

/* False: it is to be closed, and has been counted. */
static bool accept_into(uv_tcp_t *tcp, uv_stream_t *listener, uv_os_fd_t *fd)
{
	struct loop *loop = loop_of(listener->loop);
	uint64_t most = loop->base.listener->terms->max_connections;

	if (uv_accept(listener, (uv_stream_t *)tcp) < 0 || uv_fileno((uv_handle_t *)tcp, fd) < 0) {
		counters_add(ACCEPT_ABORTED);
		return false;
	}
	counters_add(COUNTER_ACCEPTED);
	if (!admission_is_full(most))
		return true;
	admission_say_no(*fd, REFUSED_LIMIT);
	return false;
}

static void refuse_waiting(struct loop *loop);

static void refusal_closed(uv_handle_t *handle)
{
	struct loop *loop = loop_of(handle->loop);

	loop->refusing = false;
	if (loop->refuse_again && !uv_is_closing((uv_handle_t *)&loop->listener))
		refuse_waiting(loop);
}

/*
 * There is no memory for it. libuv has accepted it already, and does not look at the listener until
 * somebody takes it: into a handle of the loop's, one at a time.
 */
static void refuse_waiting(struct loop *loop)
{
	uv_os_fd_t fd;

	loop->refuse_again = loop->refusing;
	if (loop->refusing)
		return;
	loop->refusing = true;
	uv_tcp_init(&loop->uv, &loop->refused);
	counters_add(COUNTER_ACCEPTED);
	if (uv_accept((uv_stream_t *)&loop->listener, (uv_stream_t *)&loop->refused) == 0 &&
	    uv_fileno((uv_handle_t *)&loop->refused, &fd) == 0)
		admission_say_no(fd, REFUSED_MEMORY);
	uv_close((uv_handle_t *)&loop->refused, refusal_closed);
}

static void connection_waits(uv_stream_t *listener, int status)
{
	struct loop *loop = loop_of(listener->loop);
	struct connection *c = status < 0 ? NULL : calloc(1, sizeof *c);
	uv_os_fd_t fd;

	if (status < 0) /* a shortage; libuv itself gets the waiting connections out of the way */
		counters_add(ACCEPT_SHORTAGE);
	else if (!c)
		refuse_waiting(loop);
	if (!c)
		return;
	uv_tcp_init(&loop->uv, &c->tcp);
	c->tcp.data = c;
	if (!accept_into(&c->tcp, listener, &fd)) {
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
static void start_draining(uv_poll_t *stop, int status, int events)
{
	struct loop *loop = loop_of(stop->loop);

	(void)status, (void)events;
	uv_close((uv_handle_t *)stop, NULL);
	uv_close((uv_handle_t *)&loop->listener, NULL);
	completion_drain(&loop->base);
	if (loop->base.deadlines.wheel.count)
		uv_timer_start(&loop->deadline, stop_loop, DRAIN_NS / NS_PER_MS, 0);
	else
		uv_stop(&loop->uv);
}

static int start(struct loop *loop)
{
	int result;

	uv_tcp_init(&loop->uv, &loop->listener);
	uv_timer_init(&loop->uv, &loop->deadline);
	result = uv_poll_init(&loop->uv, &loop->stop, loop->base.listener->stop_fd);
	if (result == 0)
		result = uv_poll_start(&loop->stop, UV_READABLE, start_draining);
	if (result == 0)
		result = uv_poll_init(&loop->uv, &loop->time, loop->base.deadlines.wheel.fd);
	if (result == 0)
		result = uv_poll_start(&loop->time, UV_READABLE, time_came);
	if (result == 0)
		result = uv_tcp_open(&loop->listener, loop->base.listener->fd);
	if (result == 0) {
		loop->base.listener->fd = -1; /* the handle's now */
		result = uv_listen((uv_stream_t *)&loop->listener, loop->base.listener->backlog,
				   connection_waits);
	}
	if (result == 0)
		result = listener_ready(loop->base.listener);
	return result;
}

static void close_handle(uv_handle_t *handle, void *context)
{
	struct loop *loop = context;

	if (uv_is_closing(handle))
		return;
	if (handle == (uv_handle_t *)&loop->listener || handle == (uv_handle_t *)&loop->stop ||
	    handle == (uv_handle_t *)&loop->time || handle == (uv_handle_t *)&loop->deadline)
		uv_close(handle, NULL);
	else if (handle->type == UV_TCP)
		completion_drop(
			handle->data); /* and with it the timer of its task, if it has one */
}

static int run(const struct server_options *options, struct listener *listener)
{
	struct loop *loop = calloc(1, sizeof *loop);
	int result;

	(void)options;
	if (!loop)
		return -ENOMEM;
	/* Where its table of descriptors cannot grow, libuv would end the process. */
	uv_replace_allocator(malloc, patient_realloc, calloc, free);
	result = completion_init(&loop->base, &methods, loop, listener, &loop->draining);
	if (result == 0)
		result = uv_loop_init(&loop->uv);
	if (result == 0) {
		result = start(loop);
		if (result == 0)
			uv_run(&loop->uv, UV_RUN_DEFAULT);
		uv_walk(&loop->uv, close_handle, loop);
		do
			uv_run(&loop->uv, UV_RUN_DEFAULT);
		while (uv_loop_close(&loop->uv) == UV_EBUSY);
	}
	completion_destroy(&loop->base);
	free(loop);
	return result;
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
	.describe_library = describe_library,
	.run = run,
};
