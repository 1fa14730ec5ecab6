#include "loadgen/worker.h"
#include "lib/clock.h"
#include "loadgen/answer.h"
#include "loadgen/crowd.h"
#include "loadgen/exchange.h"
#include "loadgen/limits.h"
#include "loadgen/opening.h"
#include "loadgen/pacing.h"
#include "loadgen/window.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { EVENTS_MAX = 256, CACHE_LINE = 64 };

/* What each connection may add to the time that opening all of them may take. */
#define CONNECT_ALLOWANCE_NS NS_PER_MS
#define CONNECT_SHARED_NS    (200 * NS_PER_US)

void worker_notify(struct worker *worker)
{
	uint64_t one = 1;

	/* The counter cannot overflow in a run, and an eventfd fails in no other way. */
	while (write(worker->load->notify_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void worker_wake(struct worker *worker)
{
	uint64_t one = 1;

	while (write(worker->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* Only the worker itself writes these counters. */
static void counter_change(_Atomic uint64_t *counter, int change)
{
	uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, value + (uint64_t)(int64_t)change, memory_order_relaxed);
}

void worker_fail_many(struct worker *worker, uint64_t count, enum error_class class,
		      enum error_phase phase, int problem, const char *example)
{
	struct failure failure = {.class = class,
				  .phase = phase,
				  .problem = problem,
				  .count = count,
				  .first_ns = (int64_t)worker->now_ns,
				  .last_ns = (int64_t)worker->now_ns};

	if (example)
		snprintf(failure.example, sizeof(failure.example), "%s", example);
	failures_add(worker->failures, &failure);
	worker->errors[class] += count;
	if (worker_is_counting(worker))
		interval_add(&worker->intervals.errors, count);
}

void worker_fail(struct worker *worker, enum error_class class, enum error_phase phase, int problem,
		 const char *example)
{
	worker_fail_many(worker, 1, class, phase, problem, example);
}

void worker_count_open(struct worker *worker, const struct connection *connection, int change)
{
	counter_change(&worker->open_count, change);
	if (connection->role != ROLE_ACTIVE)
		counter_change(&worker->crowd_open_count, change);
	if (change > 0)
		counter_change(&worker->opened_count, 1);
}

void worker_await_no_more(struct worker *worker, struct connection *connection)
{
	_Atomic uint64_t *count;

	if (!connection->awaited)
		return;
	connection->awaited = false;
	count = connection->role == ROLE_IDLE ? &worker->crowd_awaited : &worker->awaited;
	counter_change(count, -1);
	if (atomic_load_explicit(count, memory_order_relaxed) == 0)
		worker_notify(worker);
}

/* A pause follows a request, whatever became of its connection. If it is long enough, it is a rest. */
static bool worker_pauses(const struct worker *worker, const struct connection *connection,
			  bool rests)
{
	uint64_t think_time_ns = worker->load->options->think_time_ns;

	return connection->role == ROLE_ACTIVE && connection->begun > 0 && think_time_ns > 0 &&
	       worker->live <= worker->wanted && (!rests || think_time_ns >= OPENING_REST_NS);
}

void worker_open_again(struct worker *worker, struct connection *connection, bool rests)
{
	if (connection->role == ROLE_ACTIVE && worker->live > worker->wanted) {
		worker->live--;
		connection_move(connection, &worker->parked);
	} else {
		connection_move(connection, rests ? &worker->to_open_later : &worker->to_open);
	}
}

void worker_reopen(struct worker *worker, struct connection *connection, bool failed)
{
	bool later = (failed && connection->failed_last) || worker->phase == LOAD_CONNECT;
	bool pausing = connection->list == &worker->thinking;

	worker_count_open(worker, connection, -1);
	close(connection->descriptor);
	connection->descriptor = -1;
	connection->state = CONNECTION_CLOSED;
	connection->failed_last |= failed;
	connection->written_bytes = 0;
	if (pausing)
		return;
	connection->since_ns = worker->now_ns;
	if (connection->role == ROLE_IDLE) {
		connection_move(connection, NULL);
	} else if (worker_pauses(worker, connection, later)) {
		connection_move(connection, &worker->thinking);
	} else {
		worker_open_again(worker, connection, later);
	}
}

/* The warm-up begins: in an open loop the schedule does, in a closed one every connection. */
static void worker_begin_load(struct worker *worker)
{
	const struct options *options = worker->load->options;
	struct connection *connection;

	if (worker->open_loop) {
		if (options->arrivals != ARRIVALS_BURST)
			schedule_init(&worker->schedule, options,
				      atomic_load(&worker->load->base_ns), worker->index);
		return;
	}
	while ((connection = connection_first(&worker->idle))) {
		connection_move(connection, NULL);
		worker->now_ns = clock_now_ns();
		connection->awaited = true;
		counter_change(&worker->awaited, 1);
		exchange_begin(worker, connection);
	}
}

static void worker_follow_phase(struct worker *worker)
{
	struct load *load = worker->load;
	enum load_phase from = worker->phase;

	worker->phase = (enum load_phase)atomic_load_explicit(&load->phase, memory_order_relaxed);
	if (worker->phase == LOAD_STOP)
		return;
	if (from == LOAD_CONNECT && worker->phase > LOAD_CONNECT) {
		worker_begin_load(worker);
		atomic_store_explicit(&worker->loading, true, memory_order_release);
		worker_notify(worker);
	}
	if (worker->phase != LOAD_MEASURE)
		return;
	if (from < LOAD_MEASURE) {
		window_read_delay(&worker->cpu_at_start);
		window_begin_stages(worker);
	}
	worker->edge_ns = atomic_load_explicit(worker->window == WINDOW_BEFORE ? &load->start_ns
									       : &load->end_ns,
					       memory_order_relaxed);
}

/*
 * Looked for in every round: what wakes a worker up comes last of all that is ready, and that may
 * be ten thousand connections. And whenever a wake-up was taken, so that none is taken in vain.
 */
static void worker_look_for_news(struct worker *worker)
{
	unsigned news = atomic_load_explicit(&worker->load->news, memory_order_acquire);

	if (news == worker->news)
		return;
	worker->news = news;
	if (worker_may_go_on(worker, clock_now_ns()))
		worker_follow_phase(worker);
}

static void worker_handle(struct worker *worker, const struct epoll_event *event)
{
	struct connection *connection = event->data.ptr;
	uint64_t count;

	if (!connection) {
		while (read(worker->wake_fd, &count, sizeof(count)) < 0 && errno == EINTR)
			;
		worker_look_for_news(worker);
	} else if (connection->state == CONNECTION_OPENING) {
		opening_finish(worker, connection, event->events);
	} else if (connection->state != CONNECTION_CLOSED) {
		/* (A connection that was closed earlier in this batch is passed over.) */
		exchange_handle(worker, connection, event->events);
	}
}

static bool worker_is_done(const struct worker *worker)
{
	return worker->window == WINDOW_AFTER || worker->phase == LOAD_STOP;
}

/* What time brings: timeouts, attempts to connect, requests that are due. */
static void worker_do_timed_work(struct worker *worker)
{
	exchange_expire(worker);
	exchange_end_pauses(worker);
	crowd_step(worker);
	opening_expire(worker);
	window_adjust(worker);
	worker->more_to_open = opening_begin(worker);
	if (worker->phase == LOAD_CONNECT && !worker->opening.first && !worker->to_open.first &&
	    !atomic_load_explicit(&worker->settled, memory_order_relaxed)) {
		atomic_store_explicit(&worker->settled, true, memory_order_release);
		worker_notify(worker);
	}
	/* Between batches the open loop looks at the clock again, so as not to sleep too long. */
	if (worker->schedule.due_ns != UINT64_MAX && worker_may_go_on(worker, clock_now_ns()))
		exchange_send_due(worker);
	if (worker->load->options->arrivals == ARRIVALS_BURST && worker->window == WINDOW_INSIDE &&
	    worker->schedule.due_ns == UINT64_MAX && !worker->busy.first &&
	    !atomic_load_explicit(&worker->drained, memory_order_relaxed)) {
		atomic_store_explicit(&worker->drained, true, memory_order_release);
		worker_notify(worker);
	}
}

static void worker_prefetch(const struct connection *connection)
{
	const char *at = (const char *)connection;

	for (size_t i = 0; i < sizeof(*connection) + sizeof(connection->ring[0]); i += CACHE_LINE)
		__builtin_prefetch(at + i, 1);
}

static void worker_loop(struct worker *worker)
{
	struct epoll_event events[EVENTS_MAX];

	worker->now_ns = clock_now_ns();
	worker_do_timed_work(worker);
	while (!worker_is_done(worker)) {
		int count = pacing_wait(worker, events, EVENTS_MAX);

		if (count <= 0 && !worker_may_go_on(worker, clock_now_ns()))
			return;
		worker_look_for_news(worker);
		for (int i = 0; i < count && !worker_is_done(worker); i++) {
			/* Of ten thousand connections the next is not in the cache: ask for it now. */
			if (i + 1 < count && events[i + 1].data.ptr)
				worker_prefetch(events[i + 1].data.ptr);
			worker_handle(worker, &events[i]);
		}
		if (!worker_is_done(worker))
			worker_do_timed_work(worker);
	}
}

/*
 * The table of descriptors becomes this thread's own: what others open no longer counts here, and
 * the kernel need not count references to a table that nobody shares. ThreadSanitizer takes the
 * same number in two tables for the same file, so it gets one table for all.
 */
static int unshare_descriptors(void)
{
#ifdef __SANITIZE_THREAD__
	return 0;
#else
	return unshare(CLONE_FILES) < 0 ? -errno : 0;
#endif
}

/* Where that is forbidden, as in containers, all share one table if it is large enough. */
static int worker_own_descriptors(const struct options *options, struct error *error)
{
	int result = unshare_descriptors();

	if (result == 0 || limits_fit_one_table(options))
		return 0;
	error_set(error,
		  "a thread may not have a table of open files of its own (unshare: %s),\n"
		  "  and one table has no room for so many connections. Docker, for instance, "
		  "forbids it:\n  --security-opt seccomp=unconfined lifts that. Or raise the limit "
		  "(ulimit -Hn).",
		  strerror(-result));
	return result;
}

static int worker_open_descriptors(struct worker *worker)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};

	int result = worker_own_descriptors(worker->load->options, &worker->problem);

	if (result < 0)
		return result;
	worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (worker->epoll_fd >= 0 &&
	    epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, worker->wake_fd, &event) == 0)
		return 0;
	result = -errno;
	error_set(&worker->problem, "a thread could not begin: %s", strerror(-result));
	return result;
}

/* For all connections of a thread; it may share its core with all the others. */
static uint64_t connect_allowance_ns(const struct worker *worker)
{
	const struct options *options = worker->load->options;
	uint64_t own = worker->connection_count *
		       (CONNECT_ALLOWANCE_NS + worker->connect_distance_ns);
	uint64_t all = (options->connections + options_crowd(options)) * CONNECT_SHARED_NS;

	return own > all ? own : all;
}

/* What was counted is told from now on. */
static void worker_finish(struct worker *worker)
{
	uint64_t start_ns = atomic_load(&worker->load->start_ns);

	failures_begin_at(&worker->result->failures, start_ns);
	failures_begin_at(&worker->result->failures_outside, start_ns);
	/* Whatever stopped it, nobody needs to wait for its part of the crowd. */
	atomic_store_explicit(&worker->awaited, 0, memory_order_release);
	atomic_store_explicit(&worker->crowd_awaited, 0, memory_order_release);
	atomic_store_explicit(&worker->settled, true, memory_order_release);
	atomic_store_explicit(&worker->loading, true, memory_order_release);
	atomic_store_explicit(&worker->finished, true, memory_order_release);
	worker_notify(worker);
}

void *worker_run(void *argument)
{
	struct worker *worker = argument;
	uint64_t count;

	/* The default of 50 us would make every request of an open loop late by as much. */
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	worker->connect_deadline_ns = clock_now_ns() + worker->load->options->timeout_ns +
				      connect_allowance_ns(worker);
	worker->broken = worker_open_descriptors(worker);
	if (!worker->broken)
		worker_loop(worker);
	worker_finish(worker);
	/* The connections stay open until all workers have finished and the figures are taken. */
	while (atomic_load_explicit(&worker->load->phase, memory_order_acquire) != LOAD_STOP)
		if (read(worker->wake_fd, &count, sizeof(count)) < 0 && errno != EINTR)
			break;
	for (size_t i = 0; i < worker->connection_count; i++)
		if (worker_connection(worker, i)->descriptor >= 0)
			close(worker_connection(worker, i)->descriptor);
	close(worker->epoll_fd);
	return NULL;
}

/* Active connections first, then the crowd's kinds. */
static enum connection_role worker_role_of(const struct options *options, unsigned worker,
					   size_t index)
{
	size_t idle = worker_share(options->idle, worker, options->threads);
	size_t readers = worker_share(options->slow_readers, worker, options->threads);
	size_t active = worker_share(options->connections, worker, options->threads);

	if (index < active)
		return ROLE_ACTIVE;
	if (index < active + idle)
		return ROLE_IDLE;
	return index < active + idle + readers ? ROLE_SLOW_READER : ROLE_SLOW_WRITER;
}

static int worker_init_connections(struct worker *worker)
{
	const struct options *options = worker->load->options;
	uint64_t threads = options->threads;

	worker->active_count = worker_share(options->connections, worker->index, threads);
	worker->connection_count = worker->active_count +
				   worker_share(options->idle, worker->index, threads) +
				   worker_share(options->slow_readers, worker->index, threads) +
				   worker_share(options->slow_writers, worker->index, threads);
	worker->connection_bytes = sizeof(struct connection) +
				   options->pipelining * sizeof(struct exchange);
	worker->connections = calloc(worker->connection_count, worker->connection_bytes);
	if (options->fairness)
		worker->latency_slots = calloc(worker->active_count,
					       sizeof(*worker->latency_slots));
	if (!worker->connections || (options->fairness && !worker->latency_slots))
		return -ENOMEM;
	worker->live = worker->wanted = worker->active_count;
	if (options->stages.of_connections)
		worker->live = worker->wanted = worker_share(
			(uint64_t)stages_level(&options->stages, 0), worker->index, threads);
	for (size_t i = 0; i < worker->connection_count; i++) {
		struct connection *connection = worker_connection(worker, i);

		connection->descriptor = -1;
		connection->role = (uint8_t)worker_role_of(options, worker->index, i);
		connection->awaited = connection->role == ROLE_IDLE;
		if (worker->latency_slots && connection->role == ROLE_ACTIVE)
			connection->latency = &worker->latency_slots[i];
		connection_move(connection, connection->role == ROLE_ACTIVE && i >= worker->live
						    ? &worker->parked
						    : &worker->to_open);
	}
	return 0;
}

size_t load_tallies(const struct load *load)
{
	return (load->mix->count > 1 ? load->mix->count : 0) + load->options->stages.count;
}

int worker_init(struct worker *worker, struct load *load, unsigned index)
{
	const struct options *options = load->options;

	*worker = (struct worker){
		.load = load,
		.index = index,
		.epoll_fd = -1,
		.wake_fd = eventfd(0, EFD_CLOEXEC),
		.open_loop = options_is_open_loop(options),
		.looks_closely = answer_looks_closely(options),
		.edge_ns = UINT64_MAX,
		.next_adjust_ns = UINT64_MAX,
		.schedule.due_ns = UINT64_MAX,
		.opening_max = worker_share(OPENING_MAX, index, options->threads),
		.crowd_awaited = worker_share(options->idle, index, options->threads),
		.stage_tallies = load->mix->count > 1 ? load->mix->count : 0,
	};
	if (worker->wake_fd < 0)
		return -errno;
	if (worker->opening_max == 0)
		worker->opening_max = 1;
	worker->outstanding_max = UINT64_MAX;
	if (options->arrivals == ARRIVALS_BURST)
		worker->outstanding_max = options->outstanding / options->threads + 1;
	if (options->connect_rate_per_s > 0)
		worker->connect_distance_ns =
			(uint64_t)(1e9 * (double)options->threads / options->connect_rate_per_s);
	for (size_t i = 0; i < load->mix->count; i++)
		worker->expected_length[i] = atomic_load(&load->expected_length[i]);
	random_seed(&worker->random, options->seed * UINT64_C(7368787) + index);
	crowd_set_pace(worker, options->slow_bytes_per_s);
	worker->buffer = malloc(WORKER_BUFFER_BYTES);
	worker->result = result_create(load_tallies(load));
	if (!worker->buffer || !worker->result)
		return -ENOMEM;
	worker->result->threads = 1;
	worker->errors = worker->result->errors_outside;
	worker->failures = &worker->result->failures_outside;
	return worker_init_connections(worker);
}

void worker_destroy(struct worker *worker)
{
	free(worker->connections);
	free(worker->latency_slots);
	free(worker->buffer);
	free(worker->result);
	if (worker->wake_fd >= 0)
		close(worker->wake_fd);
}
