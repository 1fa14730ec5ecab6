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
}

static void begin_window(struct driver *driver)
{
	thread_cost_read_cpu(&driver->cost);
	account_begin_window(&driver->account);
	if (driver->options->arrivals == ARRIVALS_BURST)
		begin_burst(driver);
}

static void end_window(struct driver *driver)
{
	struct result *result = driver->account.result;

	thread_cost_add(result, &driver->cost);
	result->busiest_cpu_ns = result->cpu_ns - result->spin_ns;
	result->busiest_occupied_ns = result->busiest_cpu_ns + result->run_delay_ns;
	result->crowd_open = pool_count_held(&driver->pool);
	account_end_window(&driver->account);
	progress_reach(driver->progress, &driver->progress->ended);
}

static bool pass_edge(struct driver *driver)
{
	const struct account *account = &driver->account;

	if (account->window == WINDOW_BEFORE)
		begin_window(driver);
	if (account->window == WINDOW_INSIDE && account->now_ns >= account->edge_ns)
		end_window(driver);
	return account->window != WINDOW_AFTER;
}

bool window_may_go_on(struct driver *driver)
{
	driver->account.now_ns = driver->clock_ns();
	return driver->account.now_ns < driver->account.edge_ns || pass_edge(driver);
}

void window_set(struct driver *driver, uint64_t start_ns, uint64_t end_ns)
{
	const struct options *options = driver->options;
	bool known = driver->account.start_ns > 0;

	account_set_window(&driver->account, start_ns, end_ns);
	if (known)
		return;
	thread_cost_read_delay(&driver->cost);
	if (options->arrivals == ARRIVALS_BURST) /* so that it is waited for to the nanosecond */
		schedule_init_burst(&driver->schedule, start_ns, driver->pool.idle.count);
	else if (options->stages.count && options->stages.of_connections)
		driver->next_adjust_ns = start_ns;
	else if (options->stages.count)
		schedule_begin_stages(&driver->schedule, &options->stages, start_ns);
}

void window_adjust(struct driver *driver)
{
	uint64_t now_ns = driver->account.now_ns, start_ns = driver->account.start_ns;

	if (now_ns < driver->next_adjust_ns)
		return;
	pool_want(&driver->pool, stages_level(&driver->options->stages,
					      now_ns > start_ns ? now_ns - start_ns : 0));
	driver->next_adjust_ns = now_ns + ADJUST_PERIOD_NS;
}

bool window_has_drained(const struct driver *driver)
{
	const struct account *account = &driver->account;

	return account->under_way == 0 &&
	       (driver->schedule.due_ns >= account->end_ns || sending_is_over(driver));
}

void window_close(struct driver *driver)
{
	struct account *account = &driver->account;
	struct schedule schedule = driver->schedule;

	if (!window_may_go_on(driver) || account->window == WINDOW_BEFORE) {
		account_close(account);
		return;
	}
	for (const struct list_node *node = driver->wire.busy.first; node; node = node->next) {
		const struct slot *slot = LIST_ENTRY(node, const struct slot, node);

		if (slot->connection->role == ROLE_ACTIVE)
			account_leave_unanswered(account, &slot->exchange);
	}
	if (sending_is_over(driver))
		schedule.due_ns = UINT64_MAX; /* nothing more was asked for */
	for (; schedule.due_ns < account->end_ns; schedule_advance(&schedule))
		if (schedule.due_ns >= account->start_ns)
			account_leave_unsent(account, schedule.due_ns);
		else
			account->result->unanswered_outside++;
	pool_add_fairness(&driver->pool, &account->result->fairness);
	account_close(account);
}
