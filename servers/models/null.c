/*
 * null: no server, but the floor that servers stand on.
 *
 * It answers whatever it reads with the same bytes: the answer to GET /plaintext, made once at the
 * start by core itself, so that it is as long as everybody's. Nothing is parsed, no connection has
 * a record, nothing is ever kept for later. What remains is what the system takes of any server: one
 * recv, one send, and a share of an epoll_wait. What a model costs above this is its own; and a
 * load generator that null does not outrun has been measured instead of the server.
 *
 * It is not fair, and not meant to be: one answer for each read, so that a client that pipelines
 * or sends a body in pieces counts other answers than it sent requests; the Date is that of the
 * start; /wait/MS does not wait; a client that does not read is cut, one that is silent is not:
 * there are no deadlines, and requests are not counted. `tenk check` and rankings leave it out.
 *
 * What a connection costs: nothing of ours, only the kernel's socket and its entry in epoll.
 *
 * Compare everything with this; epoll.c is the same loop with a server in it.
 * Known from: fio's null engine, and every "hello world" that was ever called fastest.
 *
 * Try: server-null --listen 127.0.0.1:8080
 */
#include "lib/clock.h"
#include "servers/core/http/bounds.h"
#include "servers/core/loops/epoll_wait.h"
#include "servers/core/server/listener.h"
#include "servers/core/server/model.h"
#include "servers/core/server/socket_io.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_BYTES = 1024 };

struct answer {
	char bytes[ANSWER_BYTES];
	size_t length;
};

struct loop {
	int epoll_fd;
	struct listener *listener;
	uint64_t accept_again_ns; /* after a shortage of descriptors; UINT64_MAX: accepting */
	struct answer answer;
};

/* What core says to the request that most measurements use. */
static int make_answer(struct answer *answer)
{
	static const char request[] = "GET /plaintext HTTP/1.1\r\nHost: null\r\n\r\n";
	struct iovec pieces[HTTP_PIECES];
	char scratch[ANSWER_BYTES];
	atomic_bool draining = false;
	struct http_pool pool;
	struct http http;
	int count = 0;

	http_pool_init(&pool, scratch, sizeof scratch, &draining, NULL);
	pool.uncounted = true; /* nobody has asked */
	http_init(&http, &pool);
	http_feed(&http, request, sizeof request - 1);
	answer->length = 0;
	if (http_next(&http) == HTTP_WRITE)
		count = http_output(&http, pieces, HTTP_PIECES);
	for (int i = 0; i < count && answer->length + pieces[i].iov_len <= ANSWER_BYTES; i++) {
		memcpy(answer->bytes + answer->length, pieces[i].iov_base, pieces[i].iov_len);
		answer->length += pieces[i].iov_len;
	}
	http_destroy(&http);
	http_pool_destroy(&pool);
	return answer->length ? 0 : -ENOMEM;
}

static int watch(const struct loop *loop, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static void unwatch(const struct loop *loop, int fd)
{
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static void accept_waiting(struct loop *loop)
{
	int fd;

	while ((fd = listener_accept(loop->listener, SOCK_NONBLOCK)) >= 0 || fd == -ECONNREFUSED)
		if (fd >= 0 && watch(loop, fd) < 0)
			admission_refuse(fd, REFUSED_MEMORY);
	if (listener_is_shortage(fd)) { /* a ready listener would spin the loop: look away */
		unwatch(loop, loop->listener->fd);
		loop->accept_again_ns = clock_now_ns() + LISTENER_RETRY_NS;
	}
}

/* All there is to it. */
static void answer_read(const struct loop *loop, int fd)
{
	static char input[HTTP_INPUT_BYTES];
	ssize_t length = socket_receive(fd, input, sizeof input), sent = -1;

	if (length == -EAGAIN)
		return;
	if (length > 0)
		do
			sent = send(fd, loop->answer.bytes, loop->answer.length, MSG_NOSIGNAL);
		while (sent < 0 && errno == EINTR);
	if (sent != (ssize_t)loop->answer.length) { /* also the end of input */
		counters_add(length == 0 ? CLOSED_PEER : CLOSED_BROKEN);
		close(fd);
	}
}

/* Returns 1 when it is time to stop: all that was ready has been answered then. */
static int turn(struct loop *loop)
{
	struct epoll_event events[EVENTS_PER_WAIT];
	bool stops = false;
	int count = epoll_wait_until(loop->epoll_fd, events, EVENTS_PER_WAIT,
				     loop->accept_again_ns);

	for (int i = 0; i < count; i++) {
		int fd = events[i].data.fd;

		if (fd == loop->listener->stop_fd)
			stops = true;
		else if (fd == loop->listener->fd)
			accept_waiting(loop);
		else
			answer_read(loop, fd);
	}
	if (loop->accept_again_ns != UINT64_MAX && clock_now_ns() >= loop->accept_again_ns) {
		loop->accept_again_ns = UINT64_MAX;
		if (count >= 0)
			count = watch(loop, loop->listener->fd);
	}
	return count < 0 ? count : stops;
}

static int run(const struct server_options *options, struct listener *listener)
{
	struct loop loop = {.listener = listener, .accept_again_ns = UINT64_MAX};
	int result;

	(void)options;
	loop.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	result = loop.epoll_fd < 0 ? -errno : make_answer(&loop.answer);
	if (result == 0)
		result = watch(&loop, listener->fd);
	if (result == 0)
		result = watch(&loop, listener->stop_fd);
	if (result == 0)
		result = listener_ready(listener);
	while (result == 0)
		result = turn(&loop);
	if (loop.epoll_fd >= 0)
		close(loop.epoll_fd);
	return result < 0 ? result : 0;
}

const struct server_model server_model = {
	.name = "null",
	.family = "floor",
	.summary = "answers whatever it reads with the same bytes: what is left when a server does "
		   "nothing",
	.traits = MODEL_FLOOR,
	.lacks = ~0u,
	.run = run,
};
