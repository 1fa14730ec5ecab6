/* Sending and closing as every model with plain sockets does it. */
#ifndef TENK_SOCKET_IO_H
#define TENK_SOCKET_IO_H

#include "servers/core/http/http.h"

/*
 * Sends what http_output shows with one system call and tells core; never waits, whatever the socket
 * does otherwise. Returns the bytes sent, -EAGAIN if the socket takes no more now (what was lent is
 * saved), or another -errno.
 */
ssize_t socket_send(int fd, struct http *http);

/* Makes close reset the connection: what has not been sent is thrown away. */
void socket_reset_on_close(int fd);

/* recv that repeats when a signal interrupts. Bytes, 0 at the end of input, or -errno. */
ssize_t socket_receive(int fd, void *buffer, size_t size);

/* The same, with recv's flags. */
ssize_t socket_receive_so(int fd, void *buffer, size_t size, int flags);

#endif
