/*
 * Threads that may block: each takes one of the process's connections for as long as its query lasts,
 * and waits for one where all are taken. A process that serves one client at a time is the same with one
 * thread, and may have to wait for the other processes (database_permits.h).
 */
#include "servers/core/tasks/database/database_connection.h"

#include "lib/clock.h"
#include "lib/libc.h"
#include "servers/core/tasks/database/database_permits.h"
#include "servers/core/tasks/database/database_settings.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#define TRUST_NS   (500 * NS_PER_MS)
#define WITNESS_NS NS_PER_S /* of trying to connect */

struct pooled {
	struct database_connection connection;
	/* While nobody has it: */
	struct pooled *next;
	uint64_t idle_since_ns;
};

struct database_threads {
	pthread_mutex_t lock;
	pthread_cond_t returned; /* one more may be had, or made */
	struct pooled *idle;	 /* the last that was used is the first to be used again */
	unsigned count, most;	 /* idle, or some thread's */
	unsigned waiting;
};

struct database_threads *database_threads_open(void)
{
	struct database_threads *threads = calloc(1, sizeof *threads);

	if (!threads)
		return NULL;
	pthread_mutex_init(&threads->lock, NULL);
	pthread_cond_init(&threads->returned, NULL);
	threads->most = database_share();
	return threads;
}

static void destroy(struct pooled *pooled)
{
	database_connection_close(&pooled->connection);
	free(pooled);
	if (database_permits())
		database_permits_give_back(database_permits());
}

void database_threads_close(struct database_threads *threads)
{
	while (threads->idle) {
		struct pooled *pooled = threads->idle;

		threads->idle = pooled->next;
		destroy(pooled);
	}
	pthread_cond_destroy(&threads->returned);
	pthread_mutex_destroy(&threads->lock);
	free(threads);
}

static void fail(struct database_query *query, const char *reason)
{
	query->outcome = DATABASE_FAILED;
	query->reason = reason;
}

/* Waits until the connection is ready for what it waits for. False: it was too long. */
static bool await(const struct database_connection *connection, uint64_t due_ns)
{
	struct pollfd ready = {.fd = database_connection_fd(connection)};

	ready.events = (short)((connection->interest & LOOP_IN ? POLLIN : 0) |
			       (connection->interest & LOOP_OUT ? POLLOUT : 0));
	for (;;) {
		uint64_t now_ns = clock_now_ns();
		int count;

		if (now_ns >= due_ns)
			return false;
		count = poll(&ready, 1, (int)((due_ns - now_ns) / NS_PER_MS) + 1);
		if (count > 0 || (count < 0 && errno != EINTR))
			return true; /* the next call tells what is wrong */
	}
}

/* Goes on until it is no longer opening, or has an outcome, or is lost. False: too long. */
static bool converse(struct database_connection *connection, const struct database_query *query)
{
	struct list answered = {0};

	while (connection->state == DATABASE_OPENING ||
	       (connection->state == DATABASE_READY && query->connection)) {
		if (!await(connection, query->due_ns))
			return false;
		database_connection_go_on(connection, &answered);
	}
	return true;
}

/* NULL: the query has failed. */
static struct pooled *connect_to(struct database_query *query)
{
	struct pooled *pooled;
	uint64_t began_ns;
	bool in_time;

	if (database_permits() && !database_permits_take(database_permits(), query->due_ns)) {
		fail(query, "too many wait for the database");
		return NULL;
	}
	pooled = calloc(1, sizeof *pooled);
	if (!pooled) {
		if (database_permits())
			database_permits_give_back(database_permits());
		fail(query, "no memory for a connection");
		return NULL;
	}
	began_ns = clock_now_ns();
	database_connection_open(&pooled->connection);
	in_time = converse(&pooled->connection, query);
	if (!in_time)
		pooled->connection.state = DATABASE_LOST;
	/* Who has waited long for its turn, and so has no time left, knows nothing of the database. */
	if (in_time || clock_now_ns() - began_ns >= WITNESS_NS)
		database_connection_note(&pooled->connection);
	if (pooled->connection.state == DATABASE_READY)
		return pooled;
	destroy(pooled);
	fail(query, "no connection to the database");
	return NULL;
}

/* Gives back a connection, or the room for one (NULL), and wakes who waits for it. */
static void give_back(struct database_threads *threads, struct pooled *pooled)
{
	pthread_mutex_lock(&threads->lock);
	if (pooled) {
		pooled->next = threads->idle;
		threads->idle = pooled;
	} else {
		threads->count--;
	}
	if (threads->waiting)
		pthread_cond_signal(&threads->returned);
	pthread_mutex_unlock(&threads->lock);
}

/*
 * One that nobody has; or leave to make one, which is NULL and no failure; else waits. False: the query
 * has failed.
 */
static bool take_turn(struct database_threads *threads, struct database_query *query,
		      struct pooled **pooled)
{
	struct timespec until = clock_to_timespec(query->due_ns);
	const char *failure = NULL;
	int result = 0;

	pthread_mutex_lock(&threads->lock);
	while (!threads->idle && !failure) {
		if (threads->count < threads->most && database_may_connect()) {
			threads->count++;
			break;
		}
		if (!threads->count) { /* nobody would give one back, for which others wait as well */
			failure = "no connection to the database";
			if (threads->waiting)
				pthread_cond_broadcast(&threads->returned);
		}
		if (!failure && (result == ETIMEDOUT || threads->waiting >= DATABASE_QUEUE_MOST))
			failure = "too many wait for the database";
		if (failure)
			break;
		threads->waiting++;
		result = pthread_cond_clockwait(&threads->returned, &threads->lock, CLOCK_MONOTONIC,
						&until);
		threads->waiting--;
	}
	*pooled = failure ? NULL : threads->idle;
	if (*pooled)
		threads->idle = (*pooled)->next;
	pthread_mutex_unlock(&threads->lock);
	if (failure)
		fail(query, failure);
	return !failure;
}

/* With a connection that is this thread's. */
static void ask_on(struct database_threads *threads, struct pooled *pooled,
		   struct database_query *query)
{
	struct database_connection *connection = &pooled->connection;
	bool in_time;

	database_connection_send(connection, query);
	if (connection->state == DATABASE_READY)
		database_connection_end_batch(connection);
	in_time = converse(connection, query);
	if (in_time && connection->state == DATABASE_READY && !database_permits()) {
		pooled->idle_since_ns = clock_now_ns();
		give_back(threads, pooled);
		return;
	}
	database_connection_take(connection);
	destroy(pooled);
	give_back(threads, NULL);
	if (query->outcome == DATABASE_WAITS)
		fail(query, in_time ? "the connection to the database was lost"
				    : "the database did not answer in time");
}

/*
 * Whether it was closed while nobody had it, which a loop is told of. To look takes a call, so that one
 * which has just been used is trusted.
 */
static bool is_stale(struct pooled *pooled)
{
	struct list answered = {0};

	if (clock_now_ns() - pooled->idle_since_ns < TRUST_NS)
		return false;
	database_connection_go_on(&pooled->connection, &answered);
	return pooled->connection.state == DATABASE_LOST;
}

void database_threads_ask(struct database_threads *threads, struct database_query *query)
{
	struct pooled *pooled;

	query->due_ns = clock_now_ns() + DATABASE_ANSWER_NS;
	for (;;) {
		if (!take_turn(threads, query, &pooled))
			return;
		if (!pooled || !is_stale(pooled))
			break;
		destroy(pooled);
		give_back(threads, NULL);
	}
	if (!pooled)
		pooled = connect_to(query);
	if (pooled)
		ask_on(threads, pooled, query);
	else
		give_back(threads, NULL);
}
