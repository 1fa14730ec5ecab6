#include "loadgen/crowd.h"
#include "lib/clock.h"
#include "loadgen/answer.h"
#include "loadgen/exchange.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* Not more often than this, unless a byte at a time would still be too much. */
#define CROWD_PERIOD_NS (100 * NS_PER_MS)

void crowd_set_pace(struct worker *worker, uint64_t bytes_per_s)
{
	uint64_t portion = bytes_per_s * CROWD_PERIOD_NS / NS_PER_S;

	if (portion == 0)
		portion = 1;
	if (portion > WORKER_BUFFER_BYTES)
		portion = WORKER_BUFFER_BYTES;
	worker->slow_portion_bytes = (size_t)portion;
	worker->slow_period_ns = portion * NS_PER_S / bytes_per_s;
}

/* A slow one takes no slot of the ring: its request's progress is in written_bytes. */
static void crowd_start_request(struct worker *worker, struct connection *connection)
{
	response_parser_init(&connection->parser, worker->load->mix->request[0].is_head);
	connection->written_bytes = 0;
}

void crowd_begin(struct worker *worker, struct connection *connection)
{
	/* A reader reads when its time comes; until then only the end of the connection is news. */
	struct epoll_event event = {.events = connection->role == ROLE_SLOW_READER ? 0 : EPOLLIN,
				    .data.ptr = connection};

	if (connection->role == ROLE_IDLE) {
		exchange_send(worker, connection);
		return;
	}
	epoll_ctl(worker->epoll_fd, EPOLL_CTL_MOD, connection->descriptor, &event);
	crowd_start_request(worker, connection);
	connection->since_ns = worker->now_ns;
	connection_move(connection, &worker->slow);
}

static void crowd_cut(struct worker *worker, struct connection *connection)
{
	if (worker_is_counting(worker))
		worker->result->crowd_slow_cut++;
	worker_reopen(worker, connection, true);
}

/* Sends what is left of the request, a portion at most. False: the connection is gone. */
static bool crowd_write(struct worker *worker, struct connection *connection, size_t most)
{
	const struct request *request = &worker->load->mix->request[0];
	size_t left = request->size - connection->written_bytes;
	ssize_t sent = send(connection->descriptor, request->bytes + connection->written_bytes,
			    left < most ? left : most, MSG_NOSIGNAL);

	if (sent > 0)
		connection->written_bytes += (uint64_t)sent;
	return sent >= 0 || errno == EAGAIN || errno == EINTR;
}

/* Reads a portion at most. False: the connection is gone, or of no more use. */
static bool crowd_read(struct worker *worker, struct connection *connection, size_t most)
{
	ssize_t size = recv(connection->descriptor, worker->buffer, most, MSG_DONTWAIT);
	const char *at = worker->buffer, *end = at + (size > 0 ? size : 0);
	enum response_step step = RESPONSE_BODY;
	struct response_part part;

	if (size < 0)
		return errno == EAGAIN || errno == EINTR;
	if (size == 0)
		return false;
	while (step == RESPONSE_BODY)
		step = response_parse(&connection->parser, &at, end, &part);
	if (step == RESPONSE_MORE)
		return true;
	if (step == RESPONSE_INVALID)
		return false;
	if (!answer_status_is_good(worker->load->options, &connection->parser))
		return false; /* as good as cut off, whether the server closes or not */
	if (worker_is_counting(worker))
		worker->result->crowd_slow_answers++;
	connection->failed_last = false;
	if (!connection->parser.keep_alive ||
	    connection->written_bytes < worker->load->mix->request[0].size)
		return false;
	crowd_start_request(worker, connection);
	return true;
}

void crowd_handle(struct worker *worker, struct connection *connection)
{
	bool alive = false;

	if (!worker_may_go_on(worker, clock_now_ns()))
		return;
	/* A slow writer reads at once; of a slow reader only the end is reported. */
	if (connection->role == ROLE_SLOW_WRITER)
		alive = crowd_read(worker, connection, WORKER_BUFFER_BYTES);
	if (!alive)
		crowd_cut(worker, connection);
}

static bool crowd_move(struct worker *worker, struct connection *connection)
{
	const struct request *request = &worker->load->mix->request[0];
	bool writing = connection->written_bytes < request->size;

	if (connection->role == ROLE_SLOW_WRITER)
		return !writing || crowd_write(worker, connection, worker->slow_portion_bytes);
	if (writing && !crowd_write(worker, connection, request->size))
		return false;
	return crowd_read(worker, connection, worker->slow_portion_bytes);
}

void crowd_step(struct worker *worker)
{
	struct connection *connection;

	while ((connection = connection_first(&worker->slow)) &&
	       connection->since_ns + worker->slow_period_ns <= worker->now_ns) {
		connection->since_ns = worker->now_ns;
		connection_move(connection, &worker->slow);
		if (!crowd_move(worker, connection))
			crowd_cut(worker, connection);
	}
}
