#include "servers/models/io_uring/sending.h"

#include "servers/core/http/bounds.h"

/* An answer up to here is sent quietly: the socket nearly always takes it at once. */
enum { QUIET_MOST_BYTES = HTTP_BATCH_BYTES };

/* Sets send_bytes and quiet. */
static void prepare(struct connection *c, struct transmission *t, struct io_uring_sqe *sqe)
{
	int count = http_output(&c->base.http, t->pieces, HTTP_PIECES);

	c->send_bytes = 0;
	for (int i = 0; i < count; i++)
		c->send_bytes += (unsigned)t->pieces[i].iov_len;
	c->base.quiet = count == 1 && !c->blocked && c->send_bytes <= QUIET_MOST_BYTES &&
			!loop_of(c)->ring.polled;
	if (c->base.quiet) {
		io_uring_prep_send(sqe, c->base.fd, t->pieces->iov_base, t->pieces->iov_len,
				   MSG_NOSIGNAL | MSG_WAITALL | MSG_DONTWAIT);
		sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
	} else if (count == 1) {
		io_uring_prep_send(sqe, c->base.fd, t->pieces->iov_base, t->pieces->iov_len,
				   MSG_NOSIGNAL | MSG_WAITALL);
	} else {
		t->message = (struct msghdr){.msg_iov = t->pieces, .msg_iovlen = (size_t)count};
		io_uring_prep_sendmsg(sqe, c->base.fd, &t->message, MSG_NOSIGNAL | MSG_WAITALL);
	}
}

int sending_start(struct completion_connection *base)
{
	struct connection *c = (struct connection *)base;
	struct loop *loop = loop_of(c);
	struct io_uring_sqe *sqe = ring_next_submission(&loop->ring);

	prepare(c, &loop->transmissions[ring_place(&loop->ring, sqe)], sqe);
	mark(sqe, c, SEND);
	base->sending = true;
	if (base->quiet)
		LIST_INSERT_HEAD(&loop->quiet, c, quiets);
	return 0;
}

/* Its fate is known: no completion will come, or it has come. */
static void unlist(struct connection *c)
{
	if (c->base.quiet)
		LIST_REMOVE(c, quiets);
	c->base.quiet = false;
}

void sending_ended(struct connection *c, int result)
{
	bool was_closing = c->base.closing;

	unlist(c);
	c->blocked = result < (int)c->send_bytes;
	completion_sent(&c->base, result);
	if (was_closing)
		connection_release(c);
}

void sending_abandon(struct connection *c)
{
	if (c->base.quiet)
		loop_of(c)->pressing = true;
	else if (c->base.sending)
		cancel(c, SEND);
}

void sending_see_to_settling(struct loop *loop)
{
	static const struct __kernel_timespec soon = {.tv_nsec = TICK_NS};

	if (LIST_EMPTY(&loop->quiet) || loop->settling)
		return;
	ring_start_timeout(&loop->ring, &soon, SETTLE);
	loop->settling = true;
}

/*
 * Those that failed have a completion, which is found here and handled in its turn; the others have
 * been sent.
 */
void sending_settle(struct loop *loop)
{
	struct io_uring *uring = &loop->ring.uring;
	struct io_uring_cqe *cqe;
	struct connection *c, *next;
	unsigned head;

	if (io_uring_sq_ready(uring) || io_uring_cq_has_overflow(uring))
		return;
	loop->pressing = false;
	if (LIST_EMPTY(&loop->quiet))
		return;
	io_uring_for_each_cqe(uring, head, cqe)
	{
		if (operation_of(cqe) == SEND)
			unlist(connection_of(cqe));
	}
	for (c = LIST_FIRST(&loop->quiet); c; c = next) { /* what is sent now, is put in front */
		next = LIST_NEXT(c, quiets);
		sending_ended(c, (int)c->send_bytes);
	}
}
