/*
 * epoll: one thread, one loop, every connection a small record.
 *
 * The kernel keeps the list of who is ready, so a turn of the loop costs what is ready and not
 * what is open: ten thousand idle connections are free but for their memory. One thread means no
 * locks and no switches between requests; it also means that whatever keeps the thread busy keeps
 * everybody waiting. A wait is a timer here, not a sleep: /wait/100 holds nobody up.
 *
 * What a connection costs: one record of some 50 bytes and the kernel's socket. Buffers belong to
 * the loop: bytes are read into one, answers are written from another, and only what the socket
 * does not take at once is kept. Interest in input is registered once, so that a request costs
 * one recv, one send and its share of an epoll_wait.
 *
 * Compare with thread_per_connection.c (no loop: the scheduler is the loop) and libuv.c (the same
 * kernel interface below a library's callbacks).
 * Known from: nginx, Redis, HAProxy, Node.js below libuv. See epoll(7).
 *
 * Try: server-epoll --listen 127.0.0.1:8080
 */
#include "lib/clock.h"
#include "servers/core/listener.h"
#include "servers/core/model.h"
#include "servers/core/socket_io.h"
#include "servers/core/timers.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_PER_WAIT = 256, INPUT_BYTES = 65536, SCRATCH_BYTES = 65536, ACCEPTS_PER_TURN = 64 };

struct connection {
	struct http http;
	int fd;
	unsigned interest; /* what epoll watches for: EPOLLIN, EPOLLOUT or nothing */
	bool shut;	   /* our sending side is closed: lingering */
	struct connection *previous, *next;
};

struct loop {
	int epoll_fd;
	struct listener *listener;
	atomic_bool draining;
	struct http_pool pool;
	struct timers timers;
	struct loop_timer accept_again; /* after a shortage of descriptors */
	bool accept_paused;
	struct connection *connections;
	char input[INPUT_BYTES];
	char scratch[SCRATCH_BYTES];
};

static int start_timer(void *loop, struct loop_timer *timer)
{
	return timers_start(&((struct loop *)loop)->timers, timer);
}

static void stop_timer(void *loop, struct loop_timer *timer)
{
	timers_stop(&((struct loop *)loop)->timers, timer);
}

static const struct loop_services services = {start_timer, stop_timer};

static bool watch(struct loop *loop, struct connection *c, unsigned interest)
{
	struct epoll_event event = {.events = interest, .data.ptr = c};

	if (c->interest == interest)
		return true;
	c->interest = interest;
	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, c->fd, &event) == 0;
}

static void drop(struct loop *loop, struct connection *c)
{
	http_destroy(&c->http);
	close(c->fd); /* which takes it out of epoll, too */
	if (c->previous)
		c->previous->next = c->next;
	else
		loop->connections = c->next;
	if (c->next)
		c->next->previous = c->previous;
	free(c);
}

static void drive(struct loop *loop, struct connection *c);

/* The loop is found through the pool that it shares with its connections. */
static struct loop *loop_of(struct connection *c)
{
	return (struct loop *)((char *)c->http.pool - offsetof(struct loop, pool));
}

static void task_ended(void *context)
{
	struct connection *c = context;

	http_task_done(&c->http);
	drive(loop_of(c), c);
}

/* Does what core asks for until something has to be waited for. */
static void drive(struct loop *loop, struct connection *c)
{
	for (;;) {
		ssize_t sent;

		switch (http_next(&c->http)) {
		case HTTP_READ:
			if (!watch(loop, c, EPOLLIN))
				drop(loop, c);
			return;
		case HTTP_WRITE:
			sent = socket_send(c->fd, &c->http);
			if (sent >= 0)
				break;
			if (sent != -EAGAIN || !watch(loop, c, EPOLLOUT))
				drop(loop, c);
			return;
		case HTTP_LINGER:
			if (!c->shut)
				shutdown(c->fd, SHUT_WR);
			c->shut = true;
			/* fall through: the deadline is a task */
		case HTTP_TASK:
			if (task_start(http_task(&c->http), &services, loop, task_ended, c) < 0 ||
			    !watch(loop, c, http_wants_input(&c->http) ? EPOLLIN : 0))
				drop(loop, c);
			return;
		case HTTP_CLOSE:
			drop(loop, c);
			return;
		}
	}
}

static void receive(struct loop *loop, struct connection *c)
{
	ssize_t length = socket_receive(c->fd, loop->input, sizeof loop->input);

	if (length == -EAGAIN)
		return;
	if (length < 0) {
		drop(loop, c);
		return;
	}
	if (length == 0)
		http_feed_end(&c->http);
	else
		http_feed(&c->http, loop->input, (size_t)length);
	drive(loop, c);
}

static void handle(struct loop *loop, struct connection *c, unsigned events)
{
	if (events & EPOLLIN)
		receive(loop, c);
	else if (events & (EPOLLERR | EPOLLHUP))
		drop(loop, c);
	else
		drive(loop, c);
}

static void add(struct loop *loop, int fd)
{
	struct connection *c = calloc(1, sizeof *c);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

	if (!c || epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		close(fd);
		free(c);
		return;
	}
	http_init(&c->http, &loop->pool);
	c->fd = fd;
	c->interest = EPOLLIN;
	c->next = loop->connections;
	if (c->next)
		c->next->previous = c;
	loop->connections = c;
}

static int watch_listener(struct loop *loop, unsigned interest, int operation)
{
	struct epoll_event event = {.events = interest, .data.ptr = loop->listener};

	return epoll_ctl(loop->epoll_fd, operation, loop->listener->fd, &event) < 0 ? -errno : 0;
}

static void resume_accepting(struct loop_timer *timer)
{
	struct loop *loop = (struct loop *)((char *)timer - offsetof(struct loop, accept_again));

	loop->accept_paused = false;
	if (!atomic_load(&loop->draining))
		watch_listener(loop, EPOLLIN, EPOLL_CTL_MOD);
}

/* Without descriptors a ready listener would spin the loop: look away for a moment. */
static void pause_accepting(struct loop *loop)
{
	loop->accept_again.fire = resume_accepting;
	loop->accept_again.due_ns = clock_now_ns() + LISTENER_RETRY_NS;
	if (timers_start(&loop->timers, &loop->accept_again) == 0 &&
	    watch_listener(loop, 0, EPOLL_CTL_MOD) == 0)
		loop->accept_paused = true;
}

static void accept_some(struct loop *loop)
{
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		int fd = listener_accept(loop->listener, SOCK_NONBLOCK);

		if (fd < 0) {
			if (listener_is_shortage(fd) && !loop->accept_paused)
				pause_accepting(loop);
			return;
		}
		add(loop, fd);
	}
}

/* Ends what is idle at once; the rest ends as core answers it. */
static void start_draining(struct loop *loop)
{
	struct connection *c = loop->connections, *next;

	atomic_store(&loop->draining, true);
	listener_close(loop->listener);
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, loop->listener->stop_fd, NULL);
	for (; c; c = next) {
		next = c->next;
		if (http_next(&c->http) == HTTP_CLOSE)
			drop(loop, c);
	}
}

static int wait_for_events(struct loop *loop, struct epoll_event *events, uint64_t until_ns)
{
	struct timespec timeout;
	uint64_t now_ns;
	int count;

	if (until_ns == UINT64_MAX) {
		count = epoll_wait(loop->epoll_fd, events, EVENTS_PER_WAIT, -1);
	} else {
		now_ns = clock_now_ns();
		timeout = clock_to_timespec(until_ns > now_ns ? until_ns - now_ns : 0);
		count = epoll_pwait2(loop->epoll_fd, events, EVENTS_PER_WAIT, &timeout, NULL);
		if (count < 0 && errno == ENOSYS) /* before Linux 5.11: whole milliseconds, up */
			count = epoll_wait(loop->epoll_fd, events, EVENTS_PER_WAIT,
					   (int)(timeout.tv_sec * 1000 +
						 (timeout.tv_nsec + 999999) / 1000000));
	}
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	return count;
}

static int turn(struct loop *loop, uint64_t deadline_ns)
{
	struct epoll_event events[EVENTS_PER_WAIT];
	uint64_t until_ns = timers_next_ns(&loop->timers);
	bool accepts = false;
	int count;

	count = wait_for_events(loop, events, until_ns < deadline_ns ? until_ns : deadline_ns);
	for (int i = 0; i < count; i++) {
		if (events[i].data.ptr == loop->listener)
			accepts = true;
		else if (events[i].data.ptr == NULL)
			return 1; /* the stop signal */
		else
			handle(loop, events[i].data.ptr, events[i].events);
	}
	if (accepts) /* last, so that no event above is for a connection made in this turn */
		accept_some(loop);
	if (until_ns != UINT64_MAX)
		timers_fire(&loop->timers, clock_now_ns());
	return count < 0 ? count : 0;
}

static int serve(struct loop *loop)
{
	struct epoll_event stop = {.events = EPOLLIN, .data.ptr = NULL};
	uint64_t deadline_ns;
	int result;

	result = watch_listener(loop, EPOLLIN, EPOLL_CTL_ADD);
	if (result < 0)
		return result;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->listener->stop_fd, &stop) < 0)
		return -errno;
	do
		result = turn(loop, UINT64_MAX);
	while (result == 0);
	if (result < 0)
		return result;
	start_draining(loop);
	deadline_ns = clock_now_ns() + DRAIN_NS;
	while (result >= 0 && loop->connections && clock_now_ns() < deadline_ns)
		result = turn(loop, deadline_ns);
	return result < 0 ? result : 0;
}

static int run(const struct server_options *options, struct listener *listener)
{
	struct loop *loop = calloc(1, sizeof *loop);
	int result;

	(void)options;
	if (!loop)
		return -ENOMEM;
	loop->listener = listener;
	http_pool_init(&loop->pool, loop->scratch, sizeof loop->scratch, &loop->draining, NULL);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	result = loop->epoll_fd < 0 ? -errno : serve(loop);
	while (loop->connections)
		drop(loop, loop->connections);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	http_pool_destroy(&loop->pool);
	timers_destroy(&loop->timers);
	free(loop);
	return result;
}

const struct server_model server_model = {
	.name = "epoll",
	.family = "loops",
	.summary = "one thread asks the kernel which connections are ready",
	.run = run,
};
