/*
 * uv-timers: does a timer of libuv ever fire sooner than its delay, and how late when the loop is busy?
 *
 * The loop keeps time in whole milliseconds, and looks at the clock once a turn. So there are two ways to be early.
 * A timer of 1 ms that is started at 10.9 is due at 11 by the loop's clock, a tenth of a millisecond later; that
 * is what a thousand timers at all fractions of a millisecond show, though the clock is fresh (uv_update_time)
 * for each. And if the clock is stale, since the loop's callback has worked for 10 ms before it started the timer,
 * the timer counts from a time that is 10 ms ago: one of 1 ms is due at once (libuv's issue 1068). A loop that sleeps for
 * its timer sleeps for the whole delay anew, which hides both; so this loop does not sleep while it starts timers.
 *
 * Last, a timer of 1,000 ms is started, and the loop kept busy for 1,300 ms: nobody fires a timer but the loop.
 *
 * Try: build/release/observe-uv-timers
 * Compare with: node-timers.js, which looks at the clock for each timer, and keeps a list of its own.
 */
#include "servers/observed/shared/observed.h"

#include <math.h>
#include <uv.h>

enum { TIMERS = 1000, STALE_TIMERS = 20 };
#define BETWEEN_NS (37 * NS_PER_US) /* no whole part of a millisecond */
#define STALE_NS   (10 * NS_PER_MS)
#define BUSY_NS	   (1300 * NS_PER_MS)

struct timer {
	uv_timer_t handle;
	uint64_t called_ns, waited_ns;
};

/* A number of timers of one delay, of which each turn of the loop starts one. */
struct crowd {
	struct timer timers[TIMERS];
	size_t count, started;
	uint64_t delay_ms, work_ns;
	bool is_fresh;
};

static void on_timer(uv_timer_t *handle)
{
	struct timer *timer = handle->data;

	timer->waited_ns = clock_now_ns() - timer->called_ns;
}

static void start(uv_loop_t *loop, struct timer *timer, uint64_t delay_ms)
{
	uv_timer_init(loop, &timer->handle);
	timer->handle.data = timer;
	timer->called_ns = clock_now_ns();
	uv_timer_start(&timer->handle, on_timer, delay_ms, 0);
}

static void on_turn(uv_idle_t *handle)
{
	struct crowd *crowd = handle->data;

	busy_for_ns(crowd->work_ns);
	if (crowd->is_fresh)
		uv_update_time(handle->loop);
	start(handle->loop, &crowd->timers[crowd->started++], crowd->delay_ms);
	if (crowd->started == crowd->count)
		uv_idle_stop(handle);
}

/* The shortest wait of all, over the delay; adds to *on_time who did not fire too soon. */
static double earliest(uint64_t delay_ms, bool is_fresh, size_t *on_time)
{
	static struct crowd crowd;
	double shortest = INFINITY;
	uv_loop_t loop;
	uv_idle_t turn;

	crowd = (struct crowd){.count = is_fresh ? TIMERS : STALE_TIMERS,
			       .delay_ms = delay_ms,
			       .work_ns = is_fresh ? BETWEEN_NS : STALE_NS,
			       .is_fresh = is_fresh};
	uv_loop_init(&loop);
	uv_idle_init(&loop, &turn);
	turn.data = &crowd;
	uv_idle_start(&turn, on_turn);
	uv_run(&loop, UV_RUN_DEFAULT);
	for (size_t i = 0; i < crowd.count; i++) {
		double share = (double)crowd.timers[i].waited_ns / (double)(delay_ms * NS_PER_MS);

		*on_time += share >= 1;
		shortest = share < shortest ? share : shortest;
	}
	return shortest;
}

static double wait_while_busy(void)
{
	struct timer timer;
	uv_loop_t loop;

	uv_loop_init(&loop);
	start(&loop, &timer, 1000);
	busy_for_ns(BUSY_NS);
	uv_run(&loop, UV_RUN_DEFAULT);
	return (double)timer.waited_ns;
}

int main(void)
{
	size_t on_time = 0, ignored = 0;
	double short_ratio = earliest(1, true, &on_time);
	double long_ratio = earliest(1000, true, &on_time);

	return observation_tell(
		json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}", "earliest_1ms_ratio", short_ratio,
			  "earliest_1000ms_ratio", long_ratio, "timers_on_time_ratio",
			  (double)on_time / (2 * TIMERS), "earliest_stale_1ms_ratio",
			  earliest(1, false, &ignored), "earliest_stale_1000ms_ratio",
			  earliest(1000, false, &ignored), "timer_busy_ns", wait_while_busy()),
		NULL, json_pack("{s:s}", "libuv", uv_version_string()));
}
