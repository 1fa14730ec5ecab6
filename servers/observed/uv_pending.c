/*
 * uv-pending: how many callbacks can wait in libuv's loop at once, and what does each take?
 *
 * A million timers are started, and a million requests are put into the queue of the thread pool: two million callbacks
 * that are all pending before the loop runs for the first time. Each is counted when it runs. What they take is the
 * growth of resident memory over their number, of what libuv's user has to keep for each.
 *
 * Try: build/release/observe-uv-pending
 * Compare with: node-pending.js
 */
#include "servers/observed/shared/observed.h"

#include <errno.h>
#include <stdlib.h>
#include <uv.h>

enum { EACH = 1000000 };

static size_t ran;

static void on_timer(uv_timer_t *timer)
{
	(void)timer;
	ran++;
}

static void do_nothing(uv_work_t *work)
{
	(void)work;
}

static void on_worked(uv_work_t *work, int status)
{
	(void)work;
	ran += status == 0;
}

static double resident(void)
{
	size_t bytes = 0;

	uv_resident_set_memory(&bytes);
	return (double)bytes;
}

static void *allocate(size_t size)
{
	void *memory = calloc(EACH, size);

	if (!memory)
		observation_fail("calloc", errno);
	return memory;
}

static void start_timers(uv_loop_t *loop)
{
	uv_timer_t *timers = allocate(sizeof *timers);

	for (size_t i = 0; i < EACH; i++) {
		uv_timer_init(loop, &timers[i]);
		uv_timer_start(&timers[i], on_timer, 1, 0);
	}
}

static void start_waits(uv_loop_t *loop)
{
	uv_work_t *works = allocate(sizeof *works);

	for (size_t i = 0; i < EACH; i++)
		uv_queue_work(loop, &works[i], do_nothing, on_worked);
}

int main(void)
{
	uv_loop_t *loop = uv_default_loop();
	double before = resident(), with_timers, with_all;
	uint64_t begin_ns;
	size_t pending;

	start_timers(loop);
	with_timers = resident();
	start_waits(loop);
	with_all = resident();
	pending = 2 * EACH - ran; /* nobody but the loop runs a callback */
	begin_ns = clock_now_ns();
	uv_run(loop, UV_RUN_DEFAULT);
	return observation_tell(
		json_pack("{s:o, s:f, s:f, s:f}", "pending_count",
			  ran == 2 * EACH ? json_real((double)pending) : json_null(),
			  "pending_timer_bytes", (with_timers - before) / EACH,
			  "pending_wait_bytes", (with_all - with_timers) / EACH, "pending_fired_ns",
			  (double)(clock_now_ns() - begin_ns)),
		NULL, json_pack("{s:s}", "libuv", uv_version_string()));
}
