/*
 * A loop's connections to the database, each a watch on the loop itself; queries wait in a queue for
 * one that has room. Nothing in here blocks but the look-up of a host's name.
 */
#include "servers/core/tasks/database/database_connection.h"

#include "lib/clock.h"
#include "servers/core/tasks/database/database_settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define LOOK_NS (250 * NS_PER_MS)

/*
 * How many queries one connection has under way before another is taken: with several of them few, since each is a
 * process of the database that may have a core of its own.
 */
enum { DEPTH_FEWEST = 8, BATCH_MOST = 8 };

struct watched {
	struct database_loop *database; /* NULL: not in use */
	struct database_connection connection;
	/*
	 * Of a descriptor of its own: libpq closes and changes the other in the midst of things, and a
	 * watch has to be stopped before. fd -1: it does not run.
	 */
	struct loop_watch watch;
	struct list_node node; /* in `roomy` */
	bool listed;
	struct list_node unended; /* in `batches` */
	bool batched;
	bool moved;	   /* something has come since the last look */
	uint64_t since_ns; /* nothing has */
};

struct database_loop {
	const struct loop_services *services;
	void *loop;
	struct watched *connections;
	unsigned most, count, opening;
	unsigned depth; /* of a connection's pipeline */
	/*
	 * Those with room for a query. Who was used last stands first, so that one is filled before the
	 * next: queries that come together wake one process of the database once, not one each.
	 */
	struct list roomy;
	struct list batches;  /* connections with queries that go out when the loop's turn ends */
	struct list queue;    /* queries for which there is none */
	struct list answered; /* whose outcome is still to be told */
	struct loop_timer look, tell, send;
	bool looks, tells, sends;
};

static void dispatch(struct database_loop *database);

struct database_loop *database_loop_open(const struct loop_services *services, void *loop,
					 unsigned connections)
{
	struct database_loop *database = calloc(1, sizeof *database);

	if (!database)
		return NULL;
	database->services = services;
	database->loop = loop;
	database->most = connections;
	database->depth = connections < DATABASE_PIPELINE / DEPTH_FEWEST
				  ? DATABASE_PIPELINE / connections
				  : DEPTH_FEWEST;
	database->connections = calloc(connections, sizeof *database->connections);
	if (!database->connections) {
		free(database);
		return NULL;
	}
	return database;
}

/* Unless there is an outcome already. */
static void fail(struct database_loop *database, struct database_query *query, const char *reason)
{
	if (query->outcome == DATABASE_WAITS) {
		query->outcome = DATABASE_FAILED;
		query->reason = reason;
	}
	query->list = &database->answered;
	list_append(query->list, &query->node);
}

/* The callback may ask again, and forget others that are in the list. */
static void tell_answered(struct database_loop *database)
{
	while (database->answered.first) {
		struct database_query *query = LIST_ENTRY(database->answered.first,
							  struct database_query, node);

		list_remove(query->list, &query->node);
		query->list = NULL;
		query->answered(query);
	}
}

static void unwatch(struct watched *watched)
{
	if (watched->watch.fd < 0)
		return;
	watched->database->services->watch_stop(watched->database->loop, &watched->watch);
	close(watched->watch.fd);
	watched->watch.fd = -1;
}

static void unlist(struct watched *watched)
{
	if (watched->listed)
		list_remove(&watched->database->roomy, &watched->node);
	watched->listed = false;
}

static void unbatch(struct watched *watched)
{
	if (watched->batched)
		list_remove(&watched->database->batches, &watched->unended);
	watched->batched = false;
}

/* It is of no use any more, nor are the queries that it has. */
static void lose(struct watched *watched)
{
	struct database_loop *database = watched->database;
	struct database_query *query;

	unwatch(watched);
	unlist(watched);
	unbatch(watched);
	while ((query = database_connection_take(&watched->connection)))
		fail(database, query, "the connection to the database was lost");
	database_connection_close(&watched->connection);
	watched->database = NULL;
	database->count--;
}

static void ready(struct loop_watch *watch, unsigned events);

static void watch_anew(struct watched *watched)
{
	struct database_loop *database = watched->database;
	struct loop_watch *watch = &watched->watch;
	int fd = database_connection_fd(&watched->connection);

	watch->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	watch->interest = watched->connection.interest;
	watch->ready = ready;
	if (watch->fd >= 0 && database->services->watch_start(database->loop, watch) == 0)
		return;
	if (watch->fd >= 0)
		close(watch->fd);
	watch->fd = -1;
	watched->connection.state = DATABASE_LOST;
}

static void watch_on(struct watched *watched)
{
	struct database_loop *database = watched->database;
	unsigned interest = watched->connection.interest;

	if (watched->watch.fd < 0)
		watch_anew(watched);
	else if (watched->watch.interest != interest &&
		 database->services->watch_change(database->loop, &watched->watch, interest) < 0)
		watched->connection.state = DATABASE_LOST;
	else
		watched->watch.interest = interest;
}

/* Whatever was done with a connection: what follows for the watch and the lists. */
static void settle(struct watched *watched, bool was_opening)
{
	struct database_loop *database = watched->database;
	struct database_connection *connection = &watched->connection;
	bool has_room;

	if (connection->state != DATABASE_LOST)
		watch_on(watched);
	if (was_opening && connection->state != DATABASE_OPENING) {
		database->opening--;
		database_connection_note(connection);
	}
	if (connection->state == DATABASE_LOST) {
		lose(watched);
		return;
	}
	has_room = connection->state == DATABASE_READY && connection->under_way < database->depth;
	if (has_room && !watched->listed)
		list_prepend(&database->roomy, &watched->node);
	else if (!has_room)
		unlist(watched);
	watched->listed = has_room;
}

static void ready(struct loop_watch *watch, unsigned events)
{
	struct watched *watched = LIST_ENTRY(watch, struct watched, watch);
	struct database_loop *database = watched->database;
	struct database_connection *connection = &watched->connection;
	bool was_opening = connection->state == DATABASE_OPENING;

	(void)events;
	watched->moved = true;
	if (was_opening && !connection->preparing)
		unwatch(watched);
	database_connection_go_on(connection, &database->answered);
	settle(watched, was_opening);
	dispatch(database);
	tell_answered(database);
}

static void end_batches(struct database_loop *database)
{
	while (database->batches.first) {
		struct watched *watched = LIST_ENTRY(database->batches.first, struct watched,
						     unended);

		unbatch(watched);
		database_connection_end_batch(&watched->connection);
		settle(watched, false);
	}
}

static void send_batches(struct loop_timer *timer)
{
	struct database_loop *database = LIST_ENTRY(timer, struct database_loop, send);

	database->sends = false;
	end_batches(database);
	dispatch(database);
	tell_answered(database);
}

/*
 * Queries that come in one turn of the loop go to the database in one piece, so many at the most: it is at work on the
 * first while others come.
 */
static void hold(struct database_loop *database, struct watched *watched)
{
	if (watched->connection.unended == BATCH_MOST) {
		unbatch(watched);
		database_connection_end_batch(&watched->connection);
		return;
	}
	if (watched->batched)
		return;
	list_append(&database->batches, &watched->unended);
	watched->batched = true;
	if (database->sends)
		return;
	database->send.fire = send_batches;
	database->send.due_ns = clock_now_ns();
	database->sends = database->services->timer_start(database->loop, &database->send) == 0;
	if (database->sends)
		return;
	unbatch(watched); /* no memory for a timer: at once, then */
	database_connection_end_batch(&watched->connection);
}

/* One connection more, if there may be one. */
static bool grow(struct database_loop *database)
{
	struct watched *watched = database->connections;

	if (database->count == database->most || !database_may_connect())
		return false;
	while (watched->database)
		watched++;
	*watched =
		(struct watched){.database = database, .watch.fd = -1, .since_ns = clock_now_ns()};
	database->count++;
	database->opening++;
	database_connection_open(&watched->connection);
	settle(watched, true);
	return watched->database != NULL;
}

/* Hands out what waits, as far as there is room; who comes behind others makes for one more. */
static void dispatch(struct database_loop *database)
{
	struct list *queue = &database->queue;

	while (queue->first && database->roomy.first) {
		struct watched *watched = LIST_ENTRY(database->roomy.first, struct watched, node);
		struct database_query *query = LIST_ENTRY(queue->first, struct database_query,
							  node);

		if (watched->connection.under_way)
			grow(database);
		else
			watched->moved = true; /* its time begins now */
		list_remove(queue, &query->node);
		query->list = NULL;
		unlist(watched);
		database_connection_send(&watched->connection, query);
		if (watched->connection.state == DATABASE_READY)
			hold(database, watched);
		settle(watched, false);
	}
	while (queue->count > database->opening && grow(database))
		;
	while (!database->count && queue->first) {
		struct database_query *query = LIST_ENTRY(queue->first, struct database_query,
							  node);

		list_remove(queue, &query->node);
		fail(database, query, "no connection to the database");
	}
}

/* Too old? What a connection has under way it may still answer, to nobody. */
static void expire_queries(struct database_loop *database, uint64_t now_ns)
{
	static const char reason[] = "the database did not answer in time";
	struct list *queue = &database->queue;

	while (queue->first) {
		struct database_query *query = LIST_ENTRY(queue->first, struct database_query,
							  node);

		if (query->due_ns > now_ns)
			break;
		list_remove(queue, &query->node);
		fail(database, query, reason);
	}
	for (unsigned i = 0; i < database->most; i++) {
		struct database_connection *connection = &database->connections[i].connection;

		for (unsigned j = 0; database->connections[i].database && j < connection->under_way;
		     j++) {
			struct database_query *query =
				connection->queries[(connection->first + j) % DATABASE_PIPELINE];

			if (!query || query->due_ns > now_ns)
				continue;
			database_connection_forget(connection, query);
			fail(database, query, reason);
		}
	}
}

/* Whether there is anything to wait for. */
static bool expire_connections(struct database_loop *database, uint64_t now_ns)
{
	bool waits = database->queue.count > 0;

	for (unsigned i = 0; i < database->most; i++) {
		struct watched *watched = &database->connections[i];
		bool was_opening = watched->connection.state == DATABASE_OPENING;

		if (!watched->database || (!was_opening && !watched->connection.under_way))
			continue;
		if (watched->moved)
			watched->since_ns = now_ns;
		watched->moved = false;
		waits = true;
		if (now_ns - watched->since_ns < DATABASE_ANSWER_NS)
			continue;
		watched->connection.state = DATABASE_LOST;
		settle(watched, was_opening);
	}
	return waits;
}

static void look(struct loop_timer *timer);

/* False: no memory. */
static bool look_soon(struct database_loop *database, uint64_t now_ns)
{
	database->look.fire = look;
	database->look.due_ns = now_ns + LOOK_NS;
	database->looks = database->looks ||
			  database->services->timer_start(database->loop, &database->look) == 0;
	return database->looks;
}

static void look(struct loop_timer *timer)
{
	struct database_loop *database = LIST_ENTRY(timer, struct database_loop, look);
	uint64_t now_ns = clock_now_ns();

	database->looks = false;
	expire_queries(database, now_ns);
	if (expire_connections(database, now_ns))
		look_soon(database, now_ns);
	dispatch(database);
	tell_answered(database);
}

static void tell(struct loop_timer *timer)
{
	struct database_loop *database = LIST_ENTRY(timer, struct database_loop, tell);

	database->tells = false;
	tell_answered(database);
}

/* From within a start nobody else is told of anything: that is left to the loop's turn. */
static void tell_soon(struct database_loop *database, uint64_t now_ns)
{
	if (!database->answered.first || database->tells)
		return;
	database->tell.fire = tell;
	database->tell.due_ns = now_ns;
	database->tells = database->services->timer_start(database->loop, &database->tell) == 0;
}

bool database_loop_ask(struct database_loop *database, struct database_query *query)
{
	uint64_t now_ns = clock_now_ns();

	query->due_ns = now_ns + DATABASE_ANSWER_NS;
	if (database->queue.count >= DATABASE_QUEUE_MOST || !look_soon(database, now_ns)) {
		query->outcome = DATABASE_FAILED;
		query->reason = "too many wait for the database";
		return false;
	}
	query->list = &database->queue;
	list_append(query->list, &query->node);
	dispatch(database);
	if (query->outcome != DATABASE_WAITS)
		database_loop_forget(database, query);
	tell_soon(database, now_ns);
	return query->outcome == DATABASE_WAITS;
}

void database_loop_forget(struct database_loop *database, struct database_query *query)
{
	(void)database;
	if (query->list)
		list_remove(query->list, &query->node);
	else if (query->connection)
		database_connection_forget(query->connection, query);
	query->list = NULL;
	query->connection = NULL;
}

void database_loop_close(struct database_loop *database)
{
	for (unsigned i = 0; i < database->most; i++)
		if (database->connections[i].database)
			lose(&database->connections[i]);
	if (database->looks)
		database->services->timer_stop(database->loop, &database->look);
	if (database->tells)
		database->services->timer_stop(database->loop, &database->tell);
	if (database->sends)
		database->services->timer_stop(database->loop, &database->send);
	free(database->connections);
	free(database);
}
