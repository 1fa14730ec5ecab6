/*
 * A thread of the generator: its share of the connections, driven by one epoll loop.
 *
 * A worker goes through the phases below. The control thread moves it on by storing the phase in
 * struct load and writing to the worker's wake descriptor; the worker says how far it is in the
 * atomics at its end and by writing to the load's notify descriptor.
 */
#ifndef TENK_WORKER_H
#define TENK_WORKER_H

#include "loadgen/connection.h"
#include "loadgen/interval.h"
#include "loadgen/options.h"
#include "loadgen/request.h"
#include "loadgen/result.h"
#include "loadgen/schedule.h"
#include "loadgen/target.h"

#include <pthread.h>
#include <stdatomic.h>

enum load_phase {
	LOAD_CONNECT, /* open all connections; the idle crowd sends its requests */
	LOAD_WARM_UP, /* requests run, nothing counts; base_ns is set */
	LOAD_MEASURE, /* start_ns and end_ns are set: what happens in between counts */
	LOAD_STOP,    /* close everything */
};

/* The whole load, shared by all threads. */
struct load {
	const struct options *options;
	const struct target *target;
	const struct request *request;
	int notify_fd; /* an eventfd: some worker got further */

	_Atomic int phase;
	_Atomic uint64_t base_ns, start_ns, end_ns;
	_Atomic uint64_t expected_length; /* or one of the OPTIONS_ values */
};

enum worker_window { WINDOW_BEFORE, WINDOW_INSIDE, WINDOW_AFTER };

struct worker {
	struct load *load;
	unsigned index;
	pthread_t thread;
	int epoll_fd, wake_fd;
	enum load_phase phase; /* as far as this worker has gone along */
	enum worker_window window;
	uint64_t edge_ns; /* when the window's next edge is; UINT64_MAX: not known yet */
	uint64_t now_ns;  /* as last read */
	uint64_t connect_deadline_ns;
	size_t opening_max;
	bool more_to_open; /* at once, without waiting for anything */

	struct connection *connections; /* the crowd comes last */
	size_t connection_count;
	struct connection_list to_open, to_open_later, opening, idle, busy;
	struct schedule schedule; /* open loop */
	uint64_t next_arrival;
	uint64_t next_due_ns; /* of next_arrival; UINT64_MAX in a closed loop */
	uint64_t expected_length;
	char *buffer; /* every response is received here, looked at, and forgotten */

	struct result *result;
	uint64_t *errors; /* result->errors in the window, else result->errors_outside */
	uint64_t cpu_at_start_ns, user_at_start_ns, system_at_start_ns;

	/* For the control thread. */
	struct interval_counters intervals;
	_Atomic uint64_t open_count;   /* connections that are established now */
	_Atomic uint64_t opened_count; /* that ever were */
	_Atomic uint64_t crowd_open_count;
	_Atomic uint64_t crowd_pending; /* of the crowd, that have neither answer nor error yet */
	_Atomic bool settled;		/* the connect phase is over */
	_Atomic bool finished;		/* the window is over */
};

/* Takes this worker's share of the connections; call before its thread starts. 0 or -errno. */
int worker_init(struct worker *worker, struct load *load, unsigned index);
void worker_destroy(struct worker *worker);

/* The thread's function; `worker` is a struct worker. */
void *worker_run(void *worker);

/* Wakes the worker so that it looks at the load's phase; from any thread. */
void worker_wake(struct worker *worker);

/* --- Between the worker's own files --- */

/*
 * Passes the window's edge if `now_ns` has reached it. The time of everything that is to be
 * counted goes through here first. False: the window is over, nothing more may be done.
 */
bool worker_pass_edge(struct worker *worker, uint64_t now_ns);

static inline bool worker_may_go_on(struct worker *worker, uint64_t now_ns)
{
	worker->now_ns = now_ns;
	return now_ns < worker->edge_ns || worker_pass_edge(worker, now_ns);
}

void worker_count_error(struct worker *worker, enum error_class class);

/* A connection was established (+1) or is about to be closed (-1). */
void worker_count_open(struct worker *worker, const struct connection *connection, int change);

/* One of the crowd has had its answer or its error. */
void worker_settle_crowd(struct worker *worker);

/* Closes and, unless it is one of the crowd, has it opened again: later if it failed before. */
void worker_reopen(struct worker *worker, struct connection *connection, bool failed);

#endif
