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
#include "servers/core/http/http.h"
#include "servers/core/server/listener.h"
#include "servers/core/server/model.h"
#include "servers/core/loops/patient_realloc.h"
#include "servers/core/server/socket_io.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

struct loop {
	uv_loop_t uv;
	uv_tcp_t listener;
	uv_poll_t stop, time; /* the signal; and when a connection's time is up */
	uv_timer_t deadline;  /* of draining */
	struct listener *plain_listener;
	atomic_bool draining;
	struct http_pool pool;
	struct http_deadlines deadlines; /* with all connections */
	uv_tcp_t refused;		 /* one for which there was no memory */
	bool refusing, refuse_again;
	char input[HTTP_INPUT_BYTES];
};

struct connection {
	uv_tcp_t tcp;
	struct http http;
	bool reading, writing, shut;
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

static struct connection *connection_of(struct http *http)
{
	return (struct connection *)((char *)http - offsetof(struct connection, http));
}

static struct loop *loop_of(const struct connection *c)
{
	return (struct loop *)c->tcp.loop;
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
	struct loop *loop = loop_of(c);

	http_destroy(&c->http); /* not before: a write under way still shows its output */
	if (!loop->deadlines.wheel.count && atomic_load(&loop->draining))
		uv_stop(&loop->uv);
	free(c);
}

static void drop(struct connection *c)
{
	if (uv_is_closing((uv_handle_t *)&c->tcp))
		return;
	c->http.finished = true; /* nothing is waited for any more */
	if (c->http.exchange)
		task_cancel(http_task(&c->http));
	uv_close((uv_handle_t *)&c->tcp, connection_closed);
}

static void drive(struct connection *c);

static void lend_input(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct loop *loop = (struct loop *)handle->loop;

	(void)suggested;
	*buffer = uv_buf_init(loop->input, sizeof loop->input);
}

static void received(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct connection *c = stream->data;

	if (length == 0) /* nothing after all */
		return;
	if (length > 0) {
		http_feed(&c->http, buffer->base, (size_t)length);
	} else if (length == UV_EOF) {
		http_feed_end(&c->http);
	} else {
		drop(c);
		return;
	}
	drive(c);
}

/* Reads while core has use for input: 0 or a libuv error. */
static int adjust_reading(struct connection *c)
{
	bool wanted = http_wants_input(&c->http);

	if (wanted == c->reading)
		return 0;
	c->reading = wanted;
	if (wanted)
		return uv_read_start((uv_stream_t *)&c->tcp, lend_input, received);
	return uv_read_stop((uv_stream_t *)&c->tcp);
}

static void written(uv_write_t *request, int status)
{
	struct connection *c = request->handle->data;
	struct transmission *transmission = request->data;
	size_t length = transmission->length;

	free(transmission);
	c->writing = false;
	if (uv_is_closing((uv_handle_t *)&c->tcp))
		return;
	if (status < 0) {
		drop(c);
		return;
	}
	http_written(&c->http, length);
	drive(c);
}

/* What core has to send, as libuv takes it; returns the number of buffers. */
static unsigned collect_output(struct connection *c, uv_buf_t *buffers, size_t *length)
{
	struct iovec pieces[HTTP_PIECES];
	int count = http_output(&c->http, pieces, HTTP_PIECES);

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
		return UV_ENOMEM;
	count = collect_output(c, buffers, &transmission->length);
	transmission->request.data = transmission;
	c->writing = true;
	return uv_write(&transmission->request, (uv_stream_t *)&c->tcp, buffers, count, written);
}

/* Sends what the socket takes at once, and starts a write of the rest. */
static int send_output(struct connection *c)
{
	uv_buf_t buffers[HTTP_PIECES];
	size_t length;
	unsigned count = collect_output(c, buffers, &length);
	int sent = uv_try_write((uv_stream_t *)&c->tcp, buffers, count);

	if (sent < 0 && sent != UV_EAGAIN)
		return sent;
	if (sent > 0)
		http_written(&c->http, (size_t)sent);
	return sent == (int)length ? 0 : start_write(c);
}

static void task_ended(void *context)
{
	struct connection *c = context;

	http_task_done(&c->http);
	drive(c);
}

/* Half of a lingering close; core's deadline ends it if the peer does not. */
static int shut_sending_side(struct connection *c)
{
	uv_os_fd_t fd;
	int result = uv_fileno((uv_handle_t *)&c->tcp, &fd);

	if (c->shut || result < 0)
		return result;
	c->shut = true;
	/* Everything is written: uv_shutdown would have nothing to wait for. */
	shutdown(fd, SHUT_WR);
	return 0;
}

/* Starts what core asks for, one thing after another; what takes time calls back and drives on. */
static void drive(struct connection *c)
{
	enum http_step step = HTTP_CLOSE;
	int result = 0;

	if (uv_is_closing((uv_handle_t *)&c->tcp))
		return;
	while (result == 0 && !c->writing && (step = http_next(&c->http)) == HTTP_WRITE)
		result = send_output(c);
	if (result == 0 && !c->writing) {
		if (step == HTTP_LINGER)
			result = shut_sending_side(c);
		if (result == 0 && (step == HTTP_LINGER || step == HTTP_TASK)) /* or its deadline */
			result = task_start(http_task(&c->http), &services, loop_of(c), task_ended,
					    c);
		if (result == -ENOMEM)
			c->http.end = CLOSED_MEMORY;
		if (step == HTTP_CLOSE)
			result = UV_EOF;
	}
	if (result < 0 || adjust_reading(c) < 0)
		drop(c);
	else
		http_wait(&c->http);
}

/* One that is closing already stays without a deadline. */
static void expired(struct http *http, bool reset)
{
	struct connection *c = connection_of(http);
	uv_os_fd_t fd;

	if (reset && uv_fileno((uv_handle_t *)&c->tcp, &fd) == 0)
		socket_reset_on_close(fd);
	if (reset)
		drop(c);
	else
		drive(c);
}

static void time_came(uv_poll_t *time, int status, int events)
{
	(void)status, (void)events;
	deadlines_look(&((struct loop *)time->loop)->deadlines.wheel);
}

static void free_unused(uv_handle_t *handle)
{
	free(handle->data);
}

/* False: it is to be closed, and has been counted. */
static bool accept_into(uv_tcp_t *tcp, uv_stream_t *listener)
{
	const struct loop *loop = (struct loop *)listener->loop;
	uint64_t most = loop->plain_listener->terms->max_connections;
	uv_os_fd_t fd;

	if (uv_accept(listener, (uv_stream_t *)tcp) < 0 || uv_fileno((uv_handle_t *)tcp, &fd) < 0) {
		counters_add(ACCEPT_ABORTED);
		return false;
	}
	counters_add(COUNTER_ACCEPTED);
	if (!admission_is_full(most))
		return true;
	admission_say_no(fd, REFUSED_LIMIT);
	return false;
}

static void refuse_waiting(struct loop *loop);

static void refusal_closed(uv_handle_t *handle)
{
	struct loop *loop = (struct loop *)handle->loop;

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
	struct loop *loop = (struct loop *)listener->loop;
	struct connection *c = status < 0 ? NULL : calloc(1, sizeof *c);

	if (status < 0) /* a shortage; libuv itself gets the waiting connections out of the way */
		counters_add(ACCEPT_SHORTAGE);
	else if (!c)
		refuse_waiting(loop);
	if (!c)
		return;
	uv_tcp_init(&loop->uv, &c->tcp);
	c->tcp.data = c;
	if (!accept_into(&c->tcp, listener)) {
		uv_close((uv_handle_t *)&c->tcp, free_unused);
		return;
	}
	http_init(&c->http, &loop->pool);
	drive(c);
}

static void stop_loop(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

static void drive_visited(struct deadline_place *place, void *context)
{
	(void)context;
	drive(connection_of(http_at(place)));
}

/* Ends what is idle at once; the rest ends as core answers it, or when the time is up. */
static void start_draining(uv_poll_t *stop, int status, int events)
{
	struct loop *loop = (struct loop *)stop->loop;

	(void)status, (void)events;
	atomic_store(&loop->draining, true);
	uv_close((uv_handle_t *)stop, NULL);
	uv_close((uv_handle_t *)&loop->listener, NULL);
	deadlines_each(&loop->deadlines.wheel, drive_visited, NULL);
	if (loop->deadlines.wheel.count)
		uv_timer_start(&loop->deadline, stop_loop, DRAIN_NS / NS_PER_MS, 0);
	else
		uv_stop(&loop->uv);
}

static int start(struct loop *loop)
{
	int result;

	uv_tcp_init(&loop->uv, &loop->listener);
	uv_timer_init(&loop->uv, &loop->deadline);
	result = uv_poll_init(&loop->uv, &loop->stop, loop->plain_listener->stop_fd);
	if (result == 0)
		result = uv_poll_start(&loop->stop, UV_READABLE, start_draining);
	if (result == 0)
		result = uv_poll_init(&loop->uv, &loop->time, loop->deadlines.wheel.fd);
	if (result == 0)
		result = uv_poll_start(&loop->time, UV_READABLE, time_came);
	if (result == 0)
		result = uv_tcp_open(&loop->listener, loop->plain_listener->fd);
	if (result == 0) {
		loop->plain_listener->fd = -1; /* the handle's now */
		result = uv_listen((uv_stream_t *)&loop->listener, loop->plain_listener->backlog,
				   connection_waits);
	}
	if (result == 0)
		result = listener_ready(loop->plain_listener);
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
		drop(handle->data); /* and with it the timer of its task, if it has one */
}

static int run(const struct server_options *options, struct listener *listener)
{
	struct loop *loop = calloc(1, sizeof *loop);
	int result;

	(void)options;
	if (!loop)
		return -ENOMEM;
	loop->plain_listener = listener;
	http_pool_init(&loop->pool, NULL, 0, &loop->draining, NULL);
	/* Where its table of descriptors cannot grow, libuv would end the process. */
	uv_replace_allocator(malloc, patient_realloc, calloc, free);
	loop->pool.limits = &listener->terms->limits;
	loop->pool.deadlines = &loop->deadlines;
	result = http_deadlines_open(&loop->deadlines, expired);
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
	deadlines_close(&loop->deadlines.wheel);
	http_pool_destroy(&loop->pool);
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
