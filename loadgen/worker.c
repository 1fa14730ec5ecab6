#include "loadgen/worker.h"
#include "lib/clock.h"
#include "loadgen/exchange.h"
#include "loadgen/opening.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EVENTS_MAX = 256 };

/* What each connection may add to the time that opening all of them may take. */
#define CONNECT_ALLOWANCE_NS NS_PER_MS

static void notify_control(struct worker *worker)
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

void worker_count_error(struct worker *worker, enum error_class class)
{
	worker->errors[class]++;
	if (worker->window == WINDOW_INSIDE)
		interval_add_one(&worker->intervals.errors);
}

void worker_count_open(struct worker *worker, const struct connection *connection, int change)
{
	counter_change(&worker->open_count, change);
	if (connection->crowd)
		counter_change(&worker->crowd_open_count, change);
	if (change > 0)
		counter_change(&worker->opened_count, 1);
}

void worker_settle_crowd(struct worker *worker)
{
	uint64_t pending = atomic_load_explicit(&worker->crowd_pending, memory_order_relaxed) - 1;

	atomic_store_explicit(&worker->crowd_pending, pending, memory_order_release);
	if (pending == 0)
		notify_control(worker);
}

void worker_reopen(struct worker *worker, struct connection *connection, bool failed)
{
	bool later = (failed && connection->failed_last) || worker->phase == LOAD_CONNECT;

	worker_count_open(worker, connection, -1);
	close(connection->descriptor);
	connection->descriptor = -1;
	connection->state = CONNECTION_CLOSED;
	connection->failed_last |= failed;
	connection->since_ns = worker->now_ns;
	if (!connection->crowd)
		connection_list_append(later ? &worker->to_open_later : &worker->to_open,
				       connection);
}

static void worker_read_cpu(uint64_t *cpu_ns, uint64_t *user_ns, uint64_t *system_ns)
{
	struct rusage usage = {0};

	*cpu_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	getrusage(RUSAGE_THREAD, &usage);
	*user_ns = (uint64_t)usage.ru_utime.tv_sec * NS_PER_S +
		   (uint64_t)usage.ru_utime.tv_usec * NS_PER_US;
	*system_ns = (uint64_t)usage.ru_stime.tv_sec * NS_PER_S +
		     (uint64_t)usage.ru_stime.tv_usec * NS_PER_US;
}

static void worker_begin_window(struct worker *worker)
{
	worker_read_cpu(&worker->cpu_at_start_ns, &worker->user_at_start_ns,
			&worker->system_at_start_ns);
	worker->window = WINDOW_INSIDE;
	worker->errors = worker->result->errors;
	worker->edge_ns = atomic_load_explicit(&worker->load->end_ns, memory_order_relaxed);
}

static void worker_end_window(struct worker *worker)
{
	struct result *result = worker->result;
	uint64_t start_ns = atomic_load_explicit(&worker->load->start_ns, memory_order_relaxed);
	uint64_t end_ns = atomic_load_explicit(&worker->load->end_ns, memory_order_relaxed);

	worker_read_cpu(&result->cpu_ns, &result->user_ns, &result->system_ns);
	result->cpu_ns -= worker->cpu_at_start_ns;
	result->user_ns -= worker->user_at_start_ns;
	result->system_ns -= worker->system_at_start_ns;
	result->busiest_cpu_ns = result->cpu_ns;
	result->unanswered = worker->busy.count;
	if (worker->load->options->rate_per_s > 0) {
		uint64_t due = schedule_count_before(&worker->schedule, end_ns);

		result->due = due - schedule_count_before(&worker->schedule, start_ns);
		result->unanswered += due > worker->next_arrival ? due - worker->next_arrival : 0;
	}
	worker->window = WINDOW_AFTER;
	worker->errors = result->errors_outside;
	worker->edge_ns = 0; /* whatever the time, nothing may go on */
}

bool worker_pass_edge(struct worker *worker, uint64_t now_ns)
{
	if (worker->window == WINDOW_BEFORE)
		worker_begin_window(worker);
	if (worker->window == WINDOW_INSIDE && now_ns >= worker->edge_ns)
		worker_end_window(worker);
	return worker->window != WINDOW_AFTER;
}

/* The warm-up begins: in an open loop the schedule does, in a closed one every connection. */
static void worker_begin_load(struct worker *worker)
{
	const struct options *options = worker->load->options;
	struct connection_list idle = worker->idle;

	if (options->rate_per_s > 0) {
		schedule_init(&worker->schedule, atomic_load(&worker->load->base_ns),
			      options->rate_per_s, worker->index, (unsigned)options->threads);
		worker->next_due_ns = schedule_due_ns(&worker->schedule, 0);
		return;
	}
	worker->idle = (struct connection_list){0};
	for (struct connection *connection = idle.first, *next; connection; connection = next) {
		next = connection->next;
		worker->now_ns = clock_now_ns();
		exchange_begin(worker, connection);
	}
}

static void worker_follow_phase(struct worker *worker)
{
	struct load *load = worker->load;
	enum load_phase from = worker->phase;

	worker->phase = (enum load_phase)atomic_load_explicit(&load->phase, memory_order_acquire);
	if (worker->phase == LOAD_STOP)
		return;
	if (from == LOAD_CONNECT && worker->phase > LOAD_CONNECT)
		worker_begin_load(worker);
	if (worker->phase == LOAD_MEASURE)
		worker->edge_ns =
			worker->window == WINDOW_BEFORE
				? atomic_load_explicit(&load->start_ns, memory_order_relaxed)
				: atomic_load_explicit(&load->end_ns, memory_order_relaxed);
}

static uint64_t earlier(uint64_t time_ns, const struct connection_list *list, uint64_t wait_ns)
{
	return list->first && list->first->since_ns + wait_ns < time_ns
		       ? list->first->since_ns + wait_ns
		       : time_ns;
}

/* When there is something to do even if no connection stirs. */
static uint64_t worker_next_deadline(const struct worker *worker)
{
	uint64_t timeout_ns = worker->load->options->timeout_ns;
	uint64_t deadline_ns = worker->more_to_open ? worker->now_ns : worker->edge_ns;

	deadline_ns = earlier(deadline_ns, &worker->busy, timeout_ns);
	deadline_ns = earlier(deadline_ns, &worker->opening, timeout_ns);
	if (worker->phase != LOAD_CONNECT)
		deadline_ns = earlier(deadline_ns, &worker->to_open_later, OPENING_REST_NS);
	else if (worker->opening.first && worker->connect_deadline_ns < deadline_ns)
		deadline_ns = worker->connect_deadline_ns;
	if (worker->idle.first && worker->next_due_ns < deadline_ns)
		deadline_ns = worker->next_due_ns;
	return deadline_ns;
}

static int worker_wait(struct worker *worker, struct epoll_event *events)
{
	uint64_t deadline_ns = worker_next_deadline(worker);
	uint64_t wait_ns = deadline_ns > worker->now_ns ? deadline_ns - worker->now_ns : 0;
	struct timespec wait = clock_to_timespec(wait_ns);
	int count = epoll_pwait2(worker->epoll_fd, events, EVENTS_MAX,
				 deadline_ns == UINT64_MAX ? NULL : &wait, NULL);

	if (count < 0 && errno == ENOSYS) {
		uint64_t wait_ms = (wait_ns + NS_PER_MS - 1) / NS_PER_MS;

		/* Linux before 5.11: milliseconds have to do. */
		count = epoll_wait(worker->epoll_fd, events, EVENTS_MAX,
				   deadline_ns == UINT64_MAX ? -1
				   : wait_ms > 1000	     ? 1000
							     : (int)wait_ms);
	}
	return count;
}

static void worker_handle(struct worker *worker, const struct epoll_event *event)
{
	struct connection *connection = event->data.ptr;
	uint64_t count;

	if (!connection) {
		if (read(worker->wake_fd, &count, sizeof(count)) > 0 &&
		    worker_may_go_on(worker, clock_now_ns()))
			worker_follow_phase(worker);
	} else if (connection->state == CONNECTION_OPENING) {
		opening_finish(worker, connection);
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
	opening_expire(worker);
	worker->more_to_open = opening_begin(worker);
	if (worker->phase == LOAD_CONNECT && !worker->opening.first && !worker->to_open.first &&
	    !atomic_load_explicit(&worker->settled, memory_order_relaxed)) {
		atomic_store_explicit(&worker->settled, true, memory_order_release);
		notify_control(worker);
	}
	/* Between batches the open loop looks at the clock again, so as not to sleep too long. */
	if (worker->next_due_ns != UINT64_MAX && worker_may_go_on(worker, clock_now_ns()))
		exchange_send_due(worker);
}

static void worker_loop(struct worker *worker)
{
	struct epoll_event events[EVENTS_MAX];

	worker->now_ns = clock_now_ns();
	worker_do_timed_work(worker);
	while (!worker_is_done(worker)) {
		int count = worker_wait(worker, events);

		if (count <= 0 && !worker_may_go_on(worker, clock_now_ns()))
			return;
		for (int i = 0; i < count && !worker_is_done(worker); i++)
			worker_handle(worker, &events[i]);
		if (!worker_is_done(worker))
			worker_do_timed_work(worker);
	}
}

void *worker_run(void *argument)
{
	struct worker *worker = argument;
	uint64_t count;

	/* The default of 50 us would make every request of an open loop late by as much. */
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	worker->connect_deadline_ns = clock_now_ns() + worker->load->options->timeout_ns +
				      worker->connection_count * CONNECT_ALLOWANCE_NS;
	worker_loop(worker);
	atomic_store_explicit(&worker->finished, true, memory_order_release);
	notify_control(worker);
	/* The connections stay open until all workers have finished and the figures are taken. */
	while (atomic_load_explicit(&worker->load->phase, memory_order_acquire) != LOAD_STOP)
		if (read(worker->wake_fd, &count, sizeof(count)) < 0 && errno != EINTR)
			break;
	for (size_t i = 0; i < worker->connection_count; i++)
		if (worker->connections[i].descriptor >= 0)
			close(worker->connections[i].descriptor);
	return NULL;
}

/* The n-th of `parts` equal parts of a total. */
static size_t share_of(uint64_t total, unsigned n, uint64_t parts)
{
	return (size_t)(total / parts + (n < total % parts));
}

static int worker_open_descriptors(struct worker *worker)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};

	worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	worker->wake_fd = eventfd(0, EFD_CLOEXEC);
	if (worker->epoll_fd < 0 || worker->wake_fd < 0 ||
	    epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, worker->wake_fd, &event) < 0)
		return -errno;
	return 0;
}

int worker_init(struct worker *worker, struct load *load, unsigned index)
{
	const struct options *options = load->options;
	size_t active = share_of(options->connections, index, options->threads);
	size_t crowd = share_of(options->idle, index, options->threads);

	*worker = (struct worker){
		.load = load,
		.index = index,
		.epoll_fd = -1,
		.wake_fd = -1,
		.edge_ns = UINT64_MAX,
		.next_due_ns = UINT64_MAX,
		.expected_length = atomic_load(&load->expected_length),
		.opening_max = share_of(OPENING_MAX, index, options->threads),
		.connection_count = active + crowd,
		.crowd_pending = crowd,
	};
	if (worker->opening_max == 0)
		worker->opening_max = 1;
	worker->connections = calloc(active + crowd, sizeof(*worker->connections));
	worker->buffer = malloc(EXCHANGE_BUFFER_BYTES);
	worker->result = result_create();
	if (!worker->connections || !worker->buffer || !worker->result)
		return -ENOMEM;
	worker->result->threads = 1;
	worker->errors = worker->result->errors_outside;
	for (size_t i = 0; i < active + crowd; i++) {
		worker->connections[i].descriptor = -1;
		worker->connections[i].crowd = i >= active;
		connection_list_append(&worker->to_open, &worker->connections[i]);
	}
	return worker_open_descriptors(worker);
}

void worker_destroy(struct worker *worker)
{
	free(worker->connections);
	free(worker->buffer);
	free(worker->result);
	if (worker->epoll_fd >= 0)
		close(worker->epoll_fd);
	if (worker->wake_fd >= 0)
		close(worker->wake_fd);
}
