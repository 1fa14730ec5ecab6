/*
 * io-uring: one thread that tells the kernel what to do, and is told what has been done.
 *
 * The two share two rings in memory. What is wanted (accept, receive, send, close) is written into
 * the first; what has been done is read from the second; one system call, io_uring_enter, hands
 * over everything that a turn has prepared and waits for what comes next. Accepting and receiving
 * are asked for once and answered many times ("multishot"). Received bytes are put by the kernel
 * into a buffer that it takes from a ring of them, so that an idle connection holds no buffer.
 * A short answer is sent when it is submitted, and only its failure is told: what is not complained
 * of has been sent. A longer one completes when the socket has taken all of it.
 *
 * What a connection costs: one record of 80 bytes here; in the kernel, beside the socket, the receive
 * that waits, about half a KiB more than epoll's entry. For all together 2 MiB of buffers, and 5 KiB
 * of output for each request of a turn, where epoll.c writes all from one buffer.
 *
 * Good at: system calls. A turn costs one, be there one request in it or a thousand; epoll.c needs
 * two per request and one per turn. Where calls are dear (mitigations, virtual machines) that is
 * something. Bad at: being allowed, since containers and some systems forbid io_uring for its
 * history of holes; large uploads, 4 KiB at a time. The work of the network itself costs the
 * same and is most of a request, so do not expect the rate to grow as the calls shrink. And memory
 * belongs to the kernel until the last completion has come: freeing is harder than anywhere else.
 *
 * Compare with epoll.c and with libuv.c (completions on top of readiness).
 * Known from: TigerBeetle, ScyllaDB's Seastar, Netty's io_uring transport. See io_uring(7).
 * Needs Linux 6.0; uses what 6.1 added. Try: server-io-uring --listen 127.0.0.1:8080
 */
#include "lib/clock.h"
#include "servers/core/http/http.h"
#include "servers/core/server/listener.h"
#include "servers/core/server/model.h"
#include "servers/models/io_uring/records.h"
#include "servers/models/io_uring/ring.h"
#include "servers/core/server/socket_io.h"
#include "servers/core/loops/timers.h"
#include "servers/models/io_uring/accepting.h"
#include "servers/models/io_uring/transmission.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a completion is about: the low bits of its user_data; the rest is the connection. */
enum operation { RECEIVE = 1, SEND, ACCEPT, STOP, TIME, SETTLE, OPERATION_MASK = 7 };

struct connection {
	struct http http;
	int fd;
	bool receiving, cancelling; /* a multishot receive is armed; and to be disarmed */
	bool sending, quiet;	    /* a send is under way; and tells of its failure only */
	bool blocked;		    /* the socket took less than it was given */
	bool shut;		    /* we will send no more: lingering */
	bool closing;		    /* freed when the kernel has told of all that is under way */
	unsigned send_bytes;
	LIST_ENTRY(connection) quiets;
};

LIST_HEAD(connection_list, connection);
_Static_assert(sizeof(struct connection) <= 256, "an idle connection is to cost 256 bytes at most");

struct loop {
	struct ring ring;
	struct listener *listener;
	atomic_bool draining;
	struct http_pool pool;
	struct records records; /* of connections */
	struct timers timers;
	struct accepting accepting;
	bool stop_told;
	bool settling; /* a turn will come that finds the quiet sends ended */
	bool pressing; /* a quiet send has ended as soon as it is submitted, and more is to follow */
	struct http_deadlines deadlines; /* with all connections */
	struct connection_list quiet;	 /* those whose sends succeed silently */
	struct transmission transmissions[RING_SUBMISSIONS + 1];
};

static struct loop *loop_of(const struct connection *c)
{
	return (struct loop *)((char *)c->http.pool - offsetof(struct loop, pool));
}

static void mark(struct io_uring_sqe *sqe, const struct connection *c, enum operation operation)
{
	io_uring_sqe_set_data64(sqe, (uintptr_t)c | operation);
}

static enum operation operation_of(const struct io_uring_cqe *cqe)
{
	return (enum operation)(cqe->user_data & OPERATION_MASK);
}

static struct connection *connection_of(const struct io_uring_cqe *cqe)
{
	return (struct connection *)(uintptr_t)(cqe->user_data & ~(uint64_t)OPERATION_MASK);
}

static void start_receiving(struct connection *c)
{
	struct io_uring_sqe *sqe = ring_next_submission(&loop_of(c)->ring);

	io_uring_prep_recv_multishot(sqe, c->fd, NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	mark(sqe, c, RECEIVE);
	c->receiving = true;
}

static void cancel(struct loop *loop, const struct connection *c, enum operation operation)
{
	ring_cancel(&loop->ring, (uintptr_t)c | operation);
}

/* Its fate is known: no completion will come, or it has come. */
static void unlist_quiet(struct connection *c)
{
	if (c->quiet)
		LIST_REMOVE(c, quiets);
	c->quiet = false;
}

static void start_send(struct connection *c)
{
	struct loop *loop = loop_of(c);
	struct io_uring_sqe *sqe = ring_next_submission(&loop->ring);
	struct transmission *t = &loop->transmissions[ring_place(&loop->ring, sqe)];

	c->sending = true;
	c->send_bytes = transmission_prepare(t, sqe, c->fd, &c->http, c->blocked, &c->quiet);
	if (c->quiet)
		LIST_INSERT_HEAD(&loop->quiet, c, quiets);
	mark(sqe, c, SEND);
}

/* Frees a connection that is closing, once the kernel has nothing of it any more. */
static void release(struct connection *c)
{
	if (!c->closing || c->receiving || c->sending)
		return;
	http_destroy(&c->http);
	records_give(&loop_of(c)->records, c);
}

/* Submissions are executed in order, so the descriptor is closed after all that came before. */
static void drop(struct connection *c)
{
	struct loop *loop = loop_of(c);

	if (c->closing)
		return;
	c->closing = true;
	c->http.finished = true; /* nothing is waited for any more */
	if (c->http.exchange)
		task_cancel(http_task(&c->http));
	if (c->receiving && !c->cancelling)
		cancel(loop, c, RECEIVE);
	if (c->quiet)
		loop->pressing = true;
	else if (c->sending)
		cancel(loop, c, SEND);
	ring_close_descriptor(&loop->ring, c->fd);
	release(c);
}

static void drive(struct connection *c);

static void task_ended(void *context)
{
	struct connection *c = context;

	http_task_done(&c->http);
	drive(c);
}

/* Asks for what core wants next. False: the connection has to go. */
static bool start_step(struct connection *c)
{
	switch (http_next(&c->http)) {
	case HTTP_READ:
		return true;
	case HTTP_WRITE:
		start_send(c);
		return true;
	case HTTP_LINGER:
		if (!c->shut)
			shutdown(c->fd, SHUT_WR);
		c->shut = true;
		__attribute__((fallthrough)); /* the deadline is a task */
	case HTTP_TASK:
		if (task_start(http_task(&c->http), &timers_services, &loop_of(c)->timers,
			       task_ended, c) == 0)
			return true;
		c->http.end = CLOSED_MEMORY;
		return false;
	default:
		return false;
	}
}

static void drive(struct connection *c)
{
	bool wanted;

	if (c->closing)
		return;
	if (!c->sending && !start_step(c)) {
		drop(c);
		return;
	}
	if (c->quiet && !http_reads_next(&c->http))
		loop_of(c)->pressing = true;
	wanted = http_wants_input(&c->http);
	if (wanted && !c->receiving)
		start_receiving(c);
	if (!wanted && c->receiving && !c->cancelling) {
		cancel(loop_of(c), c, RECEIVE);
		c->cancelling = true;
	}
	if (!c->quiet) /* what is sent quietly will have been sent when it settles */
		http_wait(&c->http);
}

static struct connection *connection_at(struct deadline_place *place)
{
	return (struct connection *)http_at(place); /* first in it */
}

static void expired(struct http *http, bool reset)
{
	struct connection *c = (struct connection *)http;

	if (!reset) {
		drive(c);
		return;
	}
	socket_reset_on_close(c->fd);
	drop(c);
}

/*
 * A multishot receive goes on while it says MORE. It may end for reasons that are none of the
 * connection's: no buffer was left (they are all back before the next submission), the ring of
 * completions was full, or we cancelled it. Then it is armed again when core wants input. What it
 * brings after core had enough is no more than all buffers hold: it is cancelled before the next wait.
 */
static void received(struct loop *loop, struct connection *c, int result, unsigned flags)
{
	bool failed = result < 0 && result != -ENOBUFS && result != -ECANCELED && result != -EINTR;

	if (!(flags & IORING_CQE_F_MORE))
		c->receiving = c->cancelling = false;
	if (flags & IORING_CQE_F_BUFFER) {
		unsigned id = flags >> IORING_CQE_BUFFER_SHIFT;

		if (result > 0 && !c->closing)
			http_feed(&c->http, ring_buffer(&loop->ring, id), (size_t)result);
		ring_give_back(&loop->ring, id);
	}
	if (result == 0)
		http_feed_end(&c->http);
	if (c->closing)
		release(c);
	else if (failed)
		drop(c);
	else
		drive(c);
}

/* A long send has ended, or a quiet one has not done what was asked. */
static void sent(struct connection *c, int result)
{
	unlist_quiet(c);
	c->sending = false;
	c->blocked = result < (int)c->send_bytes;
	if (result > 0)
		http_written(&c->http, (size_t)result);
	if (c->closing)
		release(c);
	else if (result > 0 || result == -EAGAIN || result == -EINTR)
		drive(c);
	else
		drop(c);
}

/*
 * All that was submitted has been looked at, so the quiet sends have ended. Those that failed have
 * a completion, which is found here and handled in its turn; the others have been sent.
 */
static void settle_quiet_sends(struct loop *loop)
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
			unlist_quiet(connection_of(cqe));
	}
	for (c = LIST_FIRST(&loop->quiet); c; c = next) { /* what is sent now, is put in front */
		next = LIST_NEXT(c, quiets);
		sent(c, (int)c->send_bytes);
	}
}

/*
 * Nothing tells that a quiet send has succeeded, and only from then on its client's time runs: if there
 * is no turn for another reason, there is one soon. At most one such timeout is under way.
 */
static void see_to_settling(struct loop *loop)
{
	static const struct __kernel_timespec soon = {.tv_nsec = TICK_NS};

	if (LIST_EMPTY(&loop->quiet) || loop->settling)
		return;
	ring_start_timeout(&loop->ring, &soon, SETTLE);
	loop->settling = true;
}

/* Told once that it is readable. */
static void watch(struct loop *loop, int fd, enum operation operation)
{
	struct io_uring_sqe *sqe = ring_next_submission(&loop->ring);

	io_uring_prep_poll_add(sqe, fd, POLLIN);
	mark(sqe, NULL, operation);
}

static void add(struct loop *loop, int fd)
{
	struct connection *c = records_take(&loop->records);

	if (!c) {
		admission_refuse(fd, REFUSED_MEMORY);
		return;
	}
	http_init(&c->http, &loop->pool);
	c->fd = fd;
	start_receiving(c);
	http_wait(&c->http);
}

static void handle(struct loop *loop, const struct io_uring_cqe *cqe)
{
	struct connection *c = connection_of(cqe);
	int fd;

	switch (operation_of(cqe)) {
	case RECEIVE:
		received(loop, c, cqe->res, cqe->flags);
		break;
	case SEND:
		sent(c, cqe->res);
		break;
	case ACCEPT:
		fd = accepting_take(&loop->accepting, cqe);
		if (fd >= 0)
			add(loop, fd);
		break;
	case STOP:
		loop->stop_told = true;
		break;
	case TIME:
		deadlines_look(&loop->deadlines.wheel);
		watch(loop, loop->deadlines.wheel.fd, TIME);
		break;
	case SETTLE:
		loop->settling = false;
		break;
	default: /* what was to be cancelled had ended already */
		break;
	}
}

static int turn(struct loop *loop, uint64_t until_ns)
{
	struct io_uring *uring = &loop->ring.uring;
	uint64_t due_ns = timers_next_ns(&loop->timers);
	struct io_uring_cqe *cqe;
	int result;

	if (due_ns < until_ns)
		until_ns = due_ns;
	see_to_settling(loop);
	result = ring_submit_and_wait(&loop->ring, loop->pressing ? 0 : until_ns);
	if (result < 0)
		return result;
	settle_quiet_sends(loop);
	for (unsigned left = io_uring_cq_ready(uring); left; left--) {
		if (io_uring_peek_cqe(uring, &cqe) < 0)
			break;
		handle(loop, cqe);
		io_uring_cqe_seen(uring, cqe);
	}
	if (loop->timers.count)
		timers_fire(&loop->timers, clock_now_ns());
	return loop->ring.failure;
}

static void drive_visited(struct deadline_place *place, void *context)
{
	(void)context;
	drive(connection_at(place));
}

static void start_draining(struct loop *loop)
{
	atomic_store(&loop->draining, true);
	accepting_stop(&loop->accepting);
	deadlines_each(&loop->deadlines.wheel, drive_visited, NULL);
}

static int serve(struct loop *loop)
{
	uint64_t deadline_ns;
	int result = 0;

	watch(loop, loop->listener->stop_fd, STOP);
	watch(loop, loop->deadlines.wheel.fd, TIME);
	accepting_start(&loop->accepting);
	result = listener_ready(loop->listener);
	while (result == 0 && !loop->stop_told)
		result = turn(loop, UINT64_MAX);
	start_draining(loop);
	deadline_ns = clock_now_ns() + DRAIN_NS;
	while (result == 0 && (loop->deadlines.wheel.count || loop->accepting.armed) &&
	       clock_now_ns() < deadline_ns)
		result = turn(loop, deadline_ns);
	return result;
}

/* Before anything is announced: a system may forbid io_uring, or be too old for it. */
static int prepare(const struct server_options *options, struct error *error)
{
	(void)options;
	return ring_try(error);
}

static void cut(struct deadline_place *place, void *context)
{
	struct connection *c = connection_at(place);

	(void)context;
	if (!c->closing)
		close(c->fd);
	c->closing = true;
	c->receiving = c->sending = false;
	release(c);
}

static int run(const struct server_options *options, struct listener *listener)
{
	struct loop *loop = calloc(1, sizeof *loop);
	struct error error;
	int result;

	(void)options;
	if (!loop)
		return -ENOMEM;
	loop->listener = listener;
	loop->records.bytes = sizeof(struct connection);
	loop->accepting = (struct accepting){.ring = &loop->ring,
					     .listener = listener,
					     .timers = &loop->timers,
					     .user_data = ACCEPT};
	http_pool_init(&loop->pool, NULL, 0, &loop->draining, NULL);
	loop->pool.limits = &listener->terms->limits;
	loop->pool.deadlines = &loop->deadlines;
	result = http_deadlines_open(&loop->deadlines, expired);
	if (result == 0)
		result = ring_open(&loop->ring, &error);
	if (result == 0) {
		/* The kernel waits for us, so nothing is to be told that it would block. */
		result = fcntl(listener->fd, F_SETFL, 0) < 0 ? -errno : serve(loop);
		ring_close(&loop->ring);
		deadlines_each(&loop->deadlines.wheel, cut, NULL);
	}
	deadlines_close(&loop->deadlines.wheel);
	timers_destroy(&loop->timers);
	http_pool_destroy(&loop->pool);
	records_destroy(&loop->records);
	free(loop);
	return result;
}

static const char *describe_library(void)
{
	return TENK_LIBRARY;
}

const struct server_model server_model = {
	.name = "io-uring",
	.family = "loops",
	.summary = "one thread hands the kernel what to do, and is told what was done",
	.describe_library = describe_library,
	.prepare = prepare,
	.run = run,
};
