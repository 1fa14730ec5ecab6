/*
 * A thread of the generator: its share of the connections, driven by one epoll loop.
 *
 * A worker goes through the phases below. The control thread moves it on by storing the phase in
 * struct load, counting its news up and writing to the worker's wake descriptor; the worker says
 * how far it is in the atomics at its end and by writing to the load's notify descriptor.
 *
 * Each worker has a table of descriptors of its own (unshare, CLONE_FILES), so the limit of open
 * files holds for each thread, not for all together.
 */
#ifndef TENK_WORKER_H
#define TENK_WORKER_H

#include "lib/error.h"
#include "loadgen/connection.h"
#include "loadgen/interval.h"
#include "loadgen/options.h"
#include "loadgen/request.h"
#include "loadgen/response_memory.h"
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
	const struct source *source;
	const struct mix *mix;
	int notify_fd; /* an eventfd: some worker got further */

	_Atomic unsigned news; /* goes up when any of what follows has changed */
	_Atomic int phase;
	_Atomic uint64_t base_ns, start_ns, end_ns;
	/* Of the answers to each request; or one of the OPTIONS_ values. */
	_Atomic uint64_t expected_length[OPTIONS_REQUESTS_MAX];
};

enum worker_window { WINDOW_BEFORE, WINDOW_INSIDE, WINDOW_AFTER };

/* CPU time of a thread, and how long it could have run and had no core. */
struct window_cpu {
	uint64_t all_ns, user_ns, system_ns;
	uint64_t run_delay_ns; /* UINT64_MAX: the kernel does not tell */
};

struct worker {
	struct load *load;
	unsigned index;
	pthread_t thread;
	int epoll_fd, wake_fd;
	unsigned news;	       /* of the load, as far as this worker has looked */
	enum load_phase phase; /* as far as it has gone along */
	enum worker_window window;
	bool open_loop;
	bool looks_closely; /* at bodies or header fields */
	uint64_t edge_ns;   /* when the window's next edge is; UINT64_MAX: not known yet */
	uint64_t now_ns;    /* as last read */
	uint64_t connect_deadline_ns;
	uint64_t connect_distance_ns, next_connect_ns; /* with --connect-rate */
	uint64_t connect_attempts;
	uint64_t slow_period_ns; /* between two portions of a slow one */
	size_t slow_portion_bytes;
	size_t opening_max;
	uint64_t outstanding_max; /* exchanges under way, in a burst */
	bool more_to_open;	  /* at once, without waiting for anything */

	char *connections; /* active ones, then the crowd; see worker_connection */
	size_t connection_bytes, connection_count, active_count;
	struct fairness_slots *latency_slots; /* of the active ones, with --fairness */
	/* Of connections: closed, resting, being opened, free, pausing, slow, not wanted. */
	struct list to_open, to_open_later, opening, idle, thinking, slow, parked;
	struct list busy;	     /* of exchanges, in the order in which they were sent */
	uint64_t available_since_ns; /* since when `idle` has not been empty */
	uint64_t behind_ns;	     /* the most that we were late since we last kept up */
	uint64_t behind_until_ns;    /* what has waited longer than this has not waited for us */
	size_t live, wanted;	     /* active connections that are not parked, and should not be */
	uint64_t next_adjust_ns;     /* when `wanted` may change */
	struct schedule schedule;    /* open loop; due_ns is UINT64_MAX in a closed one */
	struct random random;	     /* for the choice of requests */
	uint64_t expected_length[OPTIONS_REQUESTS_MAX];
	struct response_memory memory[OPTIONS_REQUESTS_MAX];
	char *buffer; /* every response is received here, looked at, and forgotten */

	struct result *result;
	uint64_t *errors;	   /* result->errors in the window, else errors_outside */
	struct failures *failures; /* likewise */
	size_t stage_tallies;	   /* where the stages begin among the tallies */
	uint64_t due_before;	   /* arrivals that were due before the window */
	struct window_cpu cpu_at_start;

	int broken;	      /* -errno of what kept it from working; 0: nothing did */
	struct error problem; /* in words, then */

	/* For the control thread. */
	struct interval_counters intervals;
	_Atomic uint64_t open_count;   /* connections that are established now */
	_Atomic uint64_t opened_count; /* that ever were */
	_Atomic uint64_t crowd_open_count;
	/* Connections whose first answer the window waits for: active ones, and of the crowd. */
	_Atomic uint64_t awaited, crowd_awaited;
	_Atomic bool settled;  /* the connect phase is over */
	_Atomic bool loading;  /* the warm-up has begun: every connection has sent */
	_Atomic bool drained;  /* a burst's answers have all come */
	_Atomic bool finished; /* the window is over */
};

/* A connection has this many bytes at most to receive into where it is to be slow. */
enum { SLOW_RECEIVE_BYTES = 4096 };

enum { WORKER_BUFFER_BYTES = 128 * 1024 };

/* Takes this worker's share of the connections; call before its thread starts. 0 or -errno. */
int worker_init(struct worker *worker, struct load *load, unsigned index);
void worker_destroy(struct worker *worker);

/* The thread's function; `worker` is a struct worker. */
void *worker_run(void *worker);

/* Wakes the worker so that it looks at the load's phase; from any thread. */
void worker_wake(struct worker *worker);

/* How many tallies a load has: see struct result. */
size_t load_tallies(const struct load *load);

/* Whether another request may be sent now that is due. */
static inline bool worker_may_send(const struct worker *worker)
{
	return worker->idle.first && worker->busy.count < worker->outstanding_max;
}

/* The n-th of `parts` equal parts of a total. */
static inline size_t worker_share(uint64_t total, unsigned n, uint64_t parts)
{
	return (size_t)(total / parts + (n < total % parts));
}

/* --- Between the worker's own files --- */

static inline struct connection *worker_connection(const struct worker *worker, size_t index)
{
	return (struct connection *)(worker->connections + index * worker->connection_bytes);
}

static inline bool worker_is_counting(const struct worker *worker)
{
	return worker->window == WINDOW_INSIDE;
}

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

/* Something failed; `example` says more, in words or bytes that came, and may be NULL. */
void worker_fail(struct worker *worker, enum error_class class, enum error_phase phase, int problem,
		 const char *example);

/* The same, `count` times. */
void worker_fail_many(struct worker *worker, uint64_t count, enum error_class class,
		      enum error_phase phase, int problem, const char *example);

/* A connection was established (+1) or is about to be closed (-1). */
void worker_count_open(struct worker *worker, const struct connection *connection, int change);

/* It has had an answer or an error: the window need not wait for it, if it did. */
void worker_await_no_more(struct worker *worker, struct connection *connection);

/* Says so to the control thread. */
void worker_notify(struct worker *worker);

/*
 * Closes an established connection and has it opened again, later if it failed before; not if it is
 * of the idle crowd, or there are more connections than wanted. With --think-time the pause comes first.
 */
void worker_reopen(struct worker *worker, struct connection *connection, bool failed);

/* Has one opened that is closed, after a rest or soon; or never, if there are more than wanted. */
void worker_open_again(struct worker *worker, struct connection *connection, bool rests);

#endif
