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
 * that waits, about half a KiB more than epoll's entry. For each loop 2 MiB of buffers, 8 after
 * large uploads, and 5 KiB of output for each request of a turn, where epoll.c writes all from one
 * buffer.
 *
 * Good at: system calls. A turn costs one, whatever is done in it; epoll.c needs two per request and
 * one per turn. How much that is, the kernel decides: what has become ready it does when it is entered,
 * since Linux 6.13 no more than a bound at a time. On Linux 6.18 a turn answers 40 requests at most: 16
 * that come at once take 2 calls, 256 take 8, a thousand 27. Where calls are dear (mitigations,
 * virtual machines) that is something. Bad at: being allowed, since containers and some systems forbid
 * io_uring for its history of holes. The work of the network itself costs the same and is most of a
 * request, so do not expect the rate to grow as the calls shrink. And memory belongs to the kernel
 * until the last completion has come: freeing is harder than anywhere else.
 *
 * A file is read 64 KiB at a time, in the loop or by its workers, and sent from there: io_uring has no
 * sendfile, and for its splice each connection would need a pipe.
 *
 * The variant sqpoll does without the calls, too: a thread in the kernel looks at the first ring as long
 * as something comes, and for some milliseconds more, and executes what it finds. It moves the work that
 * a submission is to another core and looks there without rest, so it is for those who have a core to
 * spare; on the same core the two are in each other's way. Nobody knows when a submission has been
 * executed, so each send is told of, and a turn still waits with a call when nothing has come.
 *
 * Not shown: registered files ("direct descriptors"), which save the look-up of a descriptor in each
 * operation. They have no number outside the ring, so that refusing, shutting down and resetting a
 * connection would need operations of their own, the last of which Linux has as of 6.7.
 *
 * Compare with epoll.c and with libuv.c (completions on top of readiness).
 * Known from: TigerBeetle, ScyllaDB's Seastar, Netty's io_uring transport. See io_uring(7).
 * Needs Linux 6.0; uses what 6.1 added. Try: server-io-uring --listen 127.0.0.1:8080
 */
#include "lib/clock.h"
#include "servers/core/loops/loop_group.h"
#include "servers/core/server/model.h"
#include "servers/models/io_uring/sending.h"
#include "servers/models/io_uring/watches.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void connection_release(struct connection *c)
{
	if (c->base.receiving || c->base.sending)
		return;
	http_destroy(&c->base.http);
	records_give(&loop_of(c)->records, c);
}

/* Submissions are executed in order, so the descriptor is closed after all that came before. */
static void close_connection(struct completion_connection *base)
{
	struct connection *c = (struct connection *)base;

	if (base->receiving && !c->cancelling)
		cancel(c, RECEIVE);
	sending_abandon(c);
	ring_close_descriptor(&loop_of(c)->ring, base->fd);
	connection_release(c);
}

static void start_receiving(struct connection *c)
{
	struct io_uring_sqe *sqe = ring_next_submission(&loop_of(c)->ring);

	io_uring_prep_recv_multishot(sqe, c->base.fd, NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	mark(sqe, c, RECEIVE);
	c->base.receiving = true;
}

static int receive(struct completion_connection *base, bool wanted)
{
	struct connection *c = (struct connection *)base;

	if (base->quiet && !http_reads_next(&base->http))
		loop_of(c)->pressing = true;
	if (wanted && !base->receiving)
		start_receiving(c);
	if (!wanted && base->receiving && !c->cancelling) {
		cancel(c, RECEIVE);
		c->cancelling = true;
	}
	return 0;
}

/* Stops accepting and drains the connections, in which those take part whose completions are here. */
static void stop(struct completion_loop *base)
{
	struct loop *loop = (struct loop *)base;

	loop->stops = true;
	accepting_stop(&loop->accepting);
	completion_drain(base);
}

static const struct completion_methods methods = {.send = sending_start,
						  .receive = receive,
						  .close = close_connection,
						  .stop = stop,
						  .services = &io_uring_services};

/*
 * A multishot receive goes on while it says MORE. It may end for reasons that are none of the
 * connection's: no buffer was left (they are all back before the next submission), the ring of
 * completions was full, or we cancelled it. Then it is armed again when core wants input. What it
 * brings after core had enough is no more than all buffers hold: it is cancelled before the next wait.
 */
static void received(struct loop *loop, struct connection *c, int result, unsigned flags)
{
	const char *data = NULL;
	unsigned id = flags >> IORING_CQE_BUFFER_SHIFT;

	if (!(flags & IORING_CQE_F_MORE))
		c->base.receiving = c->cancelling = false;
	if (flags & IORING_CQE_F_BUFFER)
		data = ring_buffer(&loop->ring, id);
	if (c->base.closing)
		connection_release(c);
	else if (result == -ENOBUFS || result == -ECANCELED || result == -EINTR)
		completion_drive(&c->base);
	else
		completion_received(&c->base, data, result);
	if (data)
		ring_give_back(&loop->ring, id);
}

static void add(struct loop *loop, int fd)
{
	struct connection *c = records_take(&loop->records);

	if (c)
		completion_open(&loop->base, &c->base, fd);
	else
		admission_refuse(fd, REFUSED_MEMORY);
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
		sending_ended(c, cqe->res);
		break;
	case ACCEPT:
		fd = accepting_take(&loop->accepting, cqe);
		if (fd >= 0)
			add(loop, fd);
		break;
	case WATCH:
		watches_told(loop, cqe);
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
	unsigned count;
	int result;

	if (due_ns < until_ns)
		until_ns = due_ns;
	sending_see_to_settling(loop);
	result = ring_submit_and_wait(&loop->ring, loop->pressing ? 0 : until_ns);
	if (result < 0)
		return result;
	sending_settle(loop);
	count = io_uring_cq_ready(uring);
	for (unsigned left = count; left; left--) {
		if (io_uring_peek_cqe(uring, &cqe) < 0)
			break;
		handle(loop, cqe);
		io_uring_cqe_seen(uring, cqe);
	}
	if (loop->timers.count)
		timers_fire(&loop->timers, clock_now_ns(), timers_beside(count));
	return loop->ring.failure;
}

static int serve(struct loop *loop)
{
	const struct deadlines *connections = &loop->base.deadlines.wheel;
	uint64_t deadline_ns;
	int result;

	accepting_start(&loop->accepting);
	result = completion_ready(&loop->base);
	while (result == 0 && !loop->stops)
		result = turn(loop, UINT64_MAX);
	deadline_ns = clock_now_ns() + DRAIN_NS;
	while (result == 0 && (connections->count || loop->accepting.armed) &&
	       clock_now_ns() < deadline_ns)
		result = turn(loop, deadline_ns);
	return result;
}

static void cut(struct deadline_place *place, void *context)
{
	struct connection *c = (struct connection *)completion_at(place);

	(void)context;
	if (!c->base.closing)
		close(c->base.fd);
	c->base.receiving = c->base.sending = false;
	connection_release(c);
}

static const struct server_variant variants[] = {
	{.name = "sqpoll",
	 .summary =
		 "the same without calls: a thread of the kernel's looks for what is asked, and takes a core"},
	{0}};

static bool is_polled(const struct server_options *options)
{
	return options->variant == &variants[0];
}

static int live(const struct server_options *options, struct listener *listener,
		atomic_bool *draining)
{
	struct loop *loop = calloc(1, sizeof *loop);
	struct error error = {.text = ""};
	int result;

	if (!loop)
		return -ENOMEM;
	loop->records.bytes = sizeof(struct connection);
	loop->accepting = (struct accepting){.ring = &loop->ring,
					     .listener = listener,
					     .timers = &loop->timers,
					     .user_data = ACCEPT};
	result = completion_init(&loop->base, &methods, loop, listener, draining);
	if (result == 0)
		result = ring_open(&loop->ring, is_polled(options), &error);
	if (result < 0 && listener->error)
		*listener->error = error;
	if (result == 0) {
		/* The kernel waits for us, so nothing is to be told that it would block. */
		result = fcntl(listener->fd, F_SETFL, 0) < 0 ? -errno : serve(loop);
		completion_end_tasks(&loop->base);
		ring_close(&loop->ring);
		deadlines_each(&loop->base.deadlines.wheel, cut, NULL);
	}
	completion_destroy(&loop->base);
	watches_destroy(loop);
	timers_destroy(&loop->timers);
	records_destroy(&loop->records);
	free(loop);
	return result;
}

/* Before anything is announced: a system may forbid io_uring, or be too old for it. */
static int prepare(const struct server_options *options, struct error *error)
{
	return ring_try(is_polled(options), error);
}

static int run(const struct server_options *options, struct listener *listener)
{
	return loop_group_run(options, listener, live);
}

static const char *describe_library(void)
{
	return TENK_LIBRARY;
}

const struct server_model server_model = {
	.name = "io-uring",
	.family = "loops",
	.summary = "one thread hands the kernel what to do, and is told what was done",
	.takes = MODEL_WORKERS | MODEL_OFFLOAD,
	.describe_library = describe_library,
	.variants = variants,
	.descriptor_tables = loop_group_tables,
	.prepare = prepare,
	.run = run,
};
