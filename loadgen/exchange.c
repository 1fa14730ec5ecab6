#include "loadgen/exchange.h"
#include "lib/clock.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static bool exchange_is_counted(const struct worker *worker)
{
	return worker->window == WINDOW_INSIDE;
}

static bool exchange_loop_is_open(const struct worker *worker)
{
	return worker->load->options->rate_per_s > 0;
}

/* Sends what is left of the request; usually all of it, with one call. */
static void exchange_flush(struct worker *worker, struct connection *connection)
{
	const struct request *request = worker->load->request;
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
	ssize_t sent = send(connection->descriptor,
			    request->bytes + request->size - connection->unsent_bytes,
			    connection->unsent_bytes, MSG_NOSIGNAL);
	bool wait = false;

	if (sent >= 0) {
		connection->unsent_bytes -= (size_t)sent;
		if (exchange_is_counted(worker))
			worker->result->bytes_sent += (uint64_t)sent;
		wait = connection->unsent_bytes > 0;
	} else {
		/*
		 * When sending has failed there may still be an answer to read (a server may
		 * refuse a long body and close), so receiving decides what became of this one.
		 */
		wait = errno == EAGAIN || errno == EINTR;
	}
	if (wait != connection->watches_output) {
		if (wait)
			event.events |= EPOLLOUT;
		epoll_ctl(worker->epoll_fd, EPOLL_CTL_MOD, connection->descriptor, &event);
		connection->watches_output = wait;
	}
}

static void exchange_send(struct worker *worker, struct connection *connection, uint64_t due_ns)
{
	connection->due_ns = due_ns;
	connection->since_ns = worker->now_ns;
	connection->unsent_bytes = worker->load->request->size;
	connection->body_differs = false;
	connection->state = CONNECTION_BUSY;
	response_parser_init(&connection->parser, worker->load->request->is_head);
	connection_list_append(&worker->busy, connection);
	if (exchange_is_counted(worker))
		worker->result->sent++;
	exchange_flush(worker, connection);
}

void exchange_begin(struct worker *worker, struct connection *connection)
{
	if (connection->crowd ||
	    (!exchange_loop_is_open(worker) && worker->phase >= LOAD_WARM_UP)) {
		exchange_send(worker, connection, worker->now_ns);
		return;
	}
	connection->state = CONNECTION_IDLE;
	connection->since_ns = worker->now_ns;
	connection_list_append(&worker->idle, connection);
	exchange_send_due(worker);
}

void exchange_send_due(struct worker *worker)
{
	struct connection *connection;

	while (worker->next_due_ns <= worker->now_ns && (connection = worker->idle.first)) {
		uint64_t due_ns = worker->next_due_ns;

		connection_list_remove(&worker->idle, connection);
		worker->next_arrival++;
		worker->next_due_ns = schedule_due_ns(&worker->schedule, worker->next_arrival);
		if (exchange_is_counted(worker)) {
			/* While all connections were busy the server was late, not we. */
			uint64_t possible_ns = due_ns > connection->since_ns ? due_ns
									     : connection->since_ns;

			histogram_record(&worker->result->send_lateness,
					 worker->now_ns - possible_ns);
		}
		exchange_send(worker, connection, due_ns);
		if (worker->next_due_ns <= worker->now_ns &&
		    !worker_may_go_on(worker, clock_now_ns()))
			return;
	}
}

/* Counts how long a request took that ended now, well or by its timeout. */
static void exchange_record(struct worker *worker, const struct connection *connection)
{
	uint64_t latency_ns = worker->now_ns - connection->due_ns;

	histogram_record(&worker->result->latency, latency_ns);
	interval_record_latency(&worker->intervals, latency_ns);
	if (exchange_loop_is_open(worker))
		histogram_record(&worker->result->service_time,
				 worker->now_ns - connection->since_ns);
}

/* The connection is of no more use: its request failed. */
static void exchange_fail(struct worker *worker, struct connection *connection,
			  enum error_class class)
{
	connection_list_remove(&worker->busy, connection);
	worker_count_error(worker, class);
	if (connection->crowd)
		worker_settle_crowd(worker);
	worker_reopen(worker, connection, true);
}

void exchange_expire(struct worker *worker)
{
	uint64_t timeout_ns = worker->load->options->timeout_ns;
	struct connection *connection;

	while ((connection = worker->busy.first) &&
	       connection->since_ns + timeout_ns <= worker->now_ns) {
		if (exchange_is_counted(worker) && !connection->crowd)
			exchange_record(worker, connection);
		exchange_fail(worker, connection, ERROR_TIMEOUT);
	}
}

/* Is this length the expected one? Where none is given, that of the first good answer is. */
static bool exchange_length_fits(struct worker *worker, uint64_t length)
{
	uint64_t expected = worker->expected_length;

	if (expected == OPTIONS_LEARN_LENGTH) {
		if (atomic_compare_exchange_strong(&worker->load->expected_length, &expected,
						   length))
			expected = length;
		worker->expected_length = expected;
	}
	return expected == OPTIONS_ANY_LENGTH || expected == length;
}

static enum error_class exchange_judge(struct worker *worker, const struct connection *connection,
				       bool surplus)
{
	const struct options *options = worker->load->options;
	const struct response_parser *answer = &connection->parser;

	if (surplus)
		return ERROR_PARSE;
	if (answer->status < options->status_low || answer->status > options->status_high) {
		worker->result->status_seen = answer->status;
		return ERROR_STATUS;
	}
	if (!exchange_length_fits(worker, answer->body_bytes)) {
		worker->result->length_seen = answer->body_bytes;
		return ERROR_LENGTH;
	}
	return connection->body_differs ? ERROR_BODY : ERROR_NONE;
}

static void exchange_count_good(struct worker *worker, struct connection *connection)
{
	connection->failed_last = false;
	if (connection->crowd) {
		worker->result->crowd_answered++;
	} else if (exchange_is_counted(worker)) {
		worker->result->good++;
		interval_add_one(&worker->intervals.completed);
		exchange_record(worker, connection);
	} else {
		worker->result->good_outside++;
	}
}

/* The answer is complete; `surplus` bytes came with it that belong to no request. */
static void exchange_complete(struct worker *worker, struct connection *connection, bool surplus)
{
	enum error_class class = exchange_judge(worker, connection, surplus);
	bool good = class == ERROR_NONE;

	connection_list_remove(&worker->busy, connection);
	if (good)
		exchange_count_good(worker, connection);
	else
		worker_count_error(worker, class);
	if (connection->crowd) {
		worker_settle_crowd(worker);
		if (good)
			connection->state = CONNECTION_HELD;
		else
			worker_reopen(worker, connection, true);
	} else if (surplus || !connection->parser.keep_alive || connection->unsent_bytes > 0) {
		worker_reopen(worker, connection, surplus);
	} else {
		exchange_begin(worker, connection);
	}
}

static void exchange_compare_body(const struct options *options, struct connection *connection,
				  const struct response_part *part)
{
	uint64_t offset = connection->parser.body_bytes - part->size;

	/* What is longer than expected is an error of length. */
	if (connection->parser.body_bytes <= options->expect_body_bytes &&
	    memcmp(options->expect_body + offset, part->data, part->size) != 0)
		connection->body_differs = true;
}

static void exchange_read(struct worker *worker, struct connection *connection, size_t size)
{
	const struct options *options = worker->load->options;
	const char *at = worker->buffer, *end = worker->buffer + size;
	struct response_part part;

	for (;;) {
		switch (response_parse(&connection->parser, &at, end, &part)) {
		case RESPONSE_MORE:
			return;
		case RESPONSE_BODY:
			if (options->expect_body)
				exchange_compare_body(options, connection, &part);
			break;
		case RESPONSE_DONE:
			exchange_complete(worker, connection, at < end);
			return;
		default:
			exchange_fail(worker, connection, ERROR_PARSE);
			return;
		}
	}
}

/* Something happened on a connection that waits for nothing. */
static void exchange_read_unasked(struct worker *worker, struct connection *connection,
				  ssize_t size)
{
	if (size > 0)
		worker_count_error(worker, ERROR_PARSE);
	else if (connection->state == CONNECTION_HELD)
		worker_count_error(worker, ERROR_RESET);
	/* A server may close a connection that is idle: no request is lost. */
	if (connection->state == CONNECTION_IDLE)
		connection_list_remove(&worker->idle, connection);
	worker_reopen(worker, connection, true);
}

static void exchange_receive(struct worker *worker, struct connection *connection)
{
	ssize_t size = recv(connection->descriptor, worker->buffer, EXCHANGE_BUFFER_BYTES, 0);

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (!worker_may_go_on(worker, clock_now_ns()))
		return;
	if (size > 0 && exchange_is_counted(worker))
		worker->result->bytes_received += (uint64_t)size;
	if (connection->state != CONNECTION_BUSY)
		exchange_read_unasked(worker, connection, size);
	else if (size > 0)
		exchange_read(worker, connection, (size_t)size);
	else if (size == 0 && response_parse_end(&connection->parser))
		exchange_complete(worker, connection, false);
	else
		exchange_fail(worker, connection, ERROR_RESET);
}

void exchange_handle(struct worker *worker, struct connection *connection, uint32_t events)
{
	if ((events & EPOLLOUT) && connection->watches_output)
		exchange_flush(worker, connection);
	if (events & ~(uint32_t)EPOLLOUT)
		exchange_receive(worker, connection);
}
