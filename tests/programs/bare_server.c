/*
 * bare-server: the least that a connection can cost a server, to compare models with.
 *
 * An epoll loop, or a thread of default attributes (8 MiB of stack) for each connection, and
 * nothing of its own for a connection: whatever ends in an empty line is answered alike. It keeps
 * no rule of HTTP beyond that, has no limits and handles no error.
 *
 * Try: bare-server epoll 8080; bare-server threads 8080
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_MAX = 256, INPUT_BYTES = 2048, BACKLOG = 4096 };

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
			     "Content-Length: 13\r\n\r\nHello, World!";

static void fail(const char *what)
{
	fprintf(stderr, "bare-server: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int listen_at(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* those accepted have it too */
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
	    listen(fd, BACKLOG) < 0)
		fail("listen");
	return fd;
}

/* Answers what has come whole. False: the connection has ended. */
static bool serve(int fd)
{
	char input[INPUT_BYTES];
	ssize_t length = recv(fd, input, sizeof input, 0);

	if (length <= 0)
		return false;
	if (length >= 4 && memcmp(input + length - 4, "\r\n\r\n", 4) == 0)
		return send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL) > 0;
	return true;
}

static void *serve_one(void *argument)
{
	int fd = (int)(intptr_t)argument;

	while (serve(fd))
		;
	close(fd);
	return NULL;
}

static void run_threads(int listener)
{
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		pthread_t thread;

		if (fd < 0)
			fail("accept");
		if (pthread_create(&thread, NULL, serve_one, (void *)(intptr_t)fd) != 0)
			fail("pthread_create");
		pthread_detach(thread);
	}
}

static void watch(int epoll_fd, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		fail("accept");
}

static void run_loop(int listener)
{
	struct epoll_event events[EVENTS_MAX];
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

	watch(epoll_fd, listener);
	for (;;) {
		int count = epoll_wait(epoll_fd, events, EVENTS_MAX, -1);

		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;

			if (fd == listener)
				watch(epoll_fd, accept4(listener, NULL, NULL, SOCK_CLOEXEC));
			else if (!serve(fd))
				close(fd);
		}
	}
}

int main(int argc, char **argv)
{
	bool threads = argc == 3 && strcmp(argv[1], "threads") == 0;
	struct rlimit files;
	int listener;

	if (argc != 3 || (!threads && strcmp(argv[1], "epoll") != 0)) {
		fprintf(stderr, "usage: bare-server epoll|threads PORT\n");
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	listener = listen_at((uint16_t)strtoul(argv[2], NULL, 10));
	if (threads)
		run_threads(listener);
	run_loop(listener);
}
