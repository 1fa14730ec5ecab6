/*
 * Sending what core shows: quietly, or patiently.
 *
 * MSG_WAITALL lets the kernel go on until all is sent. With MSG_DONTWAIT beside it, it does not go
 * on but fails, so that the send has ended, this way or that, when its submission has; then only its
 * failure is told.
 */
#ifndef TENK_IO_URING_TRANSMISSION_H
#define TENK_IO_URING_TRANSMISSION_H

#include "servers/core/http/http.h"
#include "servers/models/io_uring/ring.h"

#include <stdbool.h>
#include <sys/socket.h>

/* Where pieces stand until they are submitted: one for each place in the ring. */
struct transmission {
	struct msghdr message;
	struct iovec pieces[HTTP_PIECES];
};

/*
 * Quietly what is short and in one piece, unless the socket is known to be full. Returns the number
 * of bytes, and how in *quiet.
 */
unsigned transmission_prepare(struct transmission *transmission, struct io_uring_sqe *sqe, int fd,
			      struct http *http, bool full, bool *quiet);

#endif
