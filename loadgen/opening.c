#include "loadgen/opening.h"
#include "lib/clock.h"
#include "loadgen/exchange.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

static void opening_fail(struct worker *worker, struct connection *connection, int problem)
{
	worker_count_error(worker, ERROR_CONNECT);
	if (worker->result->connect_errno == 0)
		worker->result->connect_errno = problem;
	if (connection->descriptor >= 0)
		close(connection->descriptor);
	connection->descriptor = -1;
	connection->state = CONNECTION_CLOSED;
	connection->failed_last = true;
	if (connection->crowd) {
		worker_settle_crowd(worker);
		return;
	}
	connection->since_ns = worker->now_ns;
	connection_list_append(&worker->to_open_later, connection);
}

static void opening_try(struct worker *worker, struct connection *connection)
{
	struct epoll_event event = {.events = EPOLLOUT, .data.ptr = connection};
	int descriptor = target_connect(worker->load->target);

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
	connection->watches_output = true;
	connection_list_append(&worker->opening, connection);
}

/* While connecting for the first time nothing is tried twice. */
static void opening_end_rest(struct worker *worker)
{
	struct connection *connection;

	if (worker->phase == LOAD_CONNECT)
		return;
	while ((connection = worker->to_open_later.first) &&
	       connection->since_ns + OPENING_REST_NS <= worker->now_ns) {
		connection_list_remove(&worker->to_open_later, connection);
		connection_list_append(&worker->to_open, connection);
	}
}

bool opening_begin(struct worker *worker)
{
	struct connection *connection;
	int begun = 0;

	opening_end_rest(worker);
	while (worker->opening.count < worker->opening_max &&
	       (connection = worker->to_open.first)) {
		if (begun++ == OPENING_BATCH)
			return true;
		if (!worker_may_go_on(worker, clock_now_ns()))
			return false;
		connection_list_remove(&worker->to_open, connection);
		connection->since_ns = worker->now_ns;
		opening_try(worker, connection);
	}
	return false;
}

void opening_finish(struct worker *worker, struct connection *connection)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
	socklen_t size = sizeof(int);
	int problem = 0;

	if (!worker_may_go_on(worker, clock_now_ns()))
		return;
	connection_list_remove(&worker->opening, connection);
	if (getsockopt(connection->descriptor, SOL_SOCKET, SO_ERROR, &problem, &size) < 0 ||
	    (problem == 0 &&
	     epoll_ctl(worker->epoll_fd, EPOLL_CTL_MOD, connection->descriptor, &event) < 0))
		problem = errno;
	if (problem) {
		opening_fail(worker, connection, problem);
		return;
	}
	connection->watches_output = false;
	histogram_record(&worker->result->connect, worker->now_ns - connection->since_ns);
	worker_count_open(worker, connection, 1);
	exchange_begin(worker, connection);
}

void opening_expire(struct worker *worker)
{
	uint64_t timeout_ns = worker->load->options->timeout_ns;
	bool all = worker->phase == LOAD_CONNECT && worker->now_ns >= worker->connect_deadline_ns;
	struct connection *connection;

	while ((connection = worker->opening.first) &&
	       (all || connection->since_ns + timeout_ns <= worker->now_ns)) {
		connection_list_remove(&worker->opening, connection);
		opening_fail(worker, connection, ETIMEDOUT);
	}
	while (all && (connection = worker->to_open.first)) {
		connection_list_remove(&worker->to_open, connection);
		opening_fail(worker, connection, ETIMEDOUT);
	}
}
