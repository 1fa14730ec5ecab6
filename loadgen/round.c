#include "loadgen/round.h"
#include "lib/clock.h"
#include "loadgen/receiving.h"
#include "loadgen/sending.h"
#include "loadgen/window.h"

#include <errno.h>

/* How often the distance between the kernel's clock of stamps and ours is looked at. */
#define REALTIME_PERIOD_NS (100 * NS_PER_MS)

/* More answers than this in that time are many. */
enum { MANY_ANSWERS = 500 };

/*
 * Closed loop: all connections send. It may be over before the last of them has. The first time their
 * answers are awaited.
 */
static void send_all(struct driver *driver, bool await)
{
	struct connection *connection;

	driver->loading = true;
	while ((connection = connection_first(&driver->pool.idle)) && window_may_go_on(driver) &&
	       driver->loading) {
		connection_move(connection, NULL);
		if (await)
			pool_await(&driver->pool, connection);
		sending_use(driver, connection);
	}
}

void round_begin_load(struct driver *driver, uint64_t base_ns)
{
	driver->loading = driver->pool.loading = true;
	if (!driver->account.open_loop)
		send_all(driver, true);
	else if (driver->options->arrivals != ARRIVALS_BURST)
		schedule_init(&driver->schedule, driver->options, base_ns, driver->share);
}

void round_come_to_rest(struct driver *driver)
{
	if (!window_may_go_on(driver))
		return;
	window_leave_unsent(driver);
	receiving_leave_unanswered(driver);
	window_rest(driver);
}

/* Its time has come: see driver->next_change_ns. */
static void change(struct driver *driver)
{
	if (!driver->options->in_slices) {
		window_adjust(driver);
		return;
	}
	driver->next_change_ns = UINT64_MAX;
	send_all(driver, false);
}

static void fail_opening(struct driver *driver, struct connection *connection, int problem,
			 const char *why)
{
	enum error_phase phase = connection->state == CONNECTION_SHAKING ? PHASE_HANDSHAKE
									 : PHASE_CONNECT;

	connection_close(connection);
	if (connection_try_next_address(connection, &driver->wire)) {
		connection_move(connection, &driver->pool.to_open);
		return;
	}
	account_fail(&driver->account, 1, ERROR_CONNECT, phase, problem, why);
	receiving_abandon(driver, connection);
	pool_return_unopened(&driver->pool, connection, driver->account.now_ns);
}

static void begin_using(struct driver *driver, struct connection *connection, uint32_t events)
{
	connection_move(connection, NULL);
	pool_count_open(&driver->pool, connection, 1);
	sending_use(driver, connection);
	/* What came with the news is not reported again. */
	if (connection->state == CONNECTION_OPEN)
		receiving_handle(driver, connection, events);
}

static void shake_hands(struct driver *driver, struct connection *connection, uint32_t events)
{
	struct tls_handshake handshake;
	int problem = connection_shake_hands(connection, &handshake);

	if (problem == EAGAIN || !window_may_go_on(driver))
		return;
	if (problem) {
		fail_opening(driver, connection, problem, handshake.why);
		return;
	}
	account_handshake(&driver->account, &handshake,
			  driver->account.now_ns - connection->shaking_since_ns);
	begin_using(driver, connection, events);
}

static void finish_opening(struct driver *driver, struct connection *connection, uint32_t events)
{
	int problem;

	if (!window_may_go_on(driver))
		return;
	problem = connection_finish_opening(connection, &driver->wire, events);
	if (problem) {
		fail_opening(driver, connection, problem, NULL);
		return;
	}
	histogram_record(&driver->account.result->connect,
			 driver->account.now_ns - connection->since_ns);
	if (connection->state == CONNECTION_OPEN) {
		begin_using(driver, connection, events);
		return;
	}
	connection->shaking_since_ns = driver->account.now_ns;
	shake_hands(driver, connection, events);
}

void round_handle(struct driver *driver, struct connection *connection, uint32_t events)
{
	/* (One that was closed earlier in the same batch of events is passed over.) */
	if (connection->state == CONNECTION_OPENING)
		finish_opening(driver, connection, events);
	else if (connection->state == CONNECTION_OPEN)
		receiving_handle(driver, connection, events);
	else if (connection->state == CONNECTION_SHAKING)
		shake_hands(driver, connection, events);
}

static void end_pauses(struct driver *driver)
{
	uint64_t until_ns = driver->account.now_ns;
	struct connection *connection;
	enum pool_step step;

	while ((connection = pool_end_pause(&driver->pool, until_ns, &step))) {
		/* Many pauses may end together: what the first ones take is not the last one's. */
		if (!window_may_go_on(driver))
			return;
		if (step == POOL_OPEN)
			pool_open_again(&driver->pool, connection, false);
		else if (step == POOL_REOPEN)
			receiving_drop(driver, connection, false);
		else
			sending_use(driver, connection);
	}
}

/* Slow ones send and receive a portion: which of both is slow is their role. */
static void move_slow(struct driver *driver)
{
	size_t portion = driver->pool.slow_portion_bytes;
	struct connection *connection;

	while ((connection = pool_next_slow(&driver->pool, driver->account.now_ns))) {
		bool reads = connection->role == ROLE_SLOW_READER;

		connection_flush(connection, &driver->wire, reads ? CONNECTION_UNBOUNDED : portion);
		if (reads && receiving_portion(driver, connection, portion) == -ECANCELED)
			return;
	}
}

/* Begins as many attempts as may run, a batch at most. */
static void open_some(struct driver *driver)
{
	struct pool *pool = &driver->pool;
	struct connection *connection;

	driver->more_to_open = false;
	pool_end_rests(pool, driver->account.now_ns);
	for (int begun = 0; pool_has_to_open(pool); begun++) {
		int result;

		if (begun == POOL_OPENING_BATCH) {
			driver->more_to_open = true;
			return;
		}
		if (!window_may_go_on(driver))
			return;
		connection = pool_next_to_open(pool, driver->account.now_ns);
		if (!connection)
			return;
		result = connection_open(connection, &driver->wire, pool_number_attempt(pool));
		if (result < 0)
			fail_opening(driver, connection, -result, NULL);
		else
			connection_move(connection, &pool->opening);
	}
}

/* Says how far it is to the control thread. */
static void tell_progress(struct driver *driver)
{
	enum window window = driver->account.window;
	/* A burst, and so many requests, end when all have their answers, before its time is up. */
	bool may_end = window == WINDOW_DRAINING ||
		       (window == WINDOW_INSIDE &&
			(driver->options->arrivals == ARRIVALS_BURST || sending_is_over(driver)));

	if (!driver->loading && pool_is_settled(&driver->pool, driver->account.now_ns))
		progress_reach(driver->progress, &driver->progress->settled);
	if (!may_end)
		return;
	if (!driver->options->in_slices && window_has_drained(driver))
		progress_reach(driver->progress, &driver->progress->drained);
	else if (driver->options->in_slices && window_may_rest(driver))
		window_rest(driver);
}

/*
 * To be told when an answer came costs a twentieth of what a request costs, mostly in the kernel. A
 * closed loop that is so fast asks how much a server can do: there it is given up, only pauses are
 * seen (receiving.c), and the report says so.
 */
static void give_up_stamps(struct driver *driver)
{
	struct result *result = driver->account.result;
	uint64_t answered = result->good + result->good_outside;
	bool many = answered - driver->answered > MANY_ANSWERS;

	driver->answered = answered;
	if (!many || !driver->wire.stamps || driver->account.open_loop)
		return;
	driver->wire.stamps = false;
	for (size_t i = 0; i < driver->pool.count; i++)
		connection_stamp(pool_connection(&driver->pool, i), &driver->wire);
	account_give_up_read_lateness(&driver->account);
}

/* The kernel stamps by the clock of day, whose distance changes when somebody sets it. */
static void look_at_realtime(struct driver *driver)
{
	if (driver->account.now_ns < driver->realtime_looked_ns + REALTIME_PERIOD_NS)
		return;
	driver->realtime_looked_ns = driver->clock_ns();
	driver->realtime_ahead_ns = clock_read_ns(CLOCK_REALTIME) - driver->realtime_looked_ns;
	give_up_stamps(driver);
}

void round_tick(struct driver *driver)
{
	struct connection *connection;

	look_at_realtime(driver);
	receiving_time_out(driver);
	end_pauses(driver);
	move_slow(driver);
	while ((connection = pool_next_overdue(&driver->pool, driver->account.now_ns)))
		fail_opening(driver, connection, ETIMEDOUT, NULL);
	if (driver->account.now_ns >= driver->next_change_ns)
		change(driver);
	open_some(driver);
	/* Between batches the open loop looks at the clock again, so as not to sleep too long. */
	if (driver->schedule.due_ns != UINT64_MAX && window_may_go_on(driver))
		sending_due(driver);
	tell_progress(driver);
}

uint64_t round_next_due_ns(const struct driver *driver)
{
	return sending_is_possible(driver) || sending_may_grow(driver) ? driver->schedule.due_ns
								       : UINT64_MAX;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t round_deadline_ns(const struct driver *driver)
{
	const struct list_node *oldest = driver->wire.busy.first;
	uint64_t deadline_ns = driver->more_to_open ? driver->account.now_ns
						    : driver->account.edge_ns;

	if (oldest)
		deadline_ns = least(deadline_ns,
				    LIST_ENTRY(oldest, const struct slot, node)->exchange.sent_ns +
					    driver->options->timeout_ns);
	deadline_ns = least(deadline_ns, pool_deadline_ns(&driver->pool));
	return least(deadline_ns, driver->next_change_ns);
}
