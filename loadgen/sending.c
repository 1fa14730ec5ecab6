#include "loadgen/sending.h"
#include "loadgen/window.h"

static struct deck *deck_for(struct driver *driver, const struct connection *connection,
			     uint64_t due_ns)
{
	return connection->role == ROLE_ACTIVE && account_counts(&driver->account, due_ns)
		       ? &driver->deck
		       : &driver->deck_outside;
}

static void queue(struct driver *driver, struct connection *connection, uint64_t due_ns)
{
	size_t request = driver->wire.mix->count > 1
				 ? deck_deal(deck_for(driver, connection, due_ns))
				 : 0;
	struct exchange *exchange = connection_queue(connection, &driver->wire, request, due_ns,
						     driver->account.now_ns);

	if (connection->role == ROLE_ACTIVE)
		account_send(&driver->account, exchange);
}

void sending_flush(struct driver *driver, struct connection *connection)
{
	account_bytes_sent(&driver->account,
			   connection_flush(connection, &driver->wire, CONNECTION_UNBOUNDED));
}

bool sending_is_possible(const struct driver *driver)
{
	return driver->pool.idle.first && !sending_is_over(driver) &&
	       driver->wire.busy.count < driver->outstanding_max;
}

bool sending_may_grow(const struct driver *driver)
{
	return driver->loading && !driver->pool.idle.first && !sending_is_over(driver) &&
	       pool_may_grow(&driver->pool);
}

void sending_due(struct driver *driver)
{
	struct account *account = &driver->account;
	struct schedule *schedule = &driver->schedule;

	while (schedule->due_ns <= account->now_ns && sending_is_possible(driver)) {
		struct connection *connection = connection_first(&driver->pool.idle);
		uint64_t due_ns = schedule->due_ns;

		connection_move(connection, NULL);
		schedule_advance(schedule);
		account_send_late(account, due_ns);
		queue(driver, connection, due_ns);
		if (connection_has_room(connection, driver->options))
			connection_move(connection, &driver->pool.idle);
		sending_flush(driver, connection);
		if (schedule->due_ns <= account->now_ns && !window_may_go_on(driver))
			return;
	}
	if (schedule->due_ns > account->now_ns)
		account_keep_up(account);
	else if (sending_may_grow(driver))
		pool_grow(&driver->pool);
}

/* Closed loop: as many requests as may be under way. */
static void fill(struct driver *driver, struct connection *connection)
{
	while (connection_has_room(connection, driver->options) && !sending_is_over(driver))
		queue(driver, connection, driver->account.now_ns);
	sending_flush(driver, connection);
}

/* A slow one sends its request as its role wants: what it does next it does when its time comes. */
static void begin_slowly(struct driver *driver, struct connection *connection)
{
	uint64_t now_ns = driver->account.now_ns;

	connection_queue(connection, &driver->wire, 0, now_ns, now_ns);
	if (connection->list == &driver->pool.slow)
		return;
	connection->since_ns = now_ns;
	connection_move(connection, &driver->pool.slow);
}

void sending_use(struct driver *driver, struct connection *connection)
{
	if (connection->role >= ROLE_SLOW_READER) {
		begin_slowly(driver, connection);
	} else if (connection->role == ROLE_IDLE) {
		queue(driver, connection, driver->account.now_ns);
		sending_flush(driver, connection);
	} else if (driver->account.open_loop || !driver->loading) {
		sending_flush(driver, connection); /* what is to be sent again */
		if (!connection_has_room(connection, driver->options))
			return;
		if (pool_offer(&driver->pool, connection))
			account_note_free(&driver->account);
		sending_due(driver);
	} else {
		fill(driver, connection);
	}
}
