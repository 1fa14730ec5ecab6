#include "servers/core/loops/readiness.h"

#include "lib/clock.h"
#include "lib/poison.h"
#include "servers/core/server/model.h"
#include "servers/core/server/socket_io.h"
#include "servers/core/tasks/inject.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define GIVE_BACK_NS (100 * NS_PER_MS)

static struct readiness_connection *connection_of(struct http *http)
{
	return (struct readiness_connection *)http; /* first in it */
}

static bool is_sending(const struct http *http)
{
	const struct readiness_connection *c = (const struct readiness_connection *)http;

	return readiness_loop_of(c)->methods->is_sending(c);
}

/* With what core has to do now: a task has ended, or time is up. */
static void go_on(struct http *http)
{
	struct readiness_connection *c = connection_of(http);
	struct readiness_loop *loop = readiness_loop_of(c);

	if (loop->methods->go_on)
		loop->methods->go_on(loop, c);
	else
		readiness_drive(loop, c);
}

static void expired(struct http *http, bool reset)
{
	struct readiness_connection *c = connection_of(http);

	if (!reset) {
		go_on(http);
		return;
	}
	socket_reset_on_close(c->fd);
	readiness_drive(readiness_loop_of(c), c);
}

static void admit(struct acceptor *acceptor, int fd)
{
	struct readiness_loop *loop = acceptor->loop;
	struct readiness_connection *c = calloc(1, loop->methods->connection_bytes);
	int result;

	if (!c) {
		admission_refuse(fd, REFUSED_MEMORY);
		return;
	}
	http_init(&c->http, &loop->pool);
	c->fd = fd;
	c->interest = READINESS_IN;
	result = loop->methods->open ? loop->methods->open(loop, c)
				     : loop->methods->watch(loop, c, READINESS_IN);
	if (result < 0) {
		admission_refuse(fd, result == -ERANGE ? REFUSED_UNWATCHED : REFUSED_MEMORY);
		free(c);
		return;
	}
	inject_connection_begins();
	http_wait(&c->http);
	crowd_grow(&loop->crowd, loop->deadlines.wheel.count);
}

int readiness_init(struct readiness_loop *loop, const struct readiness_methods *methods,
		   struct listener *listener, const atomic_bool *draining)
{
	int result = http_deadlines_open(&loop->deadlines, expired);

	if (result < 0)
		return result;
	loop->input_bytes = listener->terms->input_bytes;
	loop->input = malloc(loop->input_bytes);
	if (!loop->input) {
		deadlines_close(&loop->deadlines.wheel);
		return -ENOMEM;
	}
	loop->methods = methods;
	loop->services = methods->services;
	loop->listener = listener;
	loop->draining = draining;
	loop->acceptor = (struct acceptor){
		.listener = listener, .services = loop->services, .loop = loop, .admit = admit};
	http_pool_init(&loop->pool, loop->scratch, sizeof loop->scratch, draining, NULL);
	loop->pool.limits = &listener->terms->limits;
	loop->pool.deadlines = &loop->deadlines;
	loop->pool.tools = &loop->tools;
	loop->pool.task_ended = go_on;
	task_tools_init(&loop->tools, loop->services, loop);
	loop->tools.sends_files = true;
	if (methods->is_sending)
		loop->deadlines.is_busy = is_sending;
	return 0;
}

static void drop_visited(struct deadline_place *place, void *loop)
{
	readiness_drop(loop, connection_of(http_at(place)));
}

void readiness_destroy(struct readiness_loop *loop)
{
	deadlines_each(&loop->deadlines.wheel, drop_visited, loop);
	deadlines_close(&loop->deadlines.wheel);
	acceptor_stop(&loop->acceptor);
	if (loop->gives_back)
		loop->services->timer_stop(loop, &loop->give_back);
	task_tools_close(&loop->tools);
	http_pool_destroy(&loop->pool);
	UNPOISON(loop->input, loop->input_bytes);
	free(loop->input);
	timers_destroy(&loop->timers);
}

static bool watch(struct readiness_loop *loop, struct readiness_connection *c, unsigned interest)
{
	if (c->interest == interest)
		return true;
	c->interest = (unsigned char)interest;
	return loop->methods->watch(loop, c, interest) == 0;
}

static void give_back(struct loop_timer *timer)
{
	struct readiness_loop *loop =
		(struct readiness_loop *)((char *)timer -
					  offsetof(struct readiness_loop, give_back));

	loop->gives_back = false;
	crowd_give_back();
}

/* Not at once: the rest of a crowd is on its way out, and a library may free what it had later. */
static void give_back_soon(struct readiness_loop *loop)
{
	if (loop->gives_back)
		return;
	loop->give_back.fire = give_back;
	loop->give_back.due_ns = clock_now_ns() + GIVE_BACK_NS;
	loop->gives_back = loop->services->timer_start(loop, &loop->give_back) == 0;
}

void readiness_drop(struct readiness_loop *loop, struct readiness_connection *c)
{
	http_destroy(&c->http);
	if (loop->methods->forget)
		loop->methods->forget(loop, c);
	close(c->fd);
	free(c);
	inject_connection_ends();
	if (crowd_shrink(&loop->crowd, loop->deadlines.wheel.count))
		give_back_soon(loop);
}

/* What core asks for that cannot be done at once. False: the connection has to go. */
static bool wait_for(struct readiness_loop *loop, struct readiness_connection *c,
		     enum http_step step)
{
	switch (step) {
	case HTTP_READ:
		return watch(loop, c, READINESS_IN);
	case HTTP_WRITE:
		return watch(loop, c, READINESS_OUT);
	case HTTP_LINGER:
		if (!c->shut)
			shutdown(c->fd, SHUT_WR);
		c->shut = true;
		__attribute__((fallthrough)); /* the deadline is a task */
	case HTTP_TASK:
		return watch(loop, c, http_wants_input(&c->http) ? READINESS_IN : READINESS_NONE);
	default:
		return false;
	}
}

/* Sends until core asks for something else, or has to wait for room. Negative: the connection has to go. */
static ssize_t send_all(struct readiness_connection *c, enum http_step *step)
{
	ssize_t sent = 0;

	while (sent >= 0 && (*step = http_next(&c->http)) == HTTP_WRITE)
		sent = socket_send(c->fd, &c->http);
	return sent == -EAGAIN ? 0 : sent;
}

bool readiness_drive(struct readiness_loop *loop, struct readiness_connection *c)
{
	enum http_step step;
	ssize_t sent;

	do
		sent = send_all(c, &step);
	while (sent >= 0 && (step == HTTP_TASK || step == HTTP_LINGER) &&
	       !http_begin_task(&c->http));
	if (sent < 0 || !wait_for(loop, c, step)) {
		readiness_drop(loop, c);
		return false;
	}
	http_wait(&c->http);
	return true;
}

enum readiness_result readiness_receive(struct readiness_loop *loop, struct readiness_connection *c)
{
	ssize_t length;

	UNPOISON(loop->input, loop->input_bytes);
	length = socket_receive(c->fd, loop->input, loop->input_bytes);
	if (length == -EAGAIN)
		return READINESS_EMPTY;
	if (length < 0) {
		readiness_drop(loop, c);
		return READINESS_GONE;
	}
	if (length == 0)
		http_feed_end(&c->http);
	else
		http_feed(&c->http, loop->input, (size_t)length);
	POISON(loop->input, loop->input_bytes); /* core has taken all of it */
	if (!readiness_drive(loop, c))
		return READINESS_GONE;
	return (size_t)length == loop->input_bytes ? READINESS_MORE : READINESS_EMPTY;
}

void readiness_handle(struct readiness_loop *loop, struct readiness_connection *c, bool readable,
		      bool writable)
{
	if (readable)
		readiness_receive(loop, c);
	else if (writable)
		readiness_drive(loop, c);
	else
		readiness_drop(loop, c);
}

static void drop_if_idle(struct deadline_place *place, void *context)
{
	struct readiness_connection *c = connection_of(http_at(place));
	struct readiness_loop *loop = context;

	if (http_next(&c->http) == HTTP_CLOSE &&
	    !(loop->methods->is_sending && loop->methods->is_sending(c)))
		readiness_drop(loop, c);
}

static void deadlines_come(struct loop_watch *watch, unsigned events)
{
	struct readiness_loop *loop =
		(struct readiness_loop *)((char *)watch -
					  offsetof(struct readiness_loop, expiring));

	(void)events;
	deadlines_look(&loop->deadlines.wheel);
}

/* Told once: the descriptor stays readable. */
static void stop_comes(struct loop_watch *watch, unsigned events)
{
	struct readiness_loop *loop =
		(struct readiness_loop *)((char *)watch -
					  offsetof(struct readiness_loop, stopping));

	(void)events;
	loop->services->watch_stop(loop, watch);
	loop->stops = true;
	if (loop->methods->end_turn)
		loop->methods->end_turn(loop);
}

static int watch_own(struct readiness_loop *loop)
{
	int result;

	loop->expiring = (struct loop_watch){
		.fd = loop->deadlines.wheel.fd, .interest = LOOP_IN, .ready = deadlines_come};
	loop->stopping = (struct loop_watch){
		.fd = loop->listener->stop_fd, .interest = LOOP_IN, .ready = stop_comes};
	result = loop->services->watch_start(loop, &loop->stopping);
	if (result == 0)
		result = loop->services->watch_start(loop, &loop->expiring);
	return result == 0 ? acceptor_start(&loop->acceptor) : result;
}

/* No more is accepted, what is idle ends at once, the rest as it is answered. */
static void drain(struct readiness_loop *loop)
{
	acceptor_stop(&loop->acceptor);
	deadlines_each(&loop->deadlines.wheel, drop_if_idle, loop);
}

int readiness_serve(struct readiness_loop *loop, atomic_bool *flag,
		    int (*turn)(struct readiness_loop *loop, uint64_t until_ns))
{
	uint64_t deadline_ns;
	int result = watch_own(loop);

	if (result == 0)
		result = task_tools_open_mail(&loop->tools, loop->listener->mailbox);
	if (result == 0)
		result = listener_ready(loop->listener);
	while (result == 0 && !loop->stops)
		result = turn(loop, UINT64_MAX);
	if (result < 0)
		return result;
	atomic_store(flag, true);
	drain(loop);
	deadline_ns = clock_now_ns() + DRAIN_NS;
	while (result == 0 && loop->deadlines.wheel.count && clock_now_ns() < deadline_ns)
		result = turn(loop, deadline_ns);
	return result;
}

int readiness_start_timer(void *loop, struct loop_timer *timer)
{
	return timers_start(&((struct readiness_loop *)loop)->timers, timer);
}

void readiness_stop_timer(void *loop, struct loop_timer *timer)
{
	timers_stop(&((struct readiness_loop *)loop)->timers, timer);
}

uint64_t readiness_due_ns(const struct readiness_loop *loop, uint64_t until_ns)
{
	uint64_t due_ns = timers_next_ns(&loop->timers);

	return due_ns < until_ns ? due_ns : until_ns;
}

void readiness_fire_timers(struct readiness_loop *loop, size_t most)
{
	if (loop->timers.count)
		timers_fire(&loop->timers, clock_now_ns(), most);
}
