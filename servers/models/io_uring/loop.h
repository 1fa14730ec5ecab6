/*
 * The records of the model and of its parts, and what a completion says of whom it is about.
 */
#ifndef TENK_IO_URING_LOOP_H
#define TENK_IO_URING_LOOP_H

#include "servers/core/loops/completion.h"
#include "servers/core/loops/timers.h"
#include "servers/models/io_uring/accepting.h"
#include "servers/models/io_uring/records.h"
#include "servers/models/io_uring/ring.h"

#include <stdbool.h>
#include <sys/queue.h>
#include <sys/socket.h>

/* What a completion is about: the low bits of its user_data; the rest is the connection, or the watch. */
enum operation { RECEIVE = 1, SEND, ACCEPT, WATCH, SETTLE, OPERATION_MASK = 7 };

struct connection {
	struct completion_connection base;
	bool cancelling : 1; /* the multishot receive that is armed is to end */
	bool blocked : 1;    /* the socket took less than it was given */
	unsigned send_bytes;
	LIST_ENTRY(connection) quiets;
};

LIST_HEAD(connection_list, connection);
_Static_assert(sizeof(struct connection) <= 256, "an idle connection is to cost 256 bytes at most");

/* Where pieces stand until they are submitted: one for each place in the ring. */
struct transmission {
	struct msghdr message;
	struct iovec pieces[HTTP_PIECES];
};

struct loop {
	struct completion_loop base;
	struct ring ring;
	struct records records; /* of connections */
	struct timers timers;
	struct accepting accepting;
	LIST_HEAD(poll_requests, poll_request) watches;
	bool stops;
	bool settling; /* a turn will come that finds the quiet sends ended */
	bool pressing; /* a quiet send has ended as soon as it is submitted, and more is to follow */
	struct connection_list quiet; /* those whose sends succeed silently */
	struct transmission transmissions[RING_SUBMISSIONS + 1];
};

static inline struct loop *loop_of(const struct connection *c)
{
	return (struct loop *)completion_loop_of(&c->base); /* first in it */
}

static inline void mark(struct io_uring_sqe *sqe, const struct connection *c,
			enum operation operation)
{
	io_uring_sqe_set_data64(sqe, (uintptr_t)c | operation);
}

static inline void cancel(const struct connection *c, enum operation operation)
{
	ring_cancel(&loop_of(c)->ring, (uintptr_t)c | operation);
}

static inline enum operation operation_of(const struct io_uring_cqe *cqe)
{
	return (enum operation)(cqe->user_data & OPERATION_MASK);
}

static inline struct connection *connection_of(const struct io_uring_cqe *cqe)
{
	return (struct connection *)(uintptr_t)(cqe->user_data & ~(uint64_t)OPERATION_MASK);
}

#endif
