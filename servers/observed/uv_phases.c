/*
 * uv-phases: in which order does libuv's loop go through its phases?
 *
 * Within one callback everything is made ready that the loop knows: a timer is due, a callback is pending (that of a
 * connection which failed at once), an eventfd can be read (poll), a check is started, and a handle is closed. Then
 * the order is noted in which the five callbacks run. The loop is a circle, so the order is told as it is read from
 * the timers on, wherever in the circle the callback stood that made all ready: that of a timer, of poll, or of
 * check, a third of the repeats each.
 *
 * libuv runs what is pending a second time, behind poll, so that a write that poll's callbacks have begun is done with
 * before the turn ends; that is what the drawings of the loop leave out.
 *
 * Try: build/release/observe-uv-phases
 * Compare with: node-phases.js
 */
#include "servers/observed/shared/observed.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <uv.h>

enum { REPEATS = 333 }; /* of each phase to start from */
#define DUE_NS (5 * NS_PER_MS / 2)

enum { FROM_TIMERS, FROM_POLL, FROM_CHECK, STARTS };
enum { EVENTS = 5 };

static struct {
	uv_loop_t loop;
	uv_idle_t idle; /* so that the loop never sleeps */
	uv_timer_t timer;
	uv_pipe_t pending, closing;
	uv_connect_t connect;
	uv_poll_t poll;
	uv_check_t check;
	int fd;
	int from; /* the phase that makes all ready this time */
	size_t repeats, seen;
	bool is_ready;
	const char *events[EVENTS];
	json_t *orders;
} state;

static void begin(void);

/* From the timers on, round the circle. */
static void tell_order(void)
{
	const char *turned[EVENTS];
	size_t first = 0;

	while (strcmp(state.events[first], "timers") != 0)
		first++;
	for (size_t i = 0; i < EVENTS; i++)
		turned[i] = state.events[(first + i) % EVENTS];
	orders_add(state.orders, turned, EVENTS);
}

static void note(const char *event)
{
	state.events[state.seen++] = event;
	if (state.seen < EVENTS)
		return;
	tell_order();
	if (++state.repeats == REPEATS) {
		state.repeats = 0;
		state.from++;
	}
	if (state.from < STARTS)
		begin();
	else
		uv_stop(&state.loop);
}

static void on_timer(uv_timer_t *handle);
static void on_check(uv_check_t *handle);

static void on_close(uv_handle_t *handle)
{
	(void)handle;
	note("close");
}

static void on_connect(uv_connect_t *request, int status)
{
	(void)status;
	uv_close((uv_handle_t *)request->handle, NULL);
	note("pending");
}

static void make_ready(void)
{
	state.is_ready = true;
	uv_pipe_init(&state.loop, &state.pending, 0);
	uv_pipe_connect(&state.connect, &state.pending, "/nowhere/to/be/found", on_connect);
	uv_pipe_init(&state.loop, &state.closing, 0);
	uv_close((uv_handle_t *)&state.closing, on_close);
	uv_check_start(&state.check, on_check);
	uv_update_time(&state.loop);
	uv_timer_start(&state.timer, on_timer, 1, 0);
	if (eventfd_write(state.fd, 1) < 0)
		observation_fail("eventfd_write", errno);
	busy_for_ns(DUE_NS);
}

/* The callbacks of the three phases: each makes all ready, or is one of those that were. */
static void on_timer(uv_timer_t *handle)
{
	(void)handle;
	if (state.is_ready)
		note("timers");
	else
		make_ready();
}

static void on_check(uv_check_t *handle)
{
	uv_check_stop(handle);
	if (state.is_ready)
		note("check");
	else
		make_ready();
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
	eventfd_t value;

	(void)handle, (void)events;
	if (status < 0 || eventfd_read(state.fd, &value) < 0)
		observation_fail("eventfd_read", status < 0 ? -status : errno);
	if (state.is_ready)
		note("poll");
	else
		make_ready();
}

/* Has the loop come to the callback of the phase that is to make all ready. */
static void begin(void)
{
	state.is_ready = false;
	state.seen = 0;
	if (state.from == FROM_TIMERS)
		uv_timer_start(&state.timer, on_timer, 0, 0);
	else if (state.from == FROM_POLL)
		eventfd_write(state.fd, 1);
	else
		uv_check_start(&state.check, on_check);
}

static void on_idle(uv_idle_t *handle)
{
	(void)handle;
}

int main(void)
{
	state.orders = json_object();
	uv_loop_init(&state.loop);
	uv_timer_init(&state.loop, &state.timer);
	uv_check_init(&state.loop, &state.check);
	state.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (state.fd < 0 || uv_poll_init(&state.loop, &state.poll, state.fd) < 0)
		observation_fail("eventfd", errno);
	uv_poll_start(&state.poll, UV_READABLE, on_poll);
	uv_idle_init(&state.loop, &state.idle);
	uv_idle_start(&state.idle, on_idle);
	begin();
	uv_run(&state.loop, UV_RUN_DEFAULT);
	return observation_tell(json_object(), state.orders,
				json_pack("{s:s}", "libuv", uv_version_string()));
}
