/*
 * The course of a run in slices (--slices-fd). All workers are at rest until an order comes. Then the load is
 * offered for as long as it says, and they are at rest again when the last of it has been answered or has timed
 * out: what a slice cost, here and in the server, lies between two rests and nowhere else.
 */
#include "lib/units.h"
#include "loadgen/control_parts.h"
#include "loadgen/orders.h"

/* A slice begins so long after it was told: at rest nobody is busy. */
#define SLICE_NOTICE_NS NS_PER_MS

/* How often it looks for the server at rest: others of many are loaded then, and need the core. */
#define REST_LOOK_NS (500 * NS_PER_MS)

/* A lead counts for nothing. */
static void look_at_lead(struct control *control, uint64_t now_ns, uint64_t end_ns)
{
	(void)control;
	(void)now_ns;
	(void)end_ns;
}

static void look_at_slice(struct control *control, uint64_t now_ns, uint64_t end_ns)
{
	(void)end_ns;
	control_end_interval(control, now_ns);
}

/* So often have the workers been told to load, and then to rest. */
static bool all_rest(const struct control *control)
{
	struct ranks_state state = crew_look(&control->crew);

	return state.rests == state.workers * atomic_load(&control->crew.conduct.number);
}

/* Waits for the last answers as long as --drain says, as behind a window. */
static void come_to_rest(struct control *control, uint64_t end_ns)
{
	uint64_t until_ns = end_ns + control->run->options->drain_ns;

	while (!all_rest(control) && !control_must_stop(control)) {
		uint64_t now_ns = clock_now_ns(), tick_ns = now_ns + TICK_NS;

		if (now_ns >= until_ns)
			break;
		control_look_for_server(control, now_ns);
		control_wait(control, until_ns < tick_ns ? until_ns : tick_ns);
	}
	if (!all_rest(control))
		crew_set_phase(&control->crew, LOAD_REST);
	while (!all_rest(control))
		control_wait(control, clock_now_ns() + TICK_NS);
}

/* It is part of the window that all slices together are. */
static void add_slice(struct control *control, const struct events_slice *slice)
{
	struct run *run = control->run;
	uint64_t length_ns = slice->end_ns - slice->begin_ns;

	control_end_interval(control, slice->end_ns);
	if (control->events->log.file) {
		control->events->log.since_ns = slice->begin_ns;
		control_end_log_line(control, slice->counts.rested_ns);
	}
	if (!run_add_slice(run, length_ns, slice->counts.rested_ns - slice->begin_ns)) {
		error_set(&run->halted, "out of memory");
		run->interrupted = true;
	}
}

/* What this thread has used since it began; of a slice it is part of what the generator costs. */
static uint64_t add_own_cost(struct control *control, bool counts)
{
	struct result *total = control->run->total;
	uint64_t before_ns = total->cpu_ns;

	if (!counts)
		return clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - control->cost_at_start.all_ns;
	thread_cost_add(total, &control->cost_at_start);
	return total->cpu_ns - before_ns;
}

static void offer(struct control *control, const struct order *order, uint64_t number)
{
	struct events_slice slice = {.counted = order->kind == ORDER_SLICE, .number = number};

	slice.begin_ns = clock_now_ns() + control_notice_ns(SLICE_NOTICE_NS);
	slice.end_ns = slice.begin_ns + order->length_ns;
	control_tell_window(control, slice.begin_ns, slice.end_ns, slice.counted);
	control_await_start(control, slice.begin_ns);
	control->interval_base_ns = slice.begin_ns - control->run->window_ns;
	if (control_tick(control, slice.begin_ns, slice.end_ns,
			 slice.counted ? look_at_slice : look_at_lead)) {
		uint64_t now_ns = clock_now_ns();

		slice.end_ns = now_ns > slice.begin_ns ? now_ns : slice.begin_ns;
		control_end_window_at(control, slice.end_ns);
	}
	come_to_rest(control, slice.end_ns);
	slice.counts = crew_look(&control->crew).slice;
	slice.counts.cpu_ns += add_own_cost(control, slice.counted);
	if (slice.counted && slice.end_ns > slice.begin_ns)
		add_slice(control, &slice);
	events_send_slice(control->events, &slice);
}

/* Where nobody conducts any more there is nothing to wait for. */
static bool is_forgotten(struct run *run, uint64_t since_ns, uint64_t now_ns)
{
	char patience[32];

	if (now_ns < since_ns + run->options->patience_ns)
		return false;
	units_format(UNIT_DURATION, (double)run->options->patience_ns, patience, sizeof(patience));
	error_set(&run->halted, "--slices-fd: no order came for %s", patience);
	return true;
}

/* Waits for the next order; false: there is none any more. */
static bool await_order(struct control *control, struct orders *orders, struct order *order)
{
	struct run *run = control->run;
	uint64_t since_ns = clock_now_ns(), tick_ns = since_ns + REST_LOOK_NS;

	while (!control_must_stop(control) && !control->enough) {
		uint64_t now_ns = clock_now_ns();
		enum orders_step step = orders_next(orders, order, &run->halted);

		if (step == ORDERS_TAKEN)
			return order->kind != ORDER_END;
		if (step == ORDERS_WRONG || is_forgotten(run, since_ns, now_ns)) {
			run->interrupted = true;
			break;
		}
		if (now_ns >= tick_ns) {
			control_look_for_server(control, now_ns);
			tick_ns = now_ns + REST_LOOK_NS;
		}
		control->orders_fd = orders->descriptor;
		control_wait(control, tick_ns);
		control->orders_fd = -1;
	}
	return false;
}

void control_measure_slices(struct control *control)
{
	struct orders orders = {.descriptor = control->run->options->slices_fd};
	uint64_t now_ns = clock_now_ns(), number = 0;
	struct order order;

	/* The warm-up ends as a lead does. */
	control_tell_window(control, now_ns, now_ns, false);
	come_to_rest(control, now_ns);
	live_clear(control->live);
	control_begin_times(control, clock_now_ns());
	while (await_order(control, &orders, &order))
		offer(control, &order, ++number);
	events_send(control->events, clock_now_ns(), "done");
	crew_set_phase(&control->crew, LOAD_CLOSE);
	while (!CONTROL_ALL(control, finished))
		control_wait(control, clock_now_ns() + TICK_NS);
}
