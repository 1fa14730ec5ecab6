#include "loadgen/opening.h"
#include "lib/clock.h"
#include "loadgen/exchange.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

static void opening_fail(struct worker *worker, struct connection *connection, int problem)
{
	worker_fail(worker, ERROR_CONNECT, PHASE_CONNECT, problem, NULL);
	if (connection->descriptor >= 0)
		close(connection->descriptor);
	connection->descriptor = -1;
	connection->state = CONNECTION_CLOSED;
	connection->failed_last = true;
	if (connection->role == ROLE_IDLE) {
		connection_move(connection, NULL);
		worker_await_no_more(worker, connection);
		return;
	}
	connection->since_ns = worker->now_ns;
	connection_move(connection, &worker->to_open_later);
}

static void opening_try(struct worker *worker, struct connection *connection, uint64_t n)
{
	/*
	 * Only changes are reported, so the kernel need not look a second time at what was reported
	 * once, and what is waited for never has to be said again.
	 */
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
				    .data.ptr = connection};
	struct connecting connecting = {
		.source = worker->load->source,
		.n = n,
		.receive_buffer = connection->role == ROLE_SLOW_READER ? SLOW_RECEIVE_BYTES : 0};
	int descriptor = target_connect(worker->load->target, &connecting);

	connection->descriptor = descriptor;
	if (descriptor < 0) {
		opening_fail(worker, connection, -descriptor);
		return;
	}
	if (epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, descriptor, &event) < 0) {
		opening_fail(worker, connection, errno);
		return;
	}
	connection->state = CONNECTION_OPENING;
	connection_move(connection, &worker->opening);
}

/* While connecting for the first time nothing is tried twice. */
static void opening_end_rest(struct worker *worker)
{
	struct connection *connection;

	if (worker->phase == LOAD_CONNECT)
		return;
	while ((connection = connection_first(&worker->to_open_later)) &&
	       connection->since_ns + OPENING_REST_NS <= worker->now_ns)
		connection_move(connection, &worker->to_open);
}

/* With --connect-rate: whether it is time, and when it is next. What is missed is not made up for. */
static bool opening_is_allowed(struct worker *worker)
{
	if (worker->connect_distance_ns == 0)
		return true;
	if (worker->now_ns < worker->next_connect_ns)
		return false;
	if (worker->next_connect_ns + OPENING_CATCH_UP_NS < worker->now_ns)
		worker->next_connect_ns = worker->now_ns;
	worker->next_connect_ns += worker->connect_distance_ns;
	return true;
}

bool opening_begin(struct worker *worker)
{
	struct connection *connection;
	int begun = 0;

	opening_end_rest(worker);
	while (worker->opening.count < worker->opening_max &&
	       (connection = connection_first(&worker->to_open))) {
		if (begun++ == OPENING_BATCH)
			return true;
		if (!worker_may_go_on(worker, clock_now_ns()) || !opening_is_allowed(worker))
			return false;
		connection->since_ns = worker->now_ns;
		opening_try(worker, connection,
			    worker->index +
				    worker->connect_attempts++ * worker->load->options->threads);
	}
	return false;
}

/* Why the attempt failed, as errno; 0: it did not. */
static int opening_problem(const struct connection *connection, uint32_t events)
{
	socklen_t size = sizeof(int);
	int problem = 0;

	if (!(events & (EPOLLERR | EPOLLHUP)))
		return 0;
	if (getsockopt(connection->descriptor, SOL_SOCKET, SO_ERROR, &problem, &size) < 0)
		problem = errno;
	return problem;
}

void opening_finish(struct worker *worker, struct connection *connection, uint32_t events)
{
	int problem;

	if (!worker_may_go_on(worker, clock_now_ns()))
		return;
	problem = opening_problem(connection, events);
	if (problem) {
		opening_fail(worker, connection, problem);
		return;
	}
	connection_move(connection, NULL);
	connection->state = CONNECTION_OPEN;
	connection->waits_for_room = false;
	connection->begun = 0;
	connection->send_problem = 0;
	histogram_record(&worker->result->connect, worker->now_ns - connection->since_ns);
	worker_count_open(worker, connection, 1);
	exchange_begin(worker, connection);
	/* What came with the news is not reported again. */
	if (connection->role < ROLE_SLOW_READER && connection->state == CONNECTION_OPEN)
		exchange_handle(worker, connection, events);
}

void opening_expire(struct worker *worker)
{
	uint64_t timeout_ns = worker->load->options->timeout_ns;
	bool all = worker->phase == LOAD_CONNECT && worker->now_ns >= worker->connect_deadline_ns;
	struct connection *connection;

	while ((connection = connection_first(&worker->opening)) &&
	       (all || connection->since_ns + timeout_ns <= worker->now_ns))
		opening_fail(worker, connection, ETIMEDOUT);
	while (all && (connection = connection_first(&worker->to_open)))
		opening_fail(worker, connection, ETIMEDOUT);
}
