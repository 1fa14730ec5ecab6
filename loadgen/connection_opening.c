#include "loadgen/connection.h"

#include "loadgen/arrival.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* So many bytes may lie in the kernel where a connection is to be read slowly. */
enum { SLOW_RECEIVE_BYTES = 4096 };

void connection_stamp(const struct connection *connection, const struct wire *wire)
{
	if (connection->descriptor >= 0)
		arrival_ask(connection->descriptor, wire->stamps);
}

int connection_open(struct connection *connection, const struct wire *wire, uint64_t n)
{
	/*
	 * Only changes are reported, so the kernel need not look a second time at what was reported
	 * once, and what is waited for never has to be said again.
	 */
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
				    .data.ptr = connection};
	struct connecting connecting = {
		.source = wire->load->source,
		.n = n,
		.address = connection->address,
		.closes_in_order = wire->options->closing == CLOSING_FIN,
		.receive_buffer = connection->role == ROLE_SLOW_READER ? SLOW_RECEIVE_BYTES : 0};
	int descriptor = target_connect(wire->load->target, &connecting);

	if (descriptor < 0)
		return descriptor;
	connection->descriptor = descriptor;
	if (wire->stamps)
		connection_stamp(connection, wire);
	if (epoll_ctl(wire->epoll_fd, EPOLL_CTL_ADD, descriptor, &event) < 0) {
		int result = -errno;

		connection_close(connection);
		return result;
	}
	connection->state = CONNECTION_OPENING;
	return 0;
}

bool connection_try_next_address(struct connection *connection, const struct wire *wire)
{
	size_t count = wire->load->target->other_count + 1;

	connection->address = (uint8_t)((connection->address + 1) % count);
	if (++connection->refused < count)
		return true;
	connection->refused = 0;
	return false;
}

int connection_finish_opening(struct connection *connection, const struct wire *wire,
			      uint32_t events)
{
	socklen_t size = sizeof(int);
	int problem = 0;

	if ((events & (EPOLLERR | EPOLLHUP)) &&
	    getsockopt(connection->descriptor, SOL_SOCKET, SO_ERROR, &problem, &size) < 0)
		problem = errno;
	if (problem)
		return problem;
	connection->waits_for_room = false;
	connection->begun = connection->count;
	connection->send_problem = 0;
	if (wire->load->tls) {
		connection->state = CONNECTION_SHAKING;
		connection->crossed = false;
		return -tls_begin(wire->load->tls, &connection->tls, connection->descriptor,
				  connection->role != ROLE_ACTIVE);
	}
	connection->state = CONNECTION_OPEN;
	connection->refused = 0;
	return 0;
}

int connection_shake_hands(struct connection *connection, struct tls_handshake *handshake)
{
	int result = tls_shake_hands(connection->tls, handshake);

	if (result < 0)
		return -result;
	connection->state = CONNECTION_OPEN;
	connection->refused = 0;
	return 0;
}

void connection_close(struct connection *connection)
{
	if (connection->tls)
		tls_end(connection->tls);
	if (connection->descriptor >= 0)
		close(connection->descriptor);
	connection->descriptor = -1;
	connection->state = CONNECTION_CLOSED;
	connection->written_bytes = 0;
	connection->unsent = connection->count;
}

void connection_destroy(struct connection *connection)
{
	connection_close(connection);
	tls_free(connection->tls);
	connection->tls = NULL;
}
