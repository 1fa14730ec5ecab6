/*
 * uv-ready: a timer is due and a pipe can be read. Which of the two does libuv's loop serve first?
 *
 * "Timers come first" is said of a loop that is drawn as a list. But it is a circle, and what comes first is what
 * comes next: it depends on where in the circle the loop was when both became ready. So both are made ready by
 * callbacks of four phases, of a timer, of I/O, of check and of prepare: each writes to the pipe and starts a timer
 * of 1 ms, and stays busy until that is due. In half of the repeats the pipe is ready first, in half the timer,
 * which makes no difference to a loop that looks only when the callback is over.
 *
 * libuv 1.45 moved its timers from the beginning of a turn to its end, so the version is told with the result.
 *
 * Try: build/release/observe-uv-ready
 * Compare with: node-ready.js
 */
#include "servers/observed/shared/observed.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <uv.h>

enum { REPEATS = 250 }; /* of each phase */
#define DUE_NS (5 * NS_PER_MS / 2)

enum phase { AFTER_TIMERS, AFTER_POLL, AFTER_CHECK, AFTER_PREPARE, PHASES };
static const char *const phase_metrics[] = {
	[AFTER_TIMERS] = "timer_first_after_timers_ratio",
	[AFTER_POLL] = "timer_first_after_poll_ratio",
	[AFTER_CHECK] = "timer_first_after_check_ratio",
	[AFTER_PREPARE] = "timer_first_after_prepare_ratio",
};

/* An eventfd is a pipe of one number: it can be read as soon as it was written to. */
struct pipe {
	uv_poll_t handle;
	int fd;
};

static struct {
	uv_loop_t loop;
	uv_idle_t idle; /* so that the loop never sleeps */
	uv_prepare_t prepare;
	uv_check_t check;
	uv_timer_t timer, start_timer;
	struct pipe pipe, start_pipe;
	enum phase phase; /* from which both are made ready this time */
	size_t repeat, seen;
	const char *events[2];
	size_t timer_first[PHASES];
	bool is_ready;
	json_t *orders;
} state;

static void ring(struct pipe *pipe)
{
	if (eventfd_write(pipe->fd, 1) < 0)
		observation_fail("eventfd_write", errno);
}

static void note(const char *event)
{
	state.events[state.seen++] = event;
	if (state.seen < 2)
		return;
	orders_add(state.orders, state.events, 2);
	state.timer_first[state.phase] += strcmp(state.events[0], "timer") == 0;
	state.seen = 0;
	state.is_ready = false;
	if (++state.repeat < REPEATS)
		return;
	state.repeat = 0;
	if (++state.phase == PHASES)
		uv_stop(&state.loop);
}

static void on_timer(uv_timer_t *handle)
{
	(void)handle;
	note("timer");
}

/* Called in every callback: makes both ready if this is the phase for it. */
static void make_ready(enum phase phase)
{
	bool pipe_first = state.repeat % 2;

	if (state.phase != phase || state.is_ready)
		return;
	state.is_ready = true;
	if (pipe_first)
		ring(&state.pipe);
	uv_update_time(&state.loop);
	uv_timer_start(&state.timer, on_timer, 1, 0);
	busy_for_ns(DUE_NS);
	if (!pipe_first)
		ring(&state.pipe);
}

static void on_pipe(uv_poll_t *handle, int status, int events)
{
	struct pipe *pipe = handle->data;
	eventfd_t value;

	(void)events;
	if (status < 0 || eventfd_read(pipe->fd, &value) < 0)
		observation_fail("eventfd_read", status < 0 ? -status : errno);
	if (pipe == &state.pipe)
		note("io");
	else
		make_ready(AFTER_POLL);
}

static void on_start_timer(uv_timer_t *handle)
{
	(void)handle;
	make_ready(AFTER_TIMERS);
}

static void on_prepare(uv_prepare_t *handle)
{
	(void)handle;
	make_ready(AFTER_PREPARE);
}

/* The phases that have no callback of their own are given one, for the next turn. */
static void on_check(uv_check_t *handle)
{
	make_ready(AFTER_CHECK);
	if (state.is_ready)
		return;
	if (state.phase == AFTER_TIMERS)
		uv_timer_start(&state.start_timer, on_start_timer, 0, 0);
	else if (state.phase == AFTER_POLL)
		ring(&state.start_pipe);
	(void)handle;
}

static void on_idle(uv_idle_t *handle)
{
	(void)handle;
}

static void open_pipe(struct pipe *pipe)
{
	pipe->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pipe->fd < 0 || uv_poll_init(&state.loop, &pipe->handle, pipe->fd) < 0)
		observation_fail("eventfd", errno);
	pipe->handle.data = pipe;
	uv_poll_start(&pipe->handle, UV_READABLE, on_pipe);
}

int main(void)
{
	json_t *metrics = json_object();
	size_t first = 0;

	state.orders = json_object();
	uv_loop_init(&state.loop);
	uv_idle_init(&state.loop, &state.idle);
	uv_prepare_init(&state.loop, &state.prepare);
	uv_check_init(&state.loop, &state.check);
	uv_timer_init(&state.loop, &state.timer);
	uv_timer_init(&state.loop, &state.start_timer);
	open_pipe(&state.pipe);
	open_pipe(&state.start_pipe);
	uv_idle_start(&state.idle, on_idle);
	uv_prepare_start(&state.prepare, on_prepare);
	uv_check_start(&state.check, on_check);
	uv_run(&state.loop, UV_RUN_DEFAULT);
	for (enum phase phase = 0; phase < PHASES; phase++) {
		first += state.timer_first[phase];
		json_object_set_new(metrics, phase_metrics[phase],
				    json_real((double)state.timer_first[phase] / REPEATS));
	}
	json_object_set_new(metrics, "timer_first_ratio",
			    json_real((double)first / (PHASES * REPEATS)));
	return observation_tell(metrics, state.orders,
				json_pack("{s:s}", "libuv", uv_version_string()));
}
