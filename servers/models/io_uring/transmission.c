#include "servers/models/io_uring/transmission.h"

/* An answer up to here is sent quietly: the socket nearly always takes it at once. */
enum { QUIET_MOST_BYTES = 4096 };

unsigned transmission_prepare(struct transmission *t, struct io_uring_sqe *sqe, int fd,
			      struct http *http, bool full, bool *quiet)
{
	int count = http_output(http, t->pieces, HTTP_PIECES);
	unsigned bytes = 0;

	for (int i = 0; i < count; i++)
		bytes += (unsigned)t->pieces[i].iov_len;
	*quiet = count == 1 && !full && bytes <= QUIET_MOST_BYTES;
	if (*quiet) {
		io_uring_prep_send(sqe, fd, t->pieces->iov_base, t->pieces->iov_len,
				   MSG_NOSIGNAL | MSG_WAITALL | MSG_DONTWAIT);
		sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
	} else {
		t->message = (struct msghdr){.msg_iov = t->pieces, .msg_iovlen = (size_t)count};
		io_uring_prep_sendmsg(sqe, fd, &t->message, MSG_NOSIGNAL | MSG_WAITALL);
	}
	return bytes;
}
