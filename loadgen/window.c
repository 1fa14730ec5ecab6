/* What happens at the edges of the measured window, and where its stages change. */
#include "loadgen/window.h"
#include "lib/clock.h"
#include "lib/process_stat.h"

#include <sys/resource.h>

/* How often the number of connections follows a ramp. */
#define ADJUST_PERIOD_NS (10 * NS_PER_MS)

static uint64_t timeval_ns(struct timeval time)
{
	return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_usec * NS_PER_US;
}

void window_read_delay(struct window_cpu *cpu)
{
	uint64_t ran_ns;

	if (!process_schedstat_read("/proc/thread-self/schedstat", &ran_ns, &cpu->run_delay_ns))
		cpu->run_delay_ns = UINT64_MAX;
}

void window_read_cpu(struct window_cpu *cpu)
{
	struct rusage usage = {0};

	cpu->all_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	getrusage(RUSAGE_THREAD, &usage);
	cpu->user_ns = timeval_ns(usage.ru_utime);
	cpu->system_ns = timeval_ns(usage.ru_stime);
}

void window_add_cpu(struct result *result, const struct window_cpu *start)
{
	struct window_cpu end;

	window_read_cpu(&end);
	window_read_delay(&end);
	result->cpu_ns += end.all_ns - start->all_ns;
	result->user_ns += end.user_ns - start->user_ns;
	result->system_ns += end.system_ns - start->system_ns;
	if (start->run_delay_ns == UINT64_MAX || end.run_delay_ns == UINT64_MAX)
		result->run_delay_unknown++;
	else
		result->run_delay_ns += end.run_delay_ns - start->run_delay_ns;
}

/*
 * A burst is due on all connections. Those that are not open have no second chance: their request
 * could not be sent.
 */
static void window_begin_burst(struct worker *worker, uint64_t start_ns)
{
	uint64_t unopened = worker->active_count - worker->idle.count;

	schedule_init_burst(&worker->schedule, start_ns, worker->idle.count);
	worker->result->unopened = unopened;
	if (unopened > 0)
		worker_fail_many(worker, unopened, ERROR_CONNECT, PHASE_SEND, 0,
				 "the connection was not open when the burst was due");
}

static void window_begin(struct worker *worker)
{
	const struct load *load = worker->load;
	uint64_t start_ns = atomic_load_explicit(&load->start_ns, memory_order_relaxed);

	window_read_cpu(&worker->cpu_at_start);
	worker->due_before = worker->schedule.index +
			     schedule_count_until(&worker->schedule, start_ns);
	/* The idle crowd has had its answers by now, and slow ones are not among the busy. */
	worker->result->pending = worker->busy.count + worker->due_before - worker->schedule.index;
	worker->window = WINDOW_INSIDE;
	worker->errors = worker->result->errors;
	worker->failures = &worker->result->failures;
	worker->edge_ns = atomic_load_explicit(&load->end_ns, memory_order_relaxed);
	if (load->options->arrivals == ARRIVALS_BURST)
		window_begin_burst(worker, start_ns);
}

/* A worker that learns late of a short window may have gone on behind its end. */
static uint64_t age_ns(uint64_t since_ns, uint64_t end_ns)
{
	return end_ns > since_ns ? end_ns - since_ns : 0;
}

/* What was due or sent, and has no answer: how long ago, for each. Not in the latencies. */
static void window_count_unanswered(struct worker *worker, uint64_t end_ns)
{
	struct result *result = worker->result;
	struct schedule schedule = worker->schedule;

	for (const struct list_node *node = worker->busy.first; node; node = node->next) {
		const struct exchange *exchange = LIST_ENTRY(node, const struct exchange, node);

		if (exchange->connection->role == ROLE_ACTIVE)
			histogram_record(&result->unanswered_age, age_ns(exchange->due_ns, end_ns));
	}
	for (; schedule.due_ns < end_ns; schedule_advance(&schedule))
		histogram_record(&result->unanswered_age, end_ns - schedule.due_ns);
	result->due = schedule.index - worker->due_before + result->unopened;
}

static void window_count_fairness(struct worker *worker)
{
	for (size_t i = 0; i < worker->active_count; i++) {
		const struct connection *connection = worker_connection(worker, i);

		if (connection->list != &worker->parked)
			fairness_add(&worker->result->fairness, connection->good,
				     connection->latency);
	}
}

/* Of the idle crowd: active connections come first, then these, then slow ones. */
static void window_count_held(struct worker *worker)
{
	for (size_t i = worker->active_count; i < worker->connection_count; i++) {
		const struct connection *connection = worker_connection(worker, i);

		if (connection->role != ROLE_IDLE)
			return;
		worker->result->crowd_open += connection->state == CONNECTION_OPEN;
	}
}

static void window_end(struct worker *worker)
{
	struct result *result = worker->result;

	window_add_cpu(result, &worker->cpu_at_start);
	result->busiest_cpu_ns = result->cpu_ns - result->spin_ns;
	result->busiest_occupied_ns = result->busiest_cpu_ns + result->run_delay_ns;
	window_count_unanswered(worker,
				atomic_load_explicit(&worker->load->end_ns, memory_order_relaxed));
	window_count_fairness(worker);
	window_count_held(worker);
	worker->window = WINDOW_AFTER;
	worker->errors = result->errors_outside;
	worker->failures = &result->failures_outside;
	worker->edge_ns = 0; /* whatever the time, nothing may go on */
}

bool worker_pass_edge(struct worker *worker, uint64_t now_ns)
{
	if (worker->window == WINDOW_BEFORE)
		window_begin(worker);
	if (worker->window == WINDOW_INSIDE && now_ns >= worker->edge_ns)
		window_end(worker);
	return worker->window != WINDOW_AFTER;
}

static void set_wanted(struct worker *worker, double level)
{
	struct connection *connection;

	worker->wanted = worker_share((uint64_t)level, worker->index,
				      worker->load->options->threads);
	while (worker->live < worker->wanted && (connection = connection_first(&worker->parked))) {
		connection_move(connection, &worker->to_open);
		worker->live++;
	}
	/* Those that are busy follow when they have their answers. */
	while (worker->live > worker->wanted && (connection = connection_first(&worker->to_open))) {
		connection_move(connection, &worker->parked);
		worker->live--;
	}
}

void window_adjust(struct worker *worker)
{
	const struct stages *stages = &worker->load->options->stages;
	uint64_t start_ns = atomic_load_explicit(&worker->load->start_ns, memory_order_relaxed);

	if (worker->now_ns < worker->next_adjust_ns)
		return;
	set_wanted(worker,
		   stages_level(stages, worker->now_ns > start_ns ? worker->now_ns - start_ns : 0));
	worker->next_adjust_ns = worker->now_ns + ADJUST_PERIOD_NS;
}

void window_begin_stages(struct worker *worker)
{
	const struct options *options = worker->load->options;
	uint64_t start_ns = atomic_load_explicit(&worker->load->start_ns, memory_order_relaxed);

	if (options->arrivals == ARRIVALS_BURST) /* so that it is waited for to the nanosecond */
		schedule_init_burst(&worker->schedule, start_ns, worker->idle.count);
	else if (options->stages.count && options->stages.of_connections)
		worker->next_adjust_ns = start_ns;
	else if (options->stages.count)
		schedule_begin_stages(&worker->schedule, &options->stages, start_ns);
}
