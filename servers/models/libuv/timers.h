/*
 * libuv's timers as core borrows them.
 */
#ifndef TENK_LIBUV_TIMERS_H
#define TENK_LIBUV_TIMERS_H

#include "servers/core/tasks/loop_services.h"

#include <uv.h>

struct timer_handle;

/* A loop's; zeroed but for `uv`. libuv_timers_services take it as their loop. */
struct libuv_timers {
	uv_loop_t *uv;
	struct timer_handle *spare; /* stopped, and used again */
	unsigned spare_count;
};

extern const struct loop_services libuv_timers_services;

/* Closes those that are spare. When the loop ends, before its last run; no other is running then. */
void libuv_timers_close(struct libuv_timers *timers);

#endif
