#include "servers/models/libuv/services.h"

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

static void give_back(struct libuv_lent *lent, struct timer_handle *handle)
{
	if (lent->spare_count == SPARE_MOST) {
		uv_close((uv_handle_t *)&handle->uv, free_handle);
		return;
	}
	uv_timer_stop(&handle->uv);
	handle->next = lent->spare;
	lent->spare = handle;
	lent->spare_count++;
}

static struct timer_handle *take(struct libuv_lent *lent)
{
	struct timer_handle *handle = lent->spare;

	if (handle) {
		lent->spare = handle->next;
		lent->spare_count--;
		return handle;
	}
	handle = malloc(sizeof *handle);
	if (handle) {
		uv_timer_init(lent->uv, &handle->uv);
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

/*
 * libuv counts whole milliseconds of a cached clock: refresh it, and round up, to be never early. What is due already
 * is so in the next turn, not in a millisecond.
 */
static uint64_t timeout_ms(uv_loop_t *uv, uint64_t due_ns)
{
	uint64_t now_ns;

	if (due_ns <= clock_now_ns())
		return 0;
	uv_update_time(uv);
	now_ns = uv_now(uv) * NS_PER_MS;
	return due_ns > now_ns ? (due_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS : 0;
}

static int start_timer(void *context, struct loop_timer *timer)
{
	struct libuv_lent *lent = context;
	struct timer_handle *handle = take(lent);

	if (!handle)
		return -ENOMEM;
	handle->timer = timer;
	timer->handle = handle;
	return uv_timer_start(&handle->uv, expired, timeout_ms(lent->uv, timer->due_ns), 0);
}

static void stop_timer(void *context, struct loop_timer *timer)
{
	give_back(context, timer->handle);
}

/* --- watches ------------------------------------------------------------------------------ */

/* As above: closed at once, let go of later. libuv itself forgets what it has learnt of one that stops. */
struct watch_handle {
	uv_poll_t uv;
	struct loop_watch *watch;
};

static int set_interest(struct watch_handle *handle, unsigned interest);

/* An error makes libuv stop the handle, but it is its owner who is to find out what is wrong. */
static void told(uv_poll_t *uv, int status, int events)
{
	struct watch_handle *handle = uv->data;
	struct loop_watch *watch = handle->watch;
	unsigned ready = ((events & UV_READABLE) ? LOOP_IN : 0u) |
			 ((events & UV_WRITABLE) ? LOOP_OUT : 0u);

	if (status < 0) {
		ready = watch->interest;
		set_interest(handle, ready);
	}
	watch->ready(watch, ready);
}

static int set_interest(struct watch_handle *handle, unsigned interest)
{
	int events = (interest & LOOP_IN ? UV_READABLE : 0) |
		     (interest & LOOP_OUT ? UV_WRITABLE : 0);

	return interest ? uv_poll_start(&handle->uv, events, told) : uv_poll_stop(&handle->uv);
}

static int start_watch(void *context, struct loop_watch *watch)
{
	struct libuv_lent *lent = context;
	struct watch_handle *handle = malloc(sizeof *handle);
	int result;

	if (!handle)
		return -ENOMEM;
	result = uv_poll_init(lent->uv, &handle->uv, watch->fd);
	if (result < 0) {
		free(handle);
		return result;
	}
	handle->uv.data = handle;
	handle->watch = watch;
	watch->handle = handle;
	return set_interest(handle, watch->interest); /* cannot fail for a handle of our own */
}

static int change_watch(void *context, struct loop_watch *watch, unsigned interest)
{
	(void)context;
	watch->interest = interest;
	return set_interest(watch->handle, interest);
}

static void stop_watch(void *context, struct loop_watch *watch)
{
	struct watch_handle *handle = watch->handle;

	(void)context;
	uv_close((uv_handle_t *)&handle->uv, free_handle);
}

const struct loop_services libuv_services = {
	.timer_start = start_timer,
	.timer_stop = stop_timer,
	.watch_start = start_watch,
	.watch_change = change_watch,
	.watch_stop = stop_watch,
};

void libuv_services_close(struct libuv_lent *lent)
{
	while (lent->spare)
		uv_close((uv_handle_t *)&take(lent)->uv, free_handle);
}
