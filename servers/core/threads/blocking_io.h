/* Waiting on a blocking socket, and sending there, with a deadline. */
#ifndef TENK_BLOCKING_IO_H
#define TENK_BLOCKING_IO_H

#include "servers/core/server/socket_io.h"

#include <errno.h>
#include <poll.h>

/* Waits for input, or for room (POLLIN, POLLOUT), until the deadline, a tick. False: it has come. */
bool blocking_await(int fd, short events, uint32_t due);

/*
 * Sends what the socket takes. Where it takes nothing, waits for the peer to read, as long as that has
 * time: a send that blocks would begin its time anew whenever some of it has gone. Bytes, -EAGAIN when the
 * time is up, or another -errno.
 */
static inline ssize_t blocking_transmit(int fd, struct http *http)
{
	ssize_t sent;

	do
		sent = socket_send(fd, http);
	while (sent == -EAGAIN && blocking_await(fd, POLLOUT, http_due(http)));
	return sent;
}

/* The same until all of a file is sent that core is about to send (http_sends_file). */
ssize_t blocking_transmit_file(int fd, struct http *http);

#endif
