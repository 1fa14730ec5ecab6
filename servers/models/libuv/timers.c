#include "servers/models/libuv/timers.h"

#include "lib/clock.h"

#include <errno.h>
#include <stdlib.h>

/* Kept for the next waits: enough for what waits at the same time in most loops. */
enum { SPARE_MOST = 1024 };

/*
 * Not in loop_timer: libuv lets go of a handle only a turn after it has been closed, and core's storage
 * is free when its timer has stopped. A handle that has only been stopped may be started again.
 */
struct timer_handle {
	uv_timer_t uv;
	struct loop_timer *timer;
	struct timer_handle *next; /* of those that are spare */
};

static void free_handle(uv_handle_t *handle)
{
	free(handle->data);
}

static void give_back(struct libuv_timers *timers, struct timer_handle *handle)
{
	if (timers->spare_count == SPARE_MOST) {
		uv_close((uv_handle_t *)&handle->uv, free_handle);
		return;
	}
	uv_timer_stop(&handle->uv);
	handle->next = timers->spare;
	timers->spare = handle;
	timers->spare_count++;
}

static struct timer_handle *take(struct libuv_timers *timers)
{
	struct timer_handle *handle = timers->spare;

	if (handle) {
		timers->spare = handle->next;
		timers->spare_count--;
		return handle;
	}
	handle = malloc(sizeof *handle);
	if (handle) {
		uv_timer_init(timers->uv, &handle->uv);
		handle->uv.data = handle;
	}
	return handle;
}

static void expired(uv_timer_t *uv)
{
	struct timer_handle *handle = uv->data;
	struct loop_timer *timer = handle->timer;

	give_back(uv->loop->data, handle);
	timer->fire(timer);
}

/* libuv counts whole milliseconds of a cached clock: refresh it, and round up, to be never early. */
static uint64_t timeout_ms(uv_loop_t *uv, uint64_t due_ns)
{
	uint64_t now_ns;

	uv_update_time(uv);
	now_ns = uv_now(uv) * NS_PER_MS;
	return due_ns > now_ns ? (due_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS : 0;
}

static int start_timer(void *context, struct loop_timer *timer)
{
	struct libuv_timers *timers = context;
	struct timer_handle *handle = take(timers);

	if (!handle)
		return -ENOMEM;
	handle->timer = timer;
	timer->handle = handle;
	return uv_timer_start(&handle->uv, expired, timeout_ms(timers->uv, timer->due_ns), 0);
}

static void stop_timer(void *context, struct loop_timer *timer)
{
	give_back(context, timer->handle);
}

const struct loop_services libuv_timers_services = {.timer_start = start_timer,
						    .timer_stop = stop_timer};

void libuv_timers_close(struct libuv_timers *timers)
{
	while (timers->spare)
		uv_close((uv_handle_t *)&take(timers)->uv, free_handle);
}
