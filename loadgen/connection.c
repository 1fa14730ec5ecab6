#include "loadgen/connection.h"
#include "loadgen/arrival.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
	VECTORS_MAX = 64,
	SHOWN_BYTES = 64, /* of what came and was no answer */
};

int wire_init(struct wire *wire, struct load *load)
{
	*wire = (struct wire){.load = load,
			      .options = load->options,
			      .mix = load->mix,
			      .epoll_fd = -1,
			      .stamps = true,
			      .buffer = malloc(WIRE_BUFFER_BYTES)};
	expectation_init(&wire->expectation, load->mix, load->expected_length);
	return wire->buffer ? 0 : -ENOMEM;
}

void wire_destroy(struct wire *wire)
{
	free(wire->buffer);
}

/* The n-th request under way, from the oldest. */
static struct slot *slot_at(const struct wire *wire, struct connection *connection, uint32_t n)
{
	uint32_t depth = (uint32_t)wire->options->pipelining, i = connection->first + n;

	return &connection->ring[i < depth ? i : i - depth];
}

static const struct request *request_at(const struct wire *wire, struct connection *connection,
					uint32_t n)
{
	return &wire->mix->request[slot_at(wire, connection, n)->exchange.request];
}

/* Of which list its requests are. */
static struct list *list_of(struct wire *wire, const struct connection *connection)
{
	return connection->role >= ROLE_SLOW_READER ? &wire->unhurried : &wire->busy;
}

/* The next answer is that to the oldest request. */
static void expect_answer(struct connection *connection, const struct wire *wire)
{
	response_parser_init(&connection->parser, request_at(wire, connection, 0)->is_head);
	connection->answer = (struct answer){0};
}

struct exchange *connection_queue(struct connection *connection, struct wire *wire, size_t request,
				  uint64_t due_ns, uint64_t sent_ns)
{
	struct slot *slot = slot_at(wire, connection, connection->count);

	slot->connection = connection;
	slot->exchange = (struct exchange){
		.due_ns = due_ns, .sent_ns = sent_ns, .request = (uint8_t)request};
	list_append(list_of(wire, connection), &slot->node);
	connection->count++;
	connection->unsent++;
	connection->begun++;
	if (connection->count == 1)
		expect_answer(connection, wire);
	return &slot->exchange;
}

/* Takes the oldest request off the connection. */
static void take_off(struct connection *connection, struct wire *wire)
{
	list_remove(list_of(wire, connection), &slot_at(wire, connection, 0)->node);
	connection->first++;
	if (connection->first == wire->options->pipelining)
		connection->first = 0;
	connection->count--;
	if (connection->unsent > connection->count) {
		connection->unsent = connection->count;
		connection->written_bytes = 0;
	}
}

/* Writes what is to be sent with one call; several requests share it. */
static ssize_t write_queued(struct connection *connection, const struct wire *wire, size_t most)
{
	struct iovec vectors[VECTORS_MAX];
	struct msghdr message = {.msg_iov = vectors};
	uint64_t skip = connection->written_bytes;

	for (uint32_t i = connection->count - connection->unsent;
	     i < connection->count && message.msg_iovlen < VECTORS_MAX && most > 0; i++) {
		const struct request *request = request_at(wire, connection, i);
		size_t left = request->size - skip, size = left < most ? left : most;

		vectors[message.msg_iovlen++] = (struct iovec){.iov_base = request->bytes + skip,
							       .iov_len = size};
		most -= size;
		skip = 0;
	}
	if (connection->tls)
		return tls_send(connection->tls, vectors, message.msg_iovlen, &connection->crossed);
	if (message.msg_iovlen == 1)
		return send(connection->descriptor, vectors[0].iov_base, vectors[0].iov_len,
			    MSG_NOSIGNAL);
	return sendmsg(connection->descriptor, &message, MSG_NOSIGNAL);
}

static void note_written(struct connection *connection, const struct wire *wire, uint64_t written)
{
	while (written > 0) {
		uint32_t n = connection->count - connection->unsent;
		uint64_t left = request_at(wire, connection, n)->size - connection->written_bytes;

		if (written < left) {
			connection->written_bytes += written;
			return;
		}
		written -= left;
		connection->written_bytes = 0;
		connection->unsent--;
	}
}

uint64_t connection_flush(struct connection *connection, struct wire *wire, size_t most)
{
	uint64_t all = 0;
	ssize_t sent = 0;

	while (connection->unsent > 0 && all < most) {
		sent = write_queued(connection, wire, most - all);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			break;
		note_written(connection, wire, (uint64_t)sent);
		all += (uint64_t)sent;
	}
	connection->waits_for_room = (sent < 0 && errno == EAGAIN) || connection->crossed;
	/* A server may refuse a long body and close: receiving decides what became of this one. */
	if (sent < 0 && errno != EAGAIN)
		connection->send_problem = (uint8_t)errno;
	return all;
}

/* As connection_receive, of a connection with TLS: what comes of it may come in several records. */
static ssize_t receive_tls(struct connection *connection, struct wire *wire, size_t most)
{
	struct tls_received received = {.stamped = wire->stamps};
	ssize_t size = tls_receive(connection->tls, wire->buffer, most, &received);

	wire->arrived_realtime_ns = received.stamp_ns;
	wire->why = received.why;
	wire->more = received.ends || size == WIRE_BUFFER_BYTES;
	connection->crossed |= received.crossed;
	connection->waits_for_room |= received.crossed;
	errno = size < 0 ? (int)-size : 0;
	return size < 0 ? -1 : size;
}

/* As recv(2), and when the kernel got it, where that is asked for. */
static ssize_t receive_plain(struct connection *connection, struct wire *wire, size_t most)
{
	ssize_t size;

	wire->arrived_realtime_ns = 0;
	if (wire->stamps)
		size = arrival_receive(connection->descriptor, wire->buffer, most,
				       &wire->arrived_realtime_ns);
	else
		size = recv(connection->descriptor, wire->buffer, most, 0);
	wire->more = size == WIRE_BUFFER_BYTES;
	return size;
}

ssize_t connection_receive(struct connection *connection, struct wire *wire, size_t most)
{
	ssize_t size;
	int problem;

	most = most < WIRE_BUFFER_BYTES ? most : WIRE_BUFFER_BYTES;
	size = connection->tls ? receive_tls(connection, wire, most)
			       : receive_plain(connection, wire, most);
	problem = size < 0 ? errno : connection->send_problem;
	if (size < 0 && (problem == EAGAIN || problem == EINTR))
		return -problem;
	wire->ended = size <= 0;
	wire->in_order = size == 0;
	wire->problem = problem;
	wire->at = wire->buffer;
	wire->end = wire->buffer + (size > 0 ? size : 0);
	return size > 0 ? size : 0;
}

static enum error_phase phase_of(const struct connection *connection)
{
	if (connection->count == 0)
		return PHASE_IDLE;
	if (connection->unsent == connection->count)
		return PHASE_SEND;
	return response_parser_is_fresh(&connection->parser) ? PHASE_WAIT : PHASE_RECEIVE;
}

/* The oldest request has failed: it is taken off, with what there is to say but for the example. */
static enum connection_event fail(struct connection *connection, struct wire *wire,
				  struct news *news, enum error_class class, int problem)
{
	news->exchange = slot_at(wire, connection, 0)->exchange;
	news->class = class;
	news->phase = phase_of(connection);
	news->problem = problem;
	news->usable = false;
	news->broken = true;
	news->example[0] = '\0';
	take_off(connection, wire);
	return CONNECTION_FAILED;
}

/* The answer is complete: it is judged, and the request taken off. */
static enum connection_event finish_answer(struct connection *connection, struct wire *wire,
					   struct news *news)
{
	/* An answer to what was not sent yet: the rest of that must not be taken for a request. */
	bool early = connection->unsent == connection->count;
	bool surplus = connection->count == 1 && wire->at < wire->end;

	news->exchange = slot_at(wire, connection, 0)->exchange;
	news->exchange.status = connection->parser.status;
	news->answer_bytes = connection->parser.head_bytes + connection->parser.body_bytes;
	news->phase = PHASE_RECEIVE;
	news->problem = 0;
	news->example[0] = '\0';
	if (surplus) {
		news->class = ERROR_PARSE;
		snprintf(news->example, sizeof(news->example), "bytes behind the answer");
	} else {
		news->class = answer_judge(&connection->answer, &wire->expectation,
					   &connection->parser, news->exchange.request,
					   news->example);
	}
	take_off(connection, wire);
	/* Whether an idle one stays open is seen later, and is an error then. */
	news->usable = connection->role == ROLE_IDLE
			       ? news->class == ERROR_NONE
			       : !surplus && !early && connection->parser.keep_alive;
	news->broken = !news->usable && (surplus || connection->count > 0);
	if (news->usable && connection->count > 0)
		expect_answer(connection, wire);
	return CONNECTION_ANSWERED;
}

/* Something happened on a connection that waits for nothing. */
static enum connection_event read_unasked(const struct connection *connection, struct wire *wire,
					  struct news *news)
{
	news->phase = PHASE_IDLE;
	news->problem = wire->problem;
	news->class = ERROR_NONE;
	news->example[0] = '\0';
	if (!wire->ended) {
		news->class = ERROR_PARSE;
		news->problem = 0;
		failure_show_bytes(wire->at, (size_t)(wire->end - wire->at), news->example,
				   SHOWN_BYTES);
	} else if (connection->role == ROLE_IDLE) {
		news->class = ERROR_RESET;
		snprintf(news->example, sizeof(news->example), "while held");
	} else if (connection->begun == 0) {
		news->class = ERROR_RESET;
		snprintf(news->example, sizeof(news->example), "before any request");
	}
	/* Else a server may close one that it has served and that is idle: no request is lost. */
	return CONNECTION_HUNG_UP;
}

/*
 * A server may close a connection while we send on it, if it has served it before: what got nothing
 * back may be sent again, on another (RFC 9112, 9.3.1).
 */
static bool was_overtaken(struct connection *connection, const struct wire *wire)
{
	if (connection->role != ROLE_ACTIVE || connection->begun == connection->count ||
	    !response_parser_is_fresh(&connection->parser))
		return false;
	for (uint32_t i = 0; i < connection->count; i++)
		if (!request_at(wire, connection, i)->is_idempotent)
			return false;
	return true;
}

static enum connection_event read_end(struct connection *connection, struct wire *wire,
				      struct news *news)
{
	if (connection->count == 0)
		return read_unasked(connection, wire, news);
	wire->ended = false; /* it has been told */
	if (was_overtaken(connection, wire))
		return CONNECTION_OVERTAKEN;
	if (wire->in_order && response_parse_end(&connection->parser))
		return finish_answer(connection, wire, news);
	fail(connection, wire, news, ERROR_RESET, wire->problem);
	if (wire->why || wire->problem == 0)
		snprintf(news->example, sizeof(news->example), "%s",
			 wire->why ? wire->why : "closed by the server");
	return CONNECTION_FAILED;
}

enum connection_event connection_read(struct connection *connection, struct wire *wire,
				      struct news *news)
{
	struct response_part part;

	if (wire->ended)
		return read_end(connection, wire, news);
	if (connection->count == 0)
		return wire->at < wire->end ? read_unasked(connection, wire, news)
					    : CONNECTION_NOTHING;
	for (;;) {
		const char *before = wire->at;
		size_t request = slot_at(wire, connection, 0)->exchange.request;
		enum response_step step = response_read(&wire->memory[request], &connection->parser,
							&wire->at, wire->end, &part);

		if (wire->expectation.looks_closely)
			answer_look(&connection->answer, wire->expectation.expected[request],
				    &connection->parser, before,
				    step == RESPONSE_BODY ? part.data : wire->at,
				    step == RESPONSE_BODY ? &part : NULL);
		if (step == RESPONSE_DONE)
			return finish_answer(connection, wire, news);
		if (step == RESPONSE_INVALID) {
			fail(connection, wire, news, ERROR_PARSE, 0);
			failure_show_bytes(before, (size_t)(wire->end - before), news->example,
					   SHOWN_BYTES);
			return CONNECTION_FAILED;
		}
		if (step == RESPONSE_MORE)
			return CONNECTION_NOTHING;
	}
}

void connection_note_first_byte(struct connection *connection, struct wire *wire, uint64_t now_ns)
{
	if (connection->count > 0 && !response_parser_is_fresh(&connection->parser) &&
	    slot_at(wire, connection, 0)->exchange.first_byte_ns == 0)
		slot_at(wire, connection, 0)->exchange.first_byte_ns = now_ns;
}

void connection_time_out(struct connection *connection, struct wire *wire, struct news *news)
{
	unsigned long long body_bytes = connection->parser.body_bytes;

	fail(connection, wire, news, ERROR_TIMEOUT, ETIMEDOUT);
	snprintf(news->example, sizeof(news->example), "%llu bytes of a body had come", body_bytes);
	if (connection->count > 0)
		expect_answer(connection, wire);
}

bool connection_abandon(struct connection *connection, struct wire *wire, struct news *news)
{
	if (connection->count == 0)
		return false;
	fail(connection, wire, news, ERROR_RESET,
	     connection->state == CONNECTION_OPEN ? ECANCELED : ECONNRESET);
	news->phase = PHASE_WAIT;
	snprintf(news->example, sizeof(news->example), "%s",
		 connection->state == CONNECTION_OPEN
			 ? "pipelined behind one that ended the connection"
			 : "the server closed the connection, and takes no other");
	return true;
}
