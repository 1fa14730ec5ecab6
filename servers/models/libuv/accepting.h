/*
 * Accepting beside libuv's own way.
 *
 * uv_listen accepts by itself, and where descriptors are short it closes whoever waits, unasked. So the
 * listener is but watched (uv_poll_t), and those who wait are accepted as in the other loops, which
 * look away from the listener until descriptors may be back. It takes an ioctl more for each (uv_tcp_open).
 */
#ifndef TENK_LIBUV_ACCEPTING_H
#define TENK_LIBUV_ACCEPTING_H

#include "servers/core/server/listener.h"

#include <uv.h>

struct accepting {
	uv_poll_t readable; /* the listener is */
	uv_timer_t again;   /* after a shortage */
	struct listener *listener;
	void (*admit)(struct accepting *accepting, int fd); /* one that was let in */
};

/* The last two are filled in. 0 or -errno. */
int accepting_start(struct accepting *accepting, uv_loop_t *uv);

/* Closes the listener, and its handles if they were opened. */
void accepting_stop(struct accepting *accepting);

#endif
