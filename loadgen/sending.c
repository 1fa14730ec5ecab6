/* How requests go out. */
#include "lib/clock.h"
#include "loadgen/answer.h"
#include "loadgen/crowd.h"
#include "loadgen/exchange.h"
#include "loadgen/exchange_ring.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { VECTORS_MAX = 64 };

static void exchange_count_sent(struct worker *worker, struct exchange *exchange)
{
	struct tally *tally;

	worker->result->sent++;
	if (worker->load->options->stages.count) {
		uint64_t start_ns = atomic_load_explicit(&worker->load->start_ns,
							 memory_order_relaxed);

		exchange->stage = (uint8_t)stages_at(
			&worker->load->options->stages,
			exchange->due_ns > start_ns ? exchange->due_ns - start_ns : 0);
		tally_of_stage(worker, exchange)->sent++;
	}
	tally = tally_of_request(worker, exchange);
	if (tally)
		tally->sent++;
}

void exchange_expect_answer(struct worker *worker, struct connection *connection)
{
	response_parser_init(&connection->parser,
			     request_of(worker, exchange_at(worker, connection, 0))->is_head);
	answer_begin(connection);
}

static void exchange_queue(struct worker *worker, struct connection *connection, uint64_t due_ns)
{
	struct exchange *exchange = exchange_at(worker, connection, connection->count);

	exchange->connection = connection;
	exchange->due_ns = due_ns;
	exchange->sent_ns = worker->now_ns;
	exchange->request = (uint8_t)mix_choose(worker->load->mix, &worker->random);
	list_append(&worker->busy, &exchange->node);
	connection->count++;
	connection->unsent++;
	connection->begun++;
	if (connection->count == 1)
		exchange_expect_answer(worker, connection);
	if (worker_is_counting(worker) && connection->role == ROLE_ACTIVE)
		exchange_count_sent(worker, exchange);
}

/* Writes what is to be sent with one call; several requests share it. */
static ssize_t exchange_write(struct worker *worker, struct connection *connection)
{
	struct iovec vectors[VECTORS_MAX];
	struct msghdr message = {.msg_iov = vectors};
	uint32_t first = connection->count - connection->unsent;
	uint64_t skip = connection->written_bytes;

	for (uint32_t i = first; i < connection->count && message.msg_iovlen < VECTORS_MAX; i++) {
		const struct request *request = request_of(worker,
							   exchange_at(worker, connection, i));

		vectors[message.msg_iovlen++] = (struct iovec){.iov_base = request->bytes + skip,
							       .iov_len = request->size - skip};
		skip = 0;
	}
	if (message.msg_iovlen == 1)
		return send(connection->descriptor, vectors[0].iov_base, vectors[0].iov_len,
			    MSG_NOSIGNAL);
	return sendmsg(connection->descriptor, &message, MSG_NOSIGNAL);
}

static void exchange_count_written(struct worker *worker, struct connection *connection,
				   uint64_t written)
{
	if (worker_is_counting(worker))
		worker->result->bytes_sent += written;
	while (written > 0) {
		struct exchange *exchange = exchange_at(worker, connection,
							connection->count - connection->unsent);
		uint64_t left = request_of(worker, exchange)->size - connection->written_bytes;

		if (written < left) {
			connection->written_bytes += written;
			return;
		}
		written -= left;
		connection->written_bytes = 0;
		connection->unsent--;
	}
}

void exchange_flush(struct worker *worker, struct connection *connection)
{
	ssize_t sent;

	do {
		sent = exchange_write(worker, connection);
		if (sent > 0)
			exchange_count_written(worker, connection, (uint64_t)sent);
	} while ((sent > 0 && connection->unsent > 0) || (sent < 0 && errno == EINTR));
	connection->waits_for_room = sent < 0 && errno == EAGAIN;
	/*
	 * When sending has failed there may still be an answer to read (a server may refuse a long
	 * body and close), so receiving decides what became of this one.
	 */
	if (sent < 0 && !connection->waits_for_room)
		connection->send_problem = (uint8_t)errno;
}

/* Closed loop: as many requests as may be under way. */
static void exchange_fill(struct worker *worker, struct connection *connection)
{
	while (exchange_may_begin(worker, connection))
		exchange_queue(worker, connection, worker->now_ns);
	if (connection->unsent > 0)
		exchange_flush(worker, connection);
}

/* Open loop, or before the load begins: the connection may be used. */
static void exchange_offer(struct worker *worker, struct connection *connection)
{
	if (!worker->idle.first)
		worker->available_since_ns = worker->now_ns;
	connection_move(connection, &worker->idle);
}

void exchange_begin(struct worker *worker, struct connection *connection)
{
	if (connection->role != ROLE_ACTIVE) {
		crowd_begin(worker, connection);
	} else if (worker->open_loop || worker->phase < LOAD_WARM_UP) {
		exchange_offer(worker, connection);
		exchange_send_due(worker);
	} else {
		exchange_fill(worker, connection);
	}
}

void exchange_send(struct worker *worker, struct connection *connection)
{
	exchange_queue(worker, connection, worker->now_ns);
	exchange_flush(worker, connection);
}

/*
 * How late we are with what is sent now: counted from when it was due or, while all connections were
 * busy and the server was late, from when one was free. But after we were away, what had become due
 * takes up the connections at once, and the rest finds them busy for our sake. So until the schedule
 * is kept up with again, each may have waited for us as long as the one that we were latest with. It
 * is no more than that: to hold a queue up delays what is in it by the time that it was held up.
 */
static void exchange_note_lateness(struct worker *worker, uint64_t due_ns)
{
	uint64_t possible_ns = due_ns > worker->available_since_ns ? due_ns
								   : worker->available_since_ns;
	uint64_t late_ns = worker->now_ns - possible_ns, waited_ns = worker->now_ns - due_ns;

	if (late_ns > worker->behind_ns)
		worker->behind_ns = late_ns;
	else
		late_ns = waited_ns < worker->behind_ns ? waited_ns : worker->behind_ns;
	if (worker_is_counting(worker))
		histogram_record(&worker->result->send_lateness, late_ns);
}

void exchange_send_due(struct worker *worker)
{
	struct connection *connection;

	while (worker->schedule.due_ns <= worker->now_ns && worker_may_send(worker)) {
		uint64_t due_ns = worker->schedule.due_ns;

		connection = connection_first(&worker->idle);
		connection_move(connection, NULL);
		schedule_advance(&worker->schedule);
		exchange_note_lateness(worker, due_ns);
		exchange_queue(worker, connection, due_ns);
		if (exchange_may_begin(worker, connection))
			connection_move(connection, &worker->idle);
		exchange_flush(worker, connection);
		if (worker->schedule.due_ns <= worker->now_ns &&
		    !worker_may_go_on(worker, clock_now_ns()))
			return;
	}
	if (worker->schedule.due_ns > worker->now_ns)
		worker->behind_ns = 0;
}
