#include "loadgen/receiving.h"
#include "loadgen/arrival.h"
#include "loadgen/sending.h"
#include "loadgen/window.h"

#include <errno.h>
#include <sys/epoll.h>

/* A request has failed. What slow ones do counts apart. */
static void fail_request(struct driver *driver, const struct connection *connection,
			 const struct news *news)
{
	if (connection->role >= ROLE_SLOW_READER)
		return;
	if (connection->role == ROLE_ACTIVE)
		account_fail_request(&driver->account, &news->exchange, news->class, news->phase,
				     news->problem, news->example);
	else
		account_fail(&driver->account, 1, news->class, news->phase, news->problem,
			     news->example);
}

void receiving_abandon(struct driver *driver, struct connection *connection)
{
	struct news news;

	while (connection_abandon(connection, &driver->wire, &news))
		fail_request(driver, connection, &news);
}

static void close_and_return(struct driver *driver, struct connection *connection, bool failed)
{
	/* (One whose requests are to be sent again may be closed already, and wait to be opened.) */
	if (connection->state != CONNECTION_OPEN)
		return;
	pool_count_open(&driver->pool, connection, -1);
	connection_close(connection);
	pool_return(&driver->pool, connection, failed, driver->account.now_ns);
}

void receiving_drop(struct driver *driver, struct connection *connection, bool failed)
{
	receiving_abandon(driver, connection);
	close_and_return(driver, connection, failed);
}

static void cut_slow(struct driver *driver, struct connection *connection)
{
	account_cut_slow(&driver->account);
	receiving_drop(driver, connection, true);
}

/* A request of the load had an answer or a timeout that is a sample. */
static void note_latency(struct driver *driver, struct connection *connection,
			 const struct exchange *exchange)
{
	if (connection->latency && exchange->counts)
		fairness_record(connection->latency,
				account_latency_ns(&driver->account, exchange));
}

static void take_good_answer(struct driver *driver, struct connection *connection,
			     const struct news *news)
{
	connection->failed_last = false;
	if (connection->role == ROLE_ACTIVE) {
		account_answer(&driver->account, &news->exchange, news->answer_bytes);
		connection->good += news->exchange.counts;
		note_latency(driver, connection, &news->exchange);
	} else {
		account_answer_crowd(&driver->account, connection->role == ROLE_IDLE);
	}
}

static void take_answer(struct driver *driver, struct connection *connection,
			const struct news *news)
{
	if (connection->role == ROLE_ACTIVE)
		account_status(&driver->account, &news->exchange);
	if (news->class == ERROR_NONE)
		take_good_answer(driver, connection, news);
	else
		fail_request(driver, connection, news);
	pool_await_no_more(&driver->pool, connection);
	if (connection->role >= ROLE_SLOW_READER) {
		/* A refusal, or an answer to half a request, is as good as cut off. */
		if (news->class != ERROR_NONE || (!news->usable && connection->parser.keep_alive))
			cut_slow(driver, connection);
		else if (!news->usable)
			receiving_drop(driver, connection, false);
	} else if (!news->usable) {
		receiving_drop(driver, connection, news->broken);
	}
}

static void take_failure(struct driver *driver, struct connection *connection,
			 const struct news *news)
{
	if (connection->role >= ROLE_SLOW_READER) {
		cut_slow(driver, connection);
		return;
	}
	fail_request(driver, connection, news);
	pool_await_no_more(&driver->pool, connection);
	receiving_drop(driver, connection, true);
}

static void take(struct driver *driver, struct connection *connection, enum connection_event event,
		 const struct news *news)
{
	if (event == CONNECTION_ANSWERED) {
		take_answer(driver, connection, news);
	} else if (event == CONNECTION_FAILED) {
		take_failure(driver, connection, news);
	} else if (event == CONNECTION_OVERTAKEN) {
		account_resend(&driver->account, connection->count);
		close_and_return(driver, connection, false);
	} else {
		if (news->class != ERROR_NONE)
			account_fail(&driver->account, 1, news->class, news->phase, news->problem,
				     news->example);
		receiving_drop(driver, connection, true);
	}
}

static void go_on(struct driver *driver, struct connection *connection)
{
	switch (pool_after_answers(&driver->pool, connection, driver->account.now_ns)) {
	case POOL_USE:
		sending_use(driver, connection);
		break;
	case POOL_REOPEN:
		receiving_drop(driver, connection, false);
		break;
	default:
		break;
	}
}

static void read_all(struct driver *driver, struct connection *connection)
{
	enum connection_event event;
	struct news news;
	bool answered = false;

	while (connection->state == CONNECTION_OPEN && wire_has_more_to_read(&driver->wire) &&
	       (event = connection_read(connection, &driver->wire, &news)) != CONNECTION_NOTHING) {
		take(driver, connection, event, &news);
		answered |= event == CONNECTION_ANSWERED;
	}
	if (driver->options->first_byte)
		connection_note_first_byte(connection, &driver->wire, driver->account.now_ns);
	if (answered && connection->state == CONNECTION_OPEN)
		go_on(driver, connection);
}

/*
 * Without a stamp: just now, unless this thread has not looked for so long that it may have lain there.
 * A fast closed loop is never without answers for that time by its own doing.
 */
static uint64_t guess_arrival(const struct driver *driver, const struct connection *connection)
{
	uint64_t now_ns = driver->account.now_ns, age_ns;

	if (now_ns < driver->looked_ns + ACCOUNT_PAUSE_NS)
		return now_ns;
	age_ns = arrival_age_ns(connection->descriptor);
	return now_ns - (age_ns < now_ns ? age_ns : 0);
}

/*
 * A step of the clock of day may be in between: then nothing is known. No answer comes before it was asked for, nor
 * later than now.
 */
static bool is_believable(const struct driver *driver, const struct connection *connection,
			  uint64_t arrived_ns)
{
	return driver->wire.arrived_realtime_ns && arrived_ns <= driver->account.now_ns &&
	       (connection->count == 0 ||
		arrived_ns >= connection->ring[connection->first].exchange.sent_ns);
}

static void note_arrival(struct driver *driver, const struct connection *connection)
{
	struct account *account = &driver->account;
	uint64_t arrived_ns = driver->wire.arrived_realtime_ns - driver->realtime_ahead_ns;

	if (!driver->wire.stamps)
		account->arrived_ns = guess_arrival(driver, connection);
	else
		account->arrived_ns = is_believable(driver, connection, arrived_ns) ? arrived_ns
										    : 0;
}

ssize_t receiving_portion(struct driver *driver, struct connection *connection, size_t most)
{
	ssize_t size = connection_receive(connection, &driver->wire, most);

	if (size < 0)
		return size;
	if (!window_may_go_on(driver))
		return -ECANCELED;
	note_arrival(driver, connection);
	if (connection->role < ROLE_SLOW_READER)
		account_bytes_received(&driver->account, (uint64_t)size);
	read_all(driver, connection);
	driver->account.arrived_ns = 0;
	return size;
}

/* Nothing is reported twice: neither what a full buffer left, nor the end behind what came. */
static void receive_all(struct driver *driver, struct connection *connection, uint32_t events)
{
	bool ended = events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
	ssize_t size;

	do
		size = receiving_portion(driver, connection, CONNECTION_UNBOUNDED);
	while (connection->state == CONNECTION_OPEN &&
	       ((size >= 0 && (driver->wire.more || ended)) || size == -EINTR));
}

/*
 * There is room to send the rest. With TLS something may have to be received before that, or to be sent
 * before more is received. False: it was closed.
 */
static bool use_room(struct driver *driver, struct connection *connection, uint32_t events)
{
	if (connection->crossed) {
		connection->crossed = false;
		receive_all(driver, connection, events);
	}
	if (connection->state != CONNECTION_OPEN)
		return false;
	sending_flush(driver, connection);
	return true;
}

void receiving_handle(struct driver *driver, struct connection *connection, uint32_t events)
{
	if (connection->role == ROLE_SLOW_READER) {
		/* It reads when its time comes; until then only the end of the connection is news. */
		if ((events & (EPOLLHUP | EPOLLERR)) && window_may_go_on(driver))
			cut_slow(driver, connection);
		return;
	}
	if ((events & EPOLLOUT) && connection->waits_for_room &&
	    connection->role != ROLE_SLOW_WRITER && !use_room(driver, connection, events))
		return;
	if (events & ~(uint32_t)EPOLLOUT)
		receive_all(driver, connection, events);
}

/* What was pipelined behind it would have come no sooner: it has timed out as well. */
static void time_out(struct driver *driver, struct connection *connection)
{
	struct news news;

	while (connection->count > 0) {
		connection_time_out(connection, &driver->wire, &news);
		if (connection->role == ROLE_ACTIVE) {
			account_time_out(&driver->account, &news.exchange);
			note_latency(driver, connection, &news.exchange);
		}
		fail_request(driver, connection, &news);
	}
	pool_await_no_more(&driver->pool, connection);
	receiving_drop(driver, connection, true);
}

void receiving_leave_unanswered(struct driver *driver)
{
	const struct list_node *node;

	while ((node = driver->wire.busy.first)) {
		struct connection *connection = LIST_ENTRY(node, struct slot, node)->connection;
		struct news news;

		while (connection_abandon(connection, &driver->wire, &news))
			if (connection->role == ROLE_ACTIVE)
				account_leave_unanswered(&driver->account, &news.exchange);
		pool_await_no_more(&driver->pool, connection);
		close_and_return(driver, connection, true);
	}
}

void receiving_time_out(struct driver *driver)
{
	const struct list_node *node;

	while ((node = driver->wire.busy.first)) {
		const struct slot *slot = LIST_ENTRY(node, const struct slot, node);

		if (slot->exchange.sent_ns + driver->options->timeout_ns > driver->account.now_ns)
			return;
		time_out(driver, slot->connection);
	}
}
