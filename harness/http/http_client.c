#include "harness/http/http_client.h"

#include "harness/process/interrupt.h"
#include "lib/clock.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECEIVE_BYTES = 65536 };

static int connect_address(struct http_client *client, const struct addrinfo *address,
			   uint64_t deadline_ns)
{
	static const int yes = 1;
	struct pollfd poller = {.events = POLLOUT};
	socklen_t size = sizeof(int);
	int status = 0;

	client->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return -errno;
	if (setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) < 0)
		return -errno;
	if (connect(client->fd, address->ai_addr, address->ai_addrlen) == 0)
		return 0;
	if (errno != EINPROGRESS && errno != EINTR)
		return -errno;
	poller.fd = client->fd;
	status = interrupt_wait(&poller, deadline_ns);
	if (status < 0)
		return status;
	if (getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &status, &size) < 0)
		return -errno;
	return -status;
}

int http_client_open(struct http_client *client, const char *host, uint16_t port,
		     uint64_t timeout_ns)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	uint64_t deadline_ns = clock_now_ns() + timeout_ns;
	struct addrinfo *addresses;
	char service[8];
	int status = -EHOSTUNREACH;

	*client = (struct http_client){.fd = -1, .most_bytes = HTTP_CLIENT_MOST_BYTES};
	snprintf(service, sizeof service, "%u", port);
	if (getaddrinfo(host, service, &hints, &addresses) != 0)
		return status;
	for (const struct addrinfo *address = addresses; address; address = address->ai_next) {
		status = connect_address(client, address, deadline_ns);
		if (status == 0)
			break;
		http_client_close(client);
	}
	freeaddrinfo(addresses);
	return status;
}

void http_client_close(struct http_client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	free(client->buffer);
	*client = (struct http_client){.fd = -1, .most_bytes = client->most_bytes};
}

void http_client_abort(struct http_client *client)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	/* Should this fail, the connection is closed in order, which is all that can be done. */
	if (client->fd >= 0)
		(void)setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	http_client_close(client);
}

int http_client_half_close(struct http_client *client)
{
	return shutdown(client->fd, SHUT_WR) < 0 ? -errno : 0;
}

/* Room behind pending for what comes: what was given out goes, then the buffer grows. */
static int make_space(struct http_client *client)
{
	size_t given_bytes = client->buffer ? (size_t)(client->pending - client->buffer) : 0;
	size_t capacity = client->capacity * 2 + RECEIVE_BYTES;
	char *grown;

	if (client->capacity - given_bytes - client->pending_bytes >= RECEIVE_BYTES)
		return 0;
	if (given_bytes > 0) {
		memmove(client->buffer, client->pending, client->pending_bytes);
		client->pending = client->buffer;
		if (client->capacity - client->pending_bytes >= RECEIVE_BYTES)
			return 0;
	}
	grown = realloc(client->buffer, capacity);
	if (!grown)
		return -ENOMEM;
	client->buffer = client->pending = grown;
	client->capacity = capacity;
	return 0;
}

/* Adds what has come to pending, waiting for it. Bytes received, 0 at the end, or -errno. */
static long receive_more(struct http_client *client, uint64_t deadline_ns)
{
	struct pollfd poller = {.fd = client->fd, .events = POLLIN};
	ssize_t got;
	int status;

	if (client->ended)
		return 0;
	if (client->pending_bytes > client->most_bytes)
		return -EMSGSIZE;
	status = make_space(client);
	if (status < 0)
		return status;
	for (;;) {
		char *end = client->pending + client->pending_bytes;

		got = recv(client->fd, end, (size_t)(client->buffer + client->capacity - end), 0);
		if (got >= 0)
			break;
		if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		status = interrupt_wait(&poller, deadline_ns);
		if (status < 0)
			return status;
	}
	client->ended = got == 0;
	client->pending_bytes += (size_t)got;
	return got;
}

/*
 * Waits until more can be sent. Meanwhile it takes in what comes: a server that is answering may
 * rightly read no more before its answers are read.
 */
static int make_room(struct http_client *client, uint64_t deadline_ns)
{
	for (;;) {
		struct pollfd poller = {.fd = client->fd,
					.events = client->ended ? POLLOUT : POLLIN | POLLOUT};
		int status = interrupt_wait(&poller, deadline_ns);
		long got;

		if (status < 0 || (poller.revents & ~POLLIN))
			return status;
		got = receive_more(client, deadline_ns);
		if (got < 0)
			return (int)got;
	}
}

int http_client_send(struct http_client *client, const char *bytes, size_t count,
		     uint64_t deadline_ns)
{
	while (count > 0) {
		ssize_t sent = send(client->fd, bytes, count, MSG_NOSIGNAL);

		if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			int status = make_room(client, deadline_ns);

			if (status < 0)
				return status;
			continue;
		}
		if (sent < 0 && errno != EINTR)
			return -errno;
		if (sent > 0) {
			bytes += sent;
			count -= (size_t)sent;
		}
	}
	return 0;
}

int http_client_send_split(struct http_client *client, const char *bytes, size_t count, size_t at,
			   uint64_t pause_ns, uint64_t deadline_ns)
{
	int status = http_client_send(client, bytes, at, deadline_ns);

	if (status < 0)
		return status;
	status = interrupt_wait(NULL, clock_now_ns() + pause_ns);
	if (status != -ETIMEDOUT)
		return status;
	return http_client_send(client, bytes + at, count - at, deadline_ns);
}

static void drop_pending(struct http_client *client, size_t count)
{
	client->pending += count;
	client->pending_bytes -= count;
}

int http_client_receive(struct http_client *client, bool head, struct http_response *response,
			uint64_t deadline_ns)
{
	*response = (struct http_response){0};
	for (;;) {
		long used = 0;
		long got;

		if (client->pending_bytes > 0)
			used = http_response_parse(client->pending, client->pending_bytes, head,
						   client->ended, response);
		if (used > 0) {
			drop_pending(client, (size_t)used);
			return 0;
		}
		if (used < 0)
			return (int)used;
		if (client->ended)
			return client->pending_bytes > 0 ? -EPROTO : -ENODATA;
		got = receive_more(client, deadline_ns);
		if (got < 0)
			return (int)got;
	}
}

int http_client_receive_to(struct http_client *client, bool head, struct http_response *response,
			   void (*take)(void *context, const char *bytes, size_t count),
			   void *context, uint64_t deadline_ns)
{
	/* As if it answered HEAD: what follows is for the loop below. */
	int result = http_client_receive(client, true, response, deadline_ns);
	struct http_body body;

	if (result == 0)
		result = http_body_begin(&body, response, head);
	while (result == 0 && body.part != HTTP_BODY_OVER) {
		size_t given = 0;
		long used = client->pending_bytes ? http_body_take(&body, client->pending,
								   client->pending_bytes, &given)
						  : 0;

		if (used > 0) {
			if (given > 0)
				take(context, client->pending + used - given, given);
			drop_pending(client, (size_t)used);
		} else if (used == 0) {
			if (client->ended && body.part == HTTP_BODY_TO_END)
				break;
			used = client->ended ? -EPROTO : receive_more(client, deadline_ns);
		}
		result = used < 0 ? (int)used : 0;
	}
	if (result < 0)
		http_response_destroy(response);
	return result;
}

int http_client_await_close(struct http_client *client, uint64_t deadline_ns)
{
	long got;

	do
		got = receive_more(client, deadline_ns);
	while (got > 0);
	return (int)got;
}
