#include "servers/core/tasks/backend/backend_connection.h"

#include "servers/core/tasks/loop_services.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
	const char *where; /* NULL: there is none */
	unsigned idle_most;
	struct sockaddr_storage address;
	socklen_t address_length;
} settings;

/* Splits where the port begins; the host may be in brackets. */
static int look_up(const char *where, struct error *error)
{
	static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	const char *colon = strrchr(where, ':');
	char host[BACKEND_HOST_MOST];
	size_t length = colon ? (size_t)(colon - where) : 0;
	struct addrinfo *found;
	int result;

	if (length >= sizeof host || length == 0 || !colon[1])
		return error_set(
			error, "--backend: \"%s\" is not HOST:PORT, such as 127.0.0.1:8080", where);
	if (*where == '[' && where[length - 1] == ']')
		snprintf(host, sizeof host, "%.*s", (int)length - 2, where + 1);
	else
		snprintf(host, sizeof host, "%.*s", (int)length, where);
	result = getaddrinfo(host, colon + 1, &hints, &found);
	if (result != 0)
		return error_set(error, "--backend: %s: %s", where, gai_strerror(result));
	memcpy(&settings.address, found->ai_addr, found->ai_addrlen);
	settings.address_length = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

int backend_open(const char *where, unsigned idle_most, struct error *error)
{
	int result = look_up(where, error);

	if (result < 0)
		return result;
	settings.where = where;
	settings.idle_most = idle_most;
	return 0;
}

bool backend_is_open(void)
{
	return settings.where != NULL;
}

unsigned backend_idle_most(void)
{
	return settings.idle_most;
}

static void break_off(struct backend_connection *connection, const char *reason)
{
	connection->state = BACKEND_BROKEN;
	connection->reason = reason;
}

void backend_connect(struct backend_connection *connection)
{
	int one = 1, fd;

	connection->used = connection->begun = false;
	connection->state = BACKEND_CONNECTING;
	connection->interest = LOOP_OUT;
	fd = socket(settings.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	connection->fd = fd;
	if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0 ||
	    (connect(fd, (struct sockaddr *)&settings.address, settings.address_length) < 0 &&
	     errno != EINPROGRESS))
		break_off(connection, "no connection to the backend");
}

void backend_close(struct backend_connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	connection->fd = -1;
}

void backend_conclude(const struct backend_connection *connection, struct backend_fetch *fetch)
{
	fetch->failed_status = 503;
	if (connection->state == BACKEND_BROKEN) {
		fetch->reason = connection->reason;
	} else if (connection->status != 200) {
		fetch->reason = "the backend's answer is not 200";
	} else {
		fetch->failed_status = 0;
		fetch->length = connection->body_length;
		memcpy(fetch->body, connection->body, connection->body_length);
	}
}

static int keep_body(llhttp_t *parser, const char *data, size_t length)
{
	struct backend_connection *connection = parser->data;

	if (length > sizeof connection->body - connection->body_length) {
		connection->too_long = true;
		return HPE_USER;
	}
	memcpy(connection->body + connection->body_length, data, length);
	connection->body_length += length;
	return 0;
}

/* An interim answer (1xx) is not the answer. */
static int complete(llhttp_t *parser)
{
	struct backend_connection *connection = parser->data;

	if (parser->status_code < 200 && parser->status_code != 101)
		return 0;
	connection->status = parser->status_code;
	connection->keeps = llhttp_should_keep_alive(parser) && settings.idle_most > 0;
	connection->state = BACKEND_DONE;
	return HPE_PAUSED;
}

static const llhttp_settings_t answer_events = {.on_body = keep_body,
						.on_message_complete = complete};

void backend_ask(struct backend_connection *connection, uint64_t ms)
{
	connection->request_length = (size_t)snprintf(
		connection->request, sizeof connection->request,
		"GET /wait/%llu HTTP/1.1\r\nHost: %s\r\n%s\r\n", (unsigned long long)ms,
		settings.where, settings.idle_most ? "" : "Connection: close\r\n");
	connection->sent = connection->body_length = 0;
	connection->begun = connection->keeps = connection->too_long = false;
	connection->status = 0;
	llhttp_init(&connection->parser, HTTP_RESPONSE, &answer_events);
	connection->parser.data = connection;
	if (connection->state == BACKEND_CONNECTING || connection->state == BACKEND_BROKEN)
		return;
	connection->used = true;
	connection->state = BACKEND_SENDING;
	backend_go_on(connection);
}

/* Whether it is. */
static bool is_connected(struct backend_connection *connection)
{
	int failure = 0;
	socklen_t length = sizeof failure;

	if (getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &failure, &length) == 0 && !failure)
		return true;
	break_off(connection, "no connection to the backend");
	return false;
}

static void send_request(struct backend_connection *connection)
{
	while (connection->sent < connection->request_length) {
		ssize_t sent = send(connection->fd, connection->request + connection->sent,
				    connection->request_length - connection->sent, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			connection->interest = LOOP_OUT;
			return;
		}
		if (sent < 0) {
			break_off(connection, "the connection to the backend was lost");
			return;
		}
		connection->sent += (size_t)sent;
	}
	connection->state = BACKEND_RECEIVING;
	connection->interest = LOOP_IN;
}

/* What came is read; what follows a complete answer is more than was asked for. */
static void read_answer(struct backend_connection *connection, const char *data, size_t length)
{
	enum llhttp_errno result;

	connection->begun = true;
	result = llhttp_execute(&connection->parser, data, length);
	if (connection->state == BACKEND_DONE) {
		if (llhttp_get_error_pos(&connection->parser) != data + length)
			connection->keeps = false;
	} else if (result != HPE_OK) {
		break_off(connection, connection->too_long ? "the backend's answer is too long"
							   : "the backend's answer is not HTTP");
	}
}

static void receive_answer(struct backend_connection *connection)
{
	char data[1024];
	ssize_t length;

	do
		length = recv(connection->fd, data, sizeof data, 0);
	while (length < 0 && errno == EINTR);
	if (length > 0) {
		read_answer(connection, data, (size_t)length);
	} else if (length == 0) {
		llhttp_finish(&connection->parser); /* the end may be that of the answer */
		if (connection->state != BACKEND_DONE)
			break_off(connection, "the connection to the backend was lost");
	} else if (errno != EAGAIN && errno != EWOULDBLOCK) {
		break_off(connection, "the connection to the backend was lost");
	}
}

void backend_go_on(struct backend_connection *connection)
{
	if (connection->state == BACKEND_CONNECTING) {
		if (!is_connected(connection))
			return;
		connection->state = BACKEND_SENDING;
	}
	if (connection->state == BACKEND_SENDING)
		send_request(connection);
	else if (connection->state == BACKEND_RECEIVING)
		receive_answer(connection);
}
