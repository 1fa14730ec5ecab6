#include "loadgen/window.h"
#include "lib/clock.h"

/* How often the number of connections follows a ramp. */
#define ADJUST_PERIOD_NS (10 * NS_PER_MS)

/*
 * A burst is due on all connections. Those that are not open have no second chance: their request
 * could not be sent.
 */
static void begin_burst(struct driver *driver)
{
	struct account *account = &driver->account;
	uint64_t unopened = driver->pool.active_count - driver->pool.idle.count;

	schedule_init_burst(&driver->schedule, account->start_ns, driver->pool.idle.count);
	account->result->unopened = unopened;
	account->result->due += unopened;
	if (unopened > 0)
		account_fail(account, unopened, ERROR_CONNECT, PHASE_SEND, 0,
			     "the connection was not open when the burst was due");
	for (uint64_t i = 0; i < unopened && account->parts.any; i++)
		account_fail_unopened(account, deck_deal(&driver->deck));
}

static void begin_window(struct driver *driver)
{
	thread_cost_read_cpu(&driver->cost);
	account_begin_window(&driver->account);
	if (driver->options->arrivals == ARRIVALS_BURST)
		begin_burst(driver);
}

static void add_cost(struct driver *driver)
{
	struct result *result = driver->account.result;

	thread_cost_add(result, &driver->cost);
	result->busiest_cpu_ns = result->cpu_ns - result->spin_ns;
	result->busiest_occupied_ns = result->busiest_cpu_ns + result->run_delay_ns;
}

/* Slices: no connection sends any more of its own; in an open loop nothing is due. */
static void stop_offering(struct driver *driver)
{
	driver->loading = driver->account.open_loop;
	driver->next_change_ns = UINT64_MAX;
}

/* In slices the load ends with it, and what its last answers cost is part of what it costs. */
static void end_window(struct driver *driver)
{
	if (driver->options->in_slices)
		stop_offering(driver);
	else if (account_is_counting(&driver->account))
		add_cost(driver);
	driver->account.result->crowd_open = pool_count_held(&driver->pool);
	account_end_window(&driver->account);
	progress_reach(driver->progress, &driver->progress->ended);
}

static bool pass_edge(struct driver *driver)
{
	const struct account *account = &driver->account;

	if (account->window == WINDOW_BEFORE && account_has_window(account))
		begin_window(driver);
	if (account->window <= WINDOW_INSIDE && account->now_ns >= account->edge_ns)
		end_window(driver);
	return account->window != WINDOW_AFTER;
}

bool window_may_go_on(struct driver *driver)
{
	driver->account.now_ns = driver->clock_ns();
	return driver->account.now_ns < driver->account.edge_ns || pass_edge(driver);
}

/* In windows and outside; the CPU time of windows only. */
static struct slice_counts count_all(const struct driver *driver)
{
	const struct result *result = driver->account.result;

	return (struct slice_counts){
		.due = result->due + driver->account.due_outside,
		.good = result->good + result->good_outside,
		.errors = result_count_errors(result->errors) +
			  result_count_errors(result->errors_outside),
		.cpu_ns = result->cpu_ns,
	};
}

/* The load of another slice: from its start on what is due is due, or all connections send. */
static void begin_slice(struct driver *driver, const struct span *span)
{
	driver->before = count_all(driver);
	thread_cost_read_cpu(&driver->cost);
	if (span->number == 1)
		return;
	if (driver->account.open_loop)
		schedule_go_on(&driver->schedule, span->start_ns);
	else
		driver->next_change_ns = span->start_ns;
}

static void begin_changes(struct driver *driver, uint64_t start_ns)
{
	const struct options *options = driver->options;

	if (options->arrivals == ARRIVALS_BURST) /* so that it is waited for to the nanosecond */
		schedule_init_burst(&driver->schedule, start_ns, driver->pool.idle.count);
	else if (options->stages.count && options->stages.of_connections)
		driver->next_change_ns = start_ns;
	else if (options->stages.count)
		schedule_begin_stages(&driver->schedule, &options->stages, start_ns);
}

void window_set(struct driver *driver, const struct span *span)
{
	bool known = driver->span_number == span->number;

	driver->span_number = span->number;
	account_set_window(&driver->account, span->counts ? span->start_ns : span->end_ns,
			   span->end_ns);
	if (!known) {
		thread_cost_read_delay(&driver->cost);
		if (driver->options->in_slices)
			begin_slice(driver, span);
		else
			begin_changes(driver, span->start_ns);
	}
	if (driver->options->in_slices && driver->account.open_loop)
		schedule_pause(&driver->schedule, span->end_ns);
	driver->account.now_ns = driver->clock_ns(); /* all that took a while */
}

bool window_may_rest(const struct driver *driver)
{
	return driver->wire.busy.count == 0 && driver->schedule.due_ns == UINT64_MAX &&
	       pool_is_complete(&driver->pool);
}

void window_rest(struct driver *driver)
{
	const struct slice_counts *before = &driver->before;
	struct slice_counts now;

	if (account_has_window(&driver->account))
		add_cost(driver);
	now = count_all(driver);
	now = (struct slice_counts){
		.due = now.due - before->due,
		.good = now.good - before->good,
		.errors = now.errors - before->errors,
		.cpu_ns = account_has_window(&driver->account)
				  ? now.cpu_ns - before->cpu_ns
				  : clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - driver->cost.all_ns,
		.rested_ns = driver->account.now_ns,
	};
	account_rest(&driver->account);
	stop_offering(driver);
	progress_rest(driver->progress, &now);
}

void window_adjust(struct driver *driver)
{
	uint64_t now_ns = driver->account.now_ns, start_ns = driver->account.start_ns;

	pool_want(&driver->pool, stages_level(&driver->options->stages,
					      now_ns > start_ns ? now_ns - start_ns : 0));
	driver->next_change_ns = now_ns + ADJUST_PERIOD_NS;
}

bool window_has_drained(const struct driver *driver)
{
	const struct account *account = &driver->account;

	return account->under_way == 0 &&
	       (driver->schedule.due_ns >= account->end_ns || sending_is_over(driver));
}

void window_leave_unsent(struct driver *driver)
{
	struct schedule *schedule = &driver->schedule;

	if (sending_is_over(driver))
		return; /* nothing more was asked for */
	for (; schedule->due_ns < driver->account.end_ns; schedule_advance(schedule))
		account_leave_unsent(&driver->account,
				     deck_deal(account_counts(&driver->account, schedule->due_ns)
						       ? &driver->deck
						       : &driver->deck_outside),
				     schedule->due_ns);
}

static void leave_unanswered(struct driver *driver)
{
	for (const struct list_node *node = driver->wire.busy.first; node; node = node->next) {
		const struct slot *slot = LIST_ENTRY(node, const struct slot, node);

		if (slot->connection->role == ROLE_ACTIVE)
			account_leave_unanswered(&driver->account, &slot->exchange);
	}
}

void window_close(struct driver *driver)
{
	struct account *account = &driver->account;

	if (window_may_go_on(driver) && account->window != WINDOW_BEFORE) {
		leave_unanswered(driver);
		window_leave_unsent(driver);
	}
	if (account->window != WINDOW_BEFORE || driver->options->in_slices)
		pool_add_fairness(&driver->pool, &account->result->fairness);
	account_close(account);
}
