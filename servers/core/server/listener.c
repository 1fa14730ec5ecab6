#include "servers/core/server/listener.h"

#include "lib/listening.h"
#include "servers/core/server/stop.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG_MOST = 65535, BACKLOG_ASSUMED = 4096 };

static int backlog_read(void)
{
	FILE *file = fopen("/proc/sys/net/core/somaxconn", "re");
	int most = 0;

	if (!file)
		return BACKLOG_ASSUMED;
	if (fscanf(file, "%d", &most) != 1 || most <= 0)
		most = BACKLOG_ASSUMED;
	fclose(file);
	return most < BACKLOG_MOST ? most : BACKLOG_MOST;
}

/* Splits "HOST:PORT" in place; both parts point into text, host may be NULL. */
static int split_address(char *text, const char **host, const char **port)
{
	char *colon = strrchr(text, ':');

	if (!colon) {
		*host = NULL;
		*port = text;
		return 0;
	}
	*colon = '\0';
	*port = colon + 1;
	*host = text;
	if (text[0] == '[') {
		if (colon == text || colon[-1] != ']')
			return -EINVAL;
		colon[-1] = '\0';
		*host = text + 1;
	}
	return **host && **port ? 0 : -EINVAL;
}

static int share_port(int fd)
{
	int one = 1;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
}

static int bound_unsent(int fd, unsigned most)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most);
}

/* What those who are accepted inherit is set before anybody can connect. */
static int listen_at(const struct sockaddr *address, socklen_t length,
		     const struct listener *listener, bool shared)
{
	int one = 1, failure;
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0 ||
	    (listener->terms->send_buffer_bytes &&
	     bound_unsent(fd, listener->terms->send_buffer_bytes) < 0) ||
	    (shared && share_port(fd) < 0) || bind(fd, address, length) < 0 ||
	    listen(fd, listener->backlog) < 0) {
		failure = -errno;
		close(fd);
		return failure;
	}
	return fd;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof address;

	if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		return 0;
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

/* By the address itself, since a name may stand for several. */
static void explain_in_use(const struct addrinfo *found, const char *where, struct error *error)
{
	struct listening holder = {0};
	char host[NI_MAXHOST], port[NI_MAXSERV], text[80] = "another process has it";

	if (getnameinfo(found->ai_addr, found->ai_addrlen, host, sizeof host, port, sizeof port,
			NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		listening_find(&holder, host, (uint16_t)strtoul(port, NULL, 10));
	if (holder.pid)
		snprintf(text, sizeof text, "%s, process %d, has it", holder.name, (int)holder.pid);
	error_set(error, "cannot listen on %s: port %s is in use: %s. Port 0 takes a free one",
		  where, port, text);
}

int listener_open(struct listener *listener, const char *where, const struct listener_terms *terms,
		  struct error *error)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC,
				 .ai_socktype = SOCK_STREAM,
				 .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *found = NULL;
	const char *host, *port;
	char text[300];
	int failure;

	*listener = (struct listener){
		.fd = -1, .stop_fd = -1, .backlog = backlog_read(), .terms = terms};
	if (terms->backlog > (unsigned)listener->backlog)
		return error_set(error,
				 "--backlog %u is beyond what the system allows, which is %d "
				 "(net.core.somaxconn; as root: sysctl net.core.somaxconn=%u)",
				 terms->backlog, listener->backlog, terms->backlog);
	if (terms->backlog)
		listener->backlog = (int)terms->backlog;
	if (snprintf(text, sizeof text, "%s", where) >= (int)sizeof text ||
	    split_address(text, &host, &port) < 0)
		return error_set(error,
				 "\"%s\" is no address to listen on: write HOST:PORT, "
				 "[IPV6]:PORT or PORT, for instance 127.0.0.1:8080",
				 where);
	failure = getaddrinfo(host ? host : "127.0.0.1", port, &hints, &found);
	if (failure)
		return error_set(error, "cannot listen on %s: %s", where, gai_strerror(failure));
	listener->fd = listen_at(found->ai_addr, found->ai_addrlen, listener, false);
	if (listener->fd == -EADDRINUSE)
		explain_in_use(found, where, error);
	else if (listener->fd < 0)
		error_set(error, "cannot listen on %s: %s", where, strerror(-listener->fd));
	freeaddrinfo(found);
	if (listener->fd < 0)
		return listener->fd;
	listener->port = port_of(listener->fd);
	listener->stop_fd = stop_open();
	if (listener->stop_fd < 0) {
		failure = listener->stop_fd;
		error_set(error, "cannot watch for signals: %s", strerror(-failure));
		listener_close(listener);
		return failure;
	}
	return 0;
}

int listener_open_another(const struct listener *listener, struct listener *another)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof address;

	if (getsockname(listener->fd, (struct sockaddr *)&address, &length) < 0 ||
	    share_port(listener->fd) < 0)
		return -errno;
	*another = *listener;
	another->fd = listen_at((struct sockaddr *)&address, length, listener, true);
	return another->fd < 0 ? another->fd : 0;
}

int listener_ready(struct listener *listener)
{
	return listener->ready ? listener->ready(listener) : 0;
}

int listener_explain_shortage(const struct listener *listener, unsigned started, unsigned wanted,
			      const char *what, int failure)
{
	if (listener->error)
		error_set(listener->error,
			  "only %u of %u %s could be started: %s. More are allowed with ulimit -u, "
			  "or in a container by its limit of processes; --workers asks for fewer "
			  "where a model has several",
			  started, wanted, what, strerror(-failure));
	return failure;
}

void listener_close(struct listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	listener->fd = -1;
}

int listener_accept(const struct listener *listener, int flags)
{
	while (!listener->take) {
		int fd = accept4(listener->fd, NULL, NULL, flags | SOCK_CLOEXEC);

		if (fd >= 0)
			return admission_take(fd, listener->terms->max_connections) ? fd
										    : -ECONNREFUSED;
		switch (errno) {
		case ECONNABORTED:
		case EPROTO:
		case ENETDOWN:
		case ENOPROTOOPT:
		case EHOSTDOWN:
		case ENONET:
		case EHOSTUNREACH:
		case ENETUNREACH:
		case EPERM:
			counters_add(ACCEPT_ABORTED);
			continue; /* that connection is gone; the next one may be well */
		default:
			if (listener_is_shortage(-errno))
				counters_add(ACCEPT_SHORTAGE);
			return -errno;
		}
	}
	return listener->take(listener->take_context);
}

int listener_is_shortage(int negative_errno)
{
	return negative_errno == -EMFILE || negative_errno == -ENFILE ||
	       negative_errno == -ENOBUFS || negative_errno == -ENOMEM;
}
