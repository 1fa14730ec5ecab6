/*
 * bare-client: the least that a closed loop over HTTP can cost, to measure the load generator by.
 *
 * One thread, one epoll loop; whoever has as many bytes as the first answer had sends again. No
 * answer is looked at, nothing is timed, nothing can go wrong orderly.
 *
 * Try: bare-client 8080 /plaintext 64 3    (port, path, connections, seconds)
 */
#include "lib/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_MAX = 256, BUFFER_BYTES = 65536, REQUEST_BYTES = 512 };

struct connection {
	int descriptor;
	size_t left; /* bytes of the answer that are still to come */
};

static char request[REQUEST_BYTES], buffer[BUFFER_BYTES];
static size_t request_bytes, answer_bytes;

static void fail(const char *what)
{
	fprintf(stderr, "bare-client: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_connection(uint16_t port)
{
	static const struct linger reset = {.l_onoff = 1};
	static const int one = 1;
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (descriptor < 0 ||
	    connect(descriptor, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0 ||
	    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) < 0)
		fail("connect");
	return descriptor;
}

static void begin(struct connection *connection)
{
	if (send(connection->descriptor, request, request_bytes, MSG_NOSIGNAL) !=
	    (ssize_t)request_bytes)
		fail("send");
	connection->left = answer_bytes;
}

/* The first answer tells how long all are: short ones come in one piece. */
static void learn(struct connection *connection)
{
	ssize_t size;

	begin(connection);
	size = recv(connection->descriptor, buffer, sizeof(buffer), 0);
	if (size <= 0)
		fail("recv");
	answer_bytes = (size_t)size;
}

static uint64_t loop(int epoll_fd, uint64_t end_ns)
{
	struct epoll_event events[EVENTS_MAX];
	uint64_t answers = 0;

	while (clock_now_ns() < end_ns) {
		int count = epoll_wait(epoll_fd, events, EVENTS_MAX, 100);

		for (int i = 0; i < count; i++) {
			struct connection *connection = events[i].data.ptr;
			ssize_t size = recv(connection->descriptor, buffer, sizeof(buffer),
					    MSG_DONTWAIT);

			if (size <= 0 || (size_t)size > connection->left)
				fail("recv");
			connection->left -= (size_t)size;
			if (connection->left > 0)
				continue;
			answers++;
			begin(connection);
		}
	}
	return answers;
}

int main(int argc, char **argv)
{
	unsigned long port, count, seconds;
	struct connection *connections;
	struct rlimit limit;
	uint64_t answers;
	int epoll_fd;

	if (argc != 5) {
		fputs("usage: bare-client PORT PATH CONNECTIONS SECONDS\n", stderr);
		return 2;
	}
	port = strtoul(argv[1], NULL, 10);
	count = strtoul(argv[3], NULL, 10);
	seconds = strtoul(argv[4], NULL, 10);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	request_bytes = (size_t)snprintf(request, sizeof(request),
					 "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%lu\r\n\r\n", argv[2],
					 port);
	connections = calloc(count, sizeof(*connections));
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (!connections || epoll_fd < 0 || count == 0)
		fail("cannot begin");
	for (unsigned long i = 0; i < count; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};

		connections[i].descriptor = open_connection((uint16_t)port);
		if (i == 0)
			learn(&connections[i]);
		if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, connections[i].descriptor, &event) < 0)
			fail("epoll_ctl");
	}
	for (unsigned long i = 0; i < count; i++)
		begin(&connections[i]);
	answers = loop(epoll_fd, clock_now_ns() + seconds * NS_PER_S);
	printf("{\"good\": %" PRIu64 "}\n", answers);
	for (unsigned long i = 0; i < count; i++)
		close(connections[i].descriptor);
	close(epoll_fd);
	free(connections);
	return 0;
}
