/*
 * Sending what core shows: what the socket takes at once, and a write of the rest, which completes.
 */
#ifndef TENK_LIBUV_SENDING_H
#define TENK_LIBUV_SENDING_H

#include "servers/core/loops/completion.h"

#include <uv.h>

struct connection {
	struct completion_connection base;
	uv_tcp_t tcp; /* its data is the connection */
};

/* The method of completion.h. */
int sending_start(struct completion_connection *connection);

#endif
