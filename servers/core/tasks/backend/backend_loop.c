/* A loop asks the backend: each connection is a watch on the loop itself, also while it lies idle. */
#include "servers/core/tasks/backend/backend_connection.h"

#include "lib/clock.h"
#include "lib/list.h"

#include <stdlib.h>

struct backend_watched {
	struct backend_loop *backend;
	struct backend_connection connection;
	struct loop_watch watch;
	struct backend_fetch *fetch; /* NULL: idle */
	struct list_node node;	     /* in `idle` */
};

struct backend_loop {
	const struct loop_services *services;
	void *loop;
	struct list idle; /* the last is the first to be used again */
};

struct backend_loop *backend_loop_open(const struct loop_services *services, void *loop)
{
	struct backend_loop *backend = calloc(1, sizeof *backend);

	if (backend) {
		backend->services = services;
		backend->loop = loop;
	}
	return backend;
}

static void destroy(struct backend_watched *watched)
{
	watched->backend->services->watch_stop(watched->backend->loop, &watched->watch);
	backend_close(&watched->connection);
	free(watched);
}

void backend_loop_close(struct backend_loop *backend)
{
	while (backend->idle.first) {
		struct backend_watched *watched = LIST_ENTRY(backend->idle.first,
							     struct backend_watched, node);

		list_remove(&backend->idle, &watched->node);
		destroy(watched);
	}
	free(backend);
}

/* Whether it is over; then the connection has been given back. */
static bool settle(struct backend_fetch *fetch);

static void ready(struct loop_watch *watch, unsigned events)
{
	struct backend_watched *watched = LIST_ENTRY(watch, struct backend_watched, watch);
	struct backend_loop *backend = watched->backend;
	struct backend_fetch *fetch = watched->fetch;

	(void)events;
	if (!fetch) { /* nobody has asked: it is closed, or useless */
		list_remove(&backend->idle, &watched->node);
		destroy(watched);
		return;
	}
	backend_go_on(&watched->connection);
	if (!settle(fetch))
		return;
	backend->services->timer_stop(backend->loop, &fetch->late);
	fetch->answered(fetch);
}

static bool watch_on(struct backend_watched *watched)
{
	const struct loop_services *services = watched->backend->services;
	unsigned interest = watched->connection.interest;

	if (watched->watch.interest == interest)
		return true;
	if (services->watch_change(watched->backend->loop, &watched->watch, interest) < 0)
		return false;
	watched->watch.interest = interest;
	return true;
}

/* NULL: there is none to be had. */
static struct backend_watched *connect_to(struct backend_loop *backend)
{
	struct backend_watched *watched = malloc(sizeof *watched);

	if (!watched)
		return NULL;
	watched->backend = backend;
	backend_connect(&watched->connection);
	watched->watch.fd = watched->connection.fd;
	watched->watch.interest = watched->connection.interest;
	watched->watch.ready = ready;
	if (watched->connection.state == BACKEND_CONNECTING &&
	    backend->services->watch_start(backend->loop, &watched->watch) == 0)
		return watched;
	backend_close(&watched->connection);
	free(watched);
	return NULL;
}

static void fail(struct backend_fetch *fetch, unsigned status, const char *reason)
{
	fetch->failed_status = status;
	fetch->reason = reason;
}

/* On one that lies idle, or else on a fresh one. False: it has failed. */
static bool begin(struct backend_loop *backend, struct backend_fetch *fetch, bool fresh)
{
	struct backend_watched *watched = NULL;

	if (backend->idle.last && !fresh) {
		watched = LIST_ENTRY(backend->idle.last, struct backend_watched, node);
		list_remove(&backend->idle, &watched->node);
	} else {
		watched = connect_to(backend);
	}
	fetch->watched = watched;
	if (!watched) {
		fail(fetch, 503, "no connection to the backend");
		return false;
	}
	watched->fetch = fetch;
	backend_ask(&watched->connection, fetch->ms);
	return true;
}

static void give_back(struct backend_watched *watched)
{
	struct backend_loop *backend = watched->backend;

	watched->fetch = NULL;
	if (watched->connection.state == BACKEND_DONE && watched->connection.keeps &&
	    backend->idle.count < backend_idle_most())
		list_append(&backend->idle, &watched->node);
	else
		destroy(watched);
}

static bool settle(struct backend_fetch *fetch)
{
	struct backend_watched *watched = fetch->watched;
	struct backend_connection *connection = &watched->connection;

	if (connection->state == BACKEND_BROKEN && backend_was_stale(connection)) {
		struct backend_loop *backend = watched->backend;

		destroy(watched);
		return !begin(backend, fetch, true) || settle(fetch);
	}
	if (connection->state < BACKEND_DONE && watch_on(watched))
		return false;
	if (connection->state < BACKEND_DONE)
		fail(fetch, 503, "no memory for a watch");
	else
		backend_conclude(connection, fetch);
	fetch->watched = NULL;
	give_back(watched);
	return true;
}

static void late(struct loop_timer *timer)
{
	struct backend_fetch *fetch = LIST_ENTRY(timer, struct backend_fetch, late);

	destroy(fetch->watched);
	fetch->watched = NULL;
	fail(fetch, 504, "the backend did not answer in time");
	fetch->answered(fetch);
}

bool backend_loop_ask(struct backend_loop *backend, struct backend_fetch *fetch)
{
	fetch->late.fire = late;
	fetch->late.due_ns = clock_now_ns() + fetch->ms * NS_PER_MS + BACKEND_LATE_NS;
	if (backend->services->timer_start(backend->loop, &fetch->late) < 0) {
		fail(fetch, 503, "no memory for a timer");
		return false;
	}
	if (begin(backend, fetch, false) && !settle(fetch))
		return true;
	backend->services->timer_stop(backend->loop, &fetch->late);
	return false;
}

/* Its connection is of no use: an answer is on its way that nobody wants. */
void backend_loop_forget(struct backend_loop *backend, struct backend_fetch *fetch)
{
	if (!fetch->watched)
		return;
	backend->services->timer_stop(backend->loop, &fetch->late);
	destroy(fetch->watched);
	fetch->watched = NULL;
}
