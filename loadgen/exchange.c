#include "loadgen/exchange.h"
#include "lib/clock.h"
#include "loadgen/answer.h"
#include "loadgen/crowd.h"
#include "loadgen/exchange_ring.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { EXAMPLE_BYTES = 64 };

/* Takes the oldest request off the connection. */
static void exchange_remove(struct worker *worker, struct connection *connection)
{
	list_remove(&worker->busy, &exchange_at(worker, connection, 0)->node);
	connection->first++;
	if (connection->first == worker->load->options->pipelining)
		connection->first = 0;
	connection->count--;
	if (connection->unsent > connection->count) {
		connection->unsent = connection->count;
		connection->written_bytes = 0;
	}
}

/* Counts how long a request took that ended now, well or by its timeout. */
static void exchange_record(struct worker *worker, struct connection *connection,
			    const struct exchange *exchange)
{
	uint64_t latency_ns = worker->now_ns - exchange->due_ns;
	struct tally *request = tally_of_request(worker, exchange),
		     *stage = tally_of_stage(worker, exchange);

	histogram_record(&worker->result->latency, latency_ns);
	interval_record_latency(&worker->intervals, latency_ns);
	if (worker->open_loop)
		histogram_record(&worker->result->service_time, worker->now_ns - exchange->sent_ns);
	if (request)
		histogram_record(&request->latency, latency_ns);
	if (stage)
		histogram_record(&stage->latency, latency_ns);
	if (connection->latency)
		fairness_record(connection->latency, latency_ns);
}

static void exchange_count_good(struct worker *worker, struct connection *connection,
				const struct exchange *exchange)
{
	struct tally *request = tally_of_request(worker, exchange),
		     *stage = tally_of_stage(worker, exchange);

	connection->failed_last = false;
	if (connection->role != ROLE_ACTIVE) {
		worker->result->crowd_answered++;
		return;
	}
	if (!worker_is_counting(worker)) {
		worker->result->good_outside++;
		return;
	}
	worker->result->good++;
	connection->good++;
	interval_add_one(&worker->intervals.completed);
	exchange_record(worker, connection, exchange);
	if (request)
		request->good++;
	if (stage)
		stage->good++;
}

static void exchange_count_error(struct worker *worker, const struct exchange *exchange,
				 enum error_class class, enum error_phase phase, int problem,
				 const char *example)
{
	struct tally *request = tally_of_request(worker, exchange),
		     *stage = tally_of_stage(worker, exchange);

	worker_fail(worker, class, phase, problem, example);
	if (!worker_is_counting(worker) || exchange->connection->role != ROLE_ACTIVE)
		return;
	if (request)
		request->errors++;
	if (stage)
		stage->errors++;
}

/* The connection is of no more use: what is under way on it has failed. */
static void exchange_give_up(struct worker *worker, struct connection *connection)
{
	while (connection->count > 0) {
		exchange_count_error(worker, exchange_at(worker, connection, 0), ERROR_RESET,
				     PHASE_WAIT, ECANCELED,
				     "pipelined behind one that ended the connection");
		exchange_remove(worker, connection);
	}
}

static enum error_phase exchange_phase(const struct connection *connection)
{
	if (connection->count == 0)
		return PHASE_IDLE;
	if (connection->unsent == connection->count)
		return PHASE_SEND;
	return response_parser_is_fresh(&connection->parser) ? PHASE_WAIT : PHASE_RECEIVE;
}

/* The oldest request has failed, and the others with it. */
static void exchange_fail(struct worker *worker, struct connection *connection,
			  enum error_class class, int problem, const char *example)
{
	exchange_count_error(worker, exchange_at(worker, connection, 0), class,
			     exchange_phase(connection), problem, example);
	exchange_remove(worker, connection);
	exchange_give_up(worker, connection);
	worker_await_no_more(worker, connection);
	worker_reopen(worker, connection, true);
}

void exchange_expire(struct worker *worker)
{
	uint64_t timeout_ns = worker->load->options->timeout_ns;
	struct list_node *node;

	while ((node = worker->busy.first)) {
		struct exchange *exchange = LIST_ENTRY(node, struct exchange, node);
		struct connection *connection = exchange->connection;
		char example[FAILURE_EXAMPLE_BYTES];

		if (exchange->sent_ns + timeout_ns > worker->now_ns)
			return;
		if (worker_is_counting(worker) && connection->role == ROLE_ACTIVE)
			exchange_record(worker, connection, exchange);
		snprintf(example, sizeof(example), "%llu bytes of a body had come",
			 (unsigned long long)connection->parser.body_bytes);
		exchange_fail(worker, connection, ERROR_TIMEOUT, ETIMEDOUT, example);
	}
}

/* What comes after answers: more requests, a pause, or another connection. */
static void exchange_go_on(struct worker *worker, struct connection *connection)
{
	const struct options *options = worker->load->options;

	if (connection->role == ROLE_IDLE)
		return; /* held from now on */
	if (connection->count == 0 &&
	    (worker->live > worker->wanted || !exchange_may_begin(worker, connection))) {
		worker_reopen(worker, connection, false);
	} else if (options->think_time_ns > 0) {
		connection->since_ns = worker->now_ns;
		connection_move(connection, &worker->thinking);
	} else if (worker->live <= worker->wanted && exchange_may_begin(worker, connection) &&
		   !(worker->open_loop && connection->list == &worker->idle)) {
		exchange_begin(worker, connection);
	}
}

void exchange_end_pauses(struct worker *worker)
{
	uint64_t until_ns = worker->now_ns;
	struct connection *connection;

	while ((connection = connection_first(&worker->thinking)) &&
	       connection->since_ns + worker->load->options->think_time_ns <= until_ns) {
		/* Many pauses may end together: what the first ones take is not the last one's. */
		if (!worker_may_go_on(worker, clock_now_ns()))
			return;
		connection_move(connection, NULL);
		if (connection->state == CONNECTION_CLOSED)
			worker_open_again(worker, connection, false);
		else if (worker->live > worker->wanted && connection->count == 0)
			worker_reopen(worker, connection, false);
		else
			exchange_begin(worker, connection);
	}
}

/* The answer is judged and counted. False: the connection cannot be used any more. */
static bool exchange_finish(struct worker *worker, struct connection *connection, bool surplus)
{
	struct exchange *exchange = exchange_at(worker, connection, 0);
	char example[FAILURE_EXAMPLE_BYTES] = "";
	/* An answer to what was not sent yet: the rest of that must not be taken for a request. */
	bool early = connection->unsent == connection->count;
	enum error_class class = ERROR_PARSE;

	if (surplus)
		snprintf(example, sizeof(example), "bytes behind the answer");
	else
		class = answer_judge(worker, connection, exchange, example);
	if (class != ERROR_NONE)
		exchange_count_error(worker, exchange, class, PHASE_RECEIVE, 0, example);
	else
		exchange_count_good(worker, connection, exchange);
	exchange_remove(worker, connection);
	/* Whether an idle one stays open is seen later, and is an error then. */
	if (connection->role == ROLE_IDLE)
		return class == ERROR_NONE;
	return !surplus && !early && connection->parser.keep_alive;
}

/* The oldest request has its answer. False: the connection was closed. */
static bool exchange_complete(struct worker *worker, struct connection *connection, bool surplus)
{
	bool usable = exchange_finish(worker, connection, surplus);
	bool more = connection->count > 0;

	worker_await_no_more(worker, connection);
	if (!usable) {
		exchange_give_up(worker, connection);
		worker_reopen(worker, connection, surplus || more);
	} else if (more) {
		exchange_expect_answer(worker, connection);
	}
	return usable;
}

static void exchange_read(struct worker *worker, struct connection *connection, size_t size)
{
	const char *at = worker->buffer, *end = worker->buffer + size;
	char example[EXAMPLE_BYTES];
	struct response_part part;
	bool answered = false;

	for (;;) {
		const char *before = at;
		size_t request = exchange_at(worker, connection, 0)->request;
		enum response_step step = response_read(&worker->memory[request],
							&connection->parser, &at, end, &part);

		if (worker->looks_closely)
			answer_look(worker->load->options, connection, before,
				    step == RESPONSE_BODY ? part.data : at,
				    step == RESPONSE_BODY ? &part : NULL);
		if (step == RESPONSE_BODY)
			continue;
		if (step == RESPONSE_INVALID) {
			exchange_fail(worker, connection, ERROR_PARSE, 0,
				      failure_show_bytes(before, (size_t)(end - before), example,
							 sizeof(example)));
			return;
		}
		if (step == RESPONSE_MORE)
			break;
		if (!exchange_complete(worker, connection, connection->count == 1 && at < end))
			return;
		answered = true;
		if (at == end)
			break;
	}
	if (answered)
		exchange_go_on(worker, connection);
}

/* Something happened on a connection that waits for nothing. */
static void exchange_read_unasked(struct worker *worker, struct connection *connection,
				  ssize_t size, int problem)
{
	char example[EXAMPLE_BYTES];

	if (size > 0)
		worker_fail(
			worker, ERROR_PARSE, PHASE_IDLE, 0,
			failure_show_bytes(worker->buffer, (size_t)size, example, sizeof(example)));
	else if (connection->role == ROLE_IDLE)
		worker_fail(worker, ERROR_RESET, PHASE_IDLE, problem, "while held");
	else if (connection->begun == 0)
		worker_fail(worker, ERROR_RESET, PHASE_IDLE, problem, "before any request");
	/* A server may close a connection that it has served and that is idle: no request is lost. */
	worker_reopen(worker, connection, true);
}

/* How many bytes came; 0: it has ended. Negative: nothing is there now, or nothing may be done. */
static ssize_t exchange_receive(struct worker *worker, struct connection *connection)
{
	ssize_t size = recv(connection->descriptor, worker->buffer, WORKER_BUFFER_BYTES, 0);
	int problem = size < 0 ? errno : connection->send_problem;

	if (size < 0 && (problem == EAGAIN || problem == EINTR))
		return -problem;
	if (!worker_may_go_on(worker, clock_now_ns()))
		return -ECANCELED;
	if (size > 0 && worker_is_counting(worker))
		worker->result->bytes_received += (uint64_t)size;
	if (connection->count == 0)
		exchange_read_unasked(worker, connection, size, problem);
	else if (size > 0)
		exchange_read(worker, connection, (size_t)size);
	else if (size == 0 && response_parse_end(&connection->parser))
		exchange_complete(worker, connection, false);
	else
		exchange_fail(worker, connection, ERROR_RESET, problem,
			      problem ? NULL : "closed by the server");
	return size > 0 ? size : 0;
}

/* Nothing is reported twice: neither what a full buffer left, nor the end behind what came. */
static void exchange_receive_all(struct worker *worker, struct connection *connection,
				 uint32_t events)
{
	bool ended = events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
	ssize_t size;

	do
		size = exchange_receive(worker, connection);
	while (connection->state == CONNECTION_OPEN &&
	       (size == WORKER_BUFFER_BYTES || size == -EINTR || (ended && size >= 0)));
}

void exchange_handle(struct worker *worker, struct connection *connection, uint32_t events)
{
	if (connection->role >= ROLE_SLOW_READER) {
		crowd_handle(worker, connection);
		return;
	}
	if ((events & EPOLLOUT) && connection->waits_for_room)
		exchange_flush(worker, connection);
	if (events & ~(uint32_t)EPOLLOUT)
		exchange_receive_all(worker, connection, events);
}
