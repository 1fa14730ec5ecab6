#include "servers/core/loops/completion.h"

#include "servers/core/server/socket_io.h"
#include "servers/core/tasks/inject.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

struct completion_loop *completion_loop_of(const struct completion_connection *c)
{
	return (struct completion_loop *)((char *)http_pool_of(&c->http) -
					  offsetof(struct completion_loop, pool));
}

static struct completion_connection *connection_of(struct http *http)
{
	return (struct completion_connection *)http; /* first in it */
}

struct completion_connection *completion_at(struct deadline_place *place)
{
	return connection_of(http_at(place));
}

/* One that was dropped waits for nobody, so its time is never up. */
static void expired(struct http *http, bool reset)
{
	struct completion_connection *c = connection_of(http);

	if (!reset) {
		completion_drive(c);
		return;
	}
	socket_reset_on_close(c->fd);
	completion_drop(c);
}

/* Its deadline is still that of what it waited for before. */
static bool is_quiet(const struct http *http)
{
	return ((const struct completion_connection *)http)->quiet;
}

static void task_ended(struct http *http)
{
	completion_drive(connection_of(http));
}

int completion_init(struct completion_loop *loop, const struct completion_methods *methods,
		    void *services_loop, struct listener *listener, atomic_bool *draining)
{
	int result = http_deadlines_open(&loop->deadlines, expired);

	loop->deadlines.is_busy = is_quiet;
	loop->methods = methods;
	loop->listener = listener;
	loop->draining = draining;
	http_pool_init(&loop->pool, NULL, 0, draining, NULL);
	loop->pool.limits = &listener->terms->limits;
	loop->pool.deadlines = &loop->deadlines;
	loop->pool.tools = &loop->tools;
	loop->pool.task_ended = task_ended;
	task_tools_init(&loop->tools, methods->services, services_loop);
	return result;
}

static void deadlines_come(struct loop_watch *watch, unsigned events)
{
	struct completion_loop *loop =
		(struct completion_loop *)((char *)watch -
					   offsetof(struct completion_loop, expiring));

	(void)events;
	deadlines_look(&loop->deadlines.wheel);
}

/* Told once: the descriptor stays readable. */
static void stop_comes(struct loop_watch *watch, unsigned events)
{
	struct completion_loop *loop =
		(struct completion_loop *)((char *)watch -
					   offsetof(struct completion_loop, stopping));

	(void)events;
	loop->tools.services->watch_stop(loop->tools.loop, watch);
	loop->methods->stop(loop);
}

static int watch_own(struct completion_loop *loop)
{
	const struct loop_services *services = loop->tools.services;
	int result;

	loop->expiring = (struct loop_watch){
		.fd = loop->deadlines.wheel.fd, .interest = LOOP_IN, .ready = deadlines_come};
	loop->stopping = (struct loop_watch){
		.fd = loop->listener->stop_fd, .interest = LOOP_IN, .ready = stop_comes};
	result = services->watch_start(loop->tools.loop, &loop->stopping);
	return result == 0 ? services->watch_start(loop->tools.loop, &loop->expiring) : result;
}

int completion_ready(struct completion_loop *loop)
{
	int result = watch_own(loop);

	if (result == 0)
		result = task_tools_open_mail(&loop->tools, loop->listener->mailbox);
	return result < 0 ? result : listener_ready(loop->listener);
}

static void abandon(struct deadline_place *place, void *context)
{
	(void)context;
	http_abandon(http_at(place));
}

void completion_end_tasks(struct completion_loop *loop)
{
	deadlines_each(&loop->deadlines.wheel, abandon, NULL);
	task_tools_close(&loop->tools);
}

void completion_destroy(struct completion_loop *loop)
{
	deadlines_close(&loop->deadlines.wheel);
	http_pool_destroy(&loop->pool);
}

void completion_drop(struct completion_connection *c)
{
	if (c->closing)
		return;
	c->closing = true;
	http_abandon(&c->http);
	inject_connection_ends();
	completion_loop_of(c)->methods->close(c);
}

/* Does what core asks for until something has to be waited for. Negative: the connection has to go. */
static int go_on(struct completion_connection *c)
{
	int result = 0;

	while (result == 0 && !c->sending) {
		switch (http_next(&c->http)) {
		case HTTP_READ:
			return 0;
		case HTTP_WRITE:
			result = completion_loop_of(c)->methods->send(c);
			break;
		case HTTP_LINGER:
			if (!c->shut)
				shutdown(c->fd, SHUT_WR);
			c->shut = true;
			__attribute__((fallthrough)); /* the deadline is a task */
		case HTTP_TASK:
			if (http_begin_task(&c->http))
				return 0;
			break;
		default:
			return -ECONNRESET;
		}
	}
	return result;
}

void completion_drive(struct completion_connection *c)
{
	if (c->closing)
		return;
	if (go_on(c) < 0 ||
	    completion_loop_of(c)->methods->receive(c, http_wants_input(&c->http)) < 0)
		completion_drop(c);
	else if (!c->quiet)
		http_wait(&c->http);
}

void completion_open(struct completion_loop *loop, struct completion_connection *c, int fd)
{
	http_init(&c->http, &loop->pool);
	c->fd = fd;
	inject_connection_begins();
	completion_drive(c);
}

void completion_received(struct completion_connection *c, const char *data, ssize_t length)
{
	if (c->closing)
		return;
	if (length < 0) {
		completion_drop(c);
		return;
	}
	if (length > 0)
		http_feed(&c->http, data, (size_t)length);
	else
		http_feed_end(&c->http);
	completion_drive(c);
}

void completion_sent(struct completion_connection *c, ssize_t result)
{
	c->sending = false;
	if (result > 0)
		http_written(&c->http, (size_t)result);
	if (result > 0 || result == -EAGAIN || result == -EINTR)
		completion_drive(c);
	else
		completion_drop(c);
}

static void drive_visited(struct deadline_place *place, void *context)
{
	(void)context;
	completion_drive(completion_at(place));
}

void completion_drain(struct completion_loop *loop)
{
	atomic_store(loop->draining, true);
	deadlines_each(&loop->deadlines.wheel, drive_visited, NULL);
}
