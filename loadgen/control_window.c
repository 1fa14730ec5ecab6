#include "loadgen/control_parts.h"

/* The window begins so long after it was decided, that the busiest worker knows in time. */
#define WINDOW_NOTICE_NS (10 * NS_PER_MS)

/* What happened since the last look, and of which that is the next. */
static struct events_counts count_since(const struct interval_totals *now,
					struct interval_totals *last)
{
	struct interval_totals since = *now;
	struct events_counts counts;

	interval_subtract(&since, last);
	counts = (struct events_counts){
		.completed = since.completed,
		.errors = since.errors,
		.p50_ns = interval_percentile_ns(&since, 50),
		.p99_ns = interval_percentile_ns(&since, 99),
	};
	*last = *now;
	return counts;
}

/* Of each kind of request. */
static void end_interval_of_kinds(struct control *control, struct events_interval *interval)
{
	for (size_t i = 0; i < control->kind_count; i++) {
		struct interval_totals now = {0};

		crew_collect(&control->crew, &now, i + 1);
		interval->kinds[i] = count_since(&now, &control->last_kinds[i]);
	}
}

void control_end_interval(struct control *control, uint64_t at_ns)
{
	struct interval_totals now = {0};
	struct ranks_state state = crew_look(&control->crew);
	struct events_interval interval = {
		.since_ns = at_ns > control->interval_base_ns ? at_ns - control->interval_base_ns
							      : 0,
		.connections = state.open,
		.cpu_ns = state.cpu_ns - control->last_cpu_ns,
	};

	crew_collect(&control->crew, &now, 0);
	interval.all = count_since(&now, &control->last_totals);
	end_interval_of_kinds(control, &interval);
	events_send_interval(control->events, at_ns, &interval);
	control->last_cpu_ns = state.cpu_ns;
}

/* Takes what one thread recorded since the last line. */
static void take_recent(struct interval_log *log, struct histogram *line, struct recent *recent)
{
	log->spare = recent_take(recent, log->spare);
	histogram_merge(line, log->spare);
	histogram_init(log->spare);
}

void control_end_log_line(struct control *control, uint64_t now_ns)
{
	struct interval_log *log = &control->events->log;

	for (unsigned i = 0; i < control->crew.worker_count; i++) {
		struct progress *progress = &control->crew.workers[i].progress;

		take_recent(log, log->line[0], &progress->recent);
		for (size_t j = 1; j < log->count; j++)
			take_recent(log, log->line[j], &progress->kinds.kind[j - 1].recent);
	}
	interval_log_end_line(log, now_ns);
}

static void control_log(struct control *control, uint64_t now_ns)
{
	if (interval_log_is_due(&control->events->log, now_ns))
		control_end_log_line(control, now_ns);
}

void control_await_start(struct control *control, uint64_t start_ns)
{
	thread_cost_read_delay(&control->cost_at_start);
	while (clock_now_ns() < start_ns && !control_must_stop(control))
		control_wait(control, start_ns);
	thread_cost_read_cpu(&control->cost_at_start);
	control->last_cpu_ns = crew_look(&control->crew).cpu_ns;
}

void control_begin_times(struct control *control, uint64_t at_ns)
{
	atomic_store(&control->crew.conduct.origin_ns, at_ns);
	control->interval_base_ns = control->run->window_base_ns = at_ns;
	control->run->window_started_ns = clock_read_ns(CLOCK_REALTIME);
	interval_log_begin(&control->events->log, at_ns,
			   (double)control->run->window_started_ns / 1e9);
	events_send(control->events, at_ns, "warm");
}

static bool control_is_over(struct control *control, uint64_t now_ns, uint64_t end_ns)
{
	/* A burst, and so many requests, end with the last answer. */
	return now_ns >= end_ns || control->enough || CONTROL_ALL(control, drained);
}

static void control_show(struct control *control, uint64_t now_ns, uint64_t end_ns)
{
	struct live_look look = {.now_ns = now_ns,
				 .left_ns = end_ns - now_ns,
				 .connections = crew_look(&control->crew).open,
				 .totals = control->last_totals,
				 .kinds = control->last_kinds,
				 .mix = control->run->mix};

	live_show_measuring(control->live, &look);
}

/* What is to be looked at in a window. */
static void control_look(struct control *control, uint64_t now_ns, uint64_t end_ns)
{
	control_end_interval(control, now_ns);
	control_log(control, now_ns);
	control_show(control, now_ns, end_ns);
}

bool control_tick(struct control *control, uint64_t start_ns, uint64_t end_ns,
		  void (*look)(struct control *control, uint64_t now_ns, uint64_t end_ns))
{
	uint64_t tick_ns = start_ns + TICK_NS;

	while (!control_must_stop(control)) {
		uint64_t now_ns = clock_now_ns();

		if (control_is_over(control, now_ns, end_ns))
			return now_ns < end_ns;
		if (now_ns >= tick_ns) {
			control_look_for_server(control, now_ns);
			look(control, now_ns, end_ns);
			tick_ns = start_ns + ((now_ns - start_ns) / TICK_NS + 1) * TICK_NS;
		}
		control_wait(control, tick_ns < end_ns ? tick_ns : end_ns);
	}
	return true;
}

/* The load goes on until all that was due in the window has its answer, if that comes in time. */
static void control_drain(struct control *control, uint64_t end_ns)
{
	uint64_t until_ns = end_ns + control->run->options->drain_ns;

	while (!CONTROL_ALL(control, drained) && !control_must_stop(control)) {
		uint64_t now_ns = clock_now_ns(), tick_ns = now_ns + TICK_NS;

		if (now_ns >= until_ns)
			break;
		control_look_for_server(control, now_ns);
		control_log(control, now_ns);
		live_show_draining(control->live, now_ns, until_ns - now_ns);
		control_wait(control, until_ns < tick_ns ? until_ns : tick_ns);
	}
	crew_set_phase(&control->crew, LOAD_CLOSE);
	while (!CONTROL_ALL(control, finished))
		control_wait(control, clock_now_ns() + TICK_NS);
	if (control->events->log.file)
		control_end_log_line(control, clock_now_ns());
}

void control_measure(struct control *control)
{
	uint64_t start_ns = clock_now_ns() + control_notice_ns(WINDOW_NOTICE_NS);
	uint64_t end_ns = start_ns + control->run->options->duration_ns;

	control_tell_window(control, start_ns, end_ns, true);
	control_await_start(control, start_ns);
	control_begin_times(control, start_ns);
	if (control_tick(control, start_ns, end_ns, control_look)) {
		uint64_t now_ns = clock_now_ns();

		end_ns = now_ns > start_ns ? now_ns : start_ns;
		control_end_window_at(control, end_ns);
	}
	while (!CONTROL_ALL(control, ended))
		control_wait(control, clock_now_ns() + TICK_NS);
	/* The control thread is part of what the generator costs. */
	thread_cost_add(control->run->total, &control->cost_at_start);
	/* What is left at the end is an interval only if it is about as long as the others. */
	if ((end_ns - start_ns) % TICK_NS == 0)
		control_end_interval(control, end_ns);
	control->run->window_ns = end_ns - start_ns;
	events_send(control->events, end_ns, "done");
	control_drain(control, end_ns);
}
