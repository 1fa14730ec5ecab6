/* Threads that may block ask the backend, each over a connection that nobody else has meanwhile. */
#include "servers/core/tasks/backend/backend_connection.h"

#include "lib/clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

struct pooled {
	struct backend_connection connection;
	struct pooled *next; /* while nobody has it */
};

struct backend_threads {
	pthread_mutex_t lock;
	struct pooled *idle; /* the last that was used is the first to be used again */
	unsigned idle_count;
};

struct backend_threads *backend_threads_open(void)
{
	struct backend_threads *threads = calloc(1, sizeof *threads);

	if (threads)
		pthread_mutex_init(&threads->lock, NULL);
	return threads;
}

static void destroy(struct pooled *pooled)
{
	backend_close(&pooled->connection);
	free(pooled);
}

void backend_threads_close(struct backend_threads *threads)
{
	while (threads->idle) {
		struct pooled *pooled = threads->idle;

		threads->idle = pooled->next;
		destroy(pooled);
	}
	pthread_mutex_destroy(&threads->lock);
	free(threads);
}

/* One that lies idle, or a fresh one; NULL: no memory. */
static struct pooled *take(struct backend_threads *threads)
{
	struct pooled *pooled;

	pthread_mutex_lock(&threads->lock);
	pooled = threads->idle;
	if (pooled) {
		threads->idle = pooled->next;
		threads->idle_count--;
	}
	pthread_mutex_unlock(&threads->lock);
	if (pooled)
		return pooled;
	pooled = malloc(sizeof *pooled);
	if (pooled)
		backend_connect(&pooled->connection);
	return pooled;
}

static void give_back(struct backend_threads *threads, struct pooled *pooled)
{
	bool keeps = pooled->connection.state == BACKEND_DONE && pooled->connection.keeps;

	pthread_mutex_lock(&threads->lock);
	keeps = keeps && threads->idle_count < backend_idle_most();
	if (keeps) {
		pooled->next = threads->idle;
		threads->idle = pooled;
		threads->idle_count++;
	}
	pthread_mutex_unlock(&threads->lock);
	if (!keeps)
		destroy(pooled);
}

/* Waits for what the connection waits for. False: it was too long. */
static bool await(const struct backend_connection *connection, uint64_t due_ns)
{
	struct pollfd ready = {.fd = connection->fd,
			       .events = connection->interest == LOOP_IN ? POLLIN : POLLOUT};

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

void backend_threads_ask(struct backend_threads *threads, struct backend_fetch *fetch)
{
	uint64_t due_ns = clock_now_ns() + fetch->ms * NS_PER_MS + BACKEND_LATE_NS;
	struct pooled *pooled = take(threads);
	struct backend_connection *connection;
	bool in_time = true;

	fetch->failed_status = 503;
	fetch->reason = "no memory for a connection";
	if (!pooled)
		return;
	connection = &pooled->connection;
	backend_ask(connection, fetch->ms);
	while (in_time && connection->state != BACKEND_DONE) {
		if (connection->state == BACKEND_BROKEN) {
			if (!backend_was_stale(connection))
				break;
			backend_close(connection);
			backend_connect(connection);
			backend_ask(connection, fetch->ms);
			continue;
		}
		in_time = await(connection, due_ns);
		if (in_time)
			backend_go_on(connection);
	}
	if (in_time) {
		backend_conclude(connection, fetch);
	} else {
		fetch->failed_status = 504;
		fetch->reason = "the backend did not answer in time";
	}
	give_back(threads, pooled);
}
