/*
 * One connection to the database, without waiting: whoever has it says that its descriptor is ready,
 * and is told what to wait for next. A thread does so with poll, a loop with a watch.
 *
 *   database_connection_open, then database_connection_go_on whenever it is ready for its interest
 *
 * until the state is READY; then queries go in with database_connection_send, on their way with
 * database_connection_end_batch behind the last of a batch, and come out of database_connection_go_on with
 * an outcome, in their order. Not thread-safe.
 */
#ifndef TENK_DATABASE_CONNECTION_H
#define TENK_DATABASE_CONNECTION_H

#include "servers/core/tasks/database/database.h"

/* The most queries that are sent before the first is answered (libpq's pipeline mode). */
enum { DATABASE_PIPELINE = 64 };

enum database_state {
	DATABASE_OPENING, /* the connection is being made, and its statement prepared */
	DATABASE_READY,
	DATABASE_LOST, /* of no use any more: database_connection_close */
};

struct database_connection {
	struct pg_conn *pg;
	enum database_state state;
	bool preparing;		   /* OPENING, and connected */
	unsigned interest;	   /* enum loop_interest: what to wait for */
	unsigned first, under_way; /* of `queries`; NULL: nobody wants to know any more */
	struct database_query *queries[DATABASE_PIPELINE];
	bool told;	  /* the first of them has its outcome, but is not at its end */
	unsigned unended; /* of them, those whose batch has no end yet */
	unsigned ends;	  /* that are still to come, one after each batch */
};

/* Begins to connect. The state is OPENING or LOST. */
void database_connection_open(struct database_connection *connection);

/* Gives it back. Queries that are under way must have been taken out of it (database_connection_take). */
void database_connection_close(struct database_connection *connection);

/* Its descriptor, which changes, or is closed, in database_connection_go_on while it is OPENING. */
int database_connection_fd(const struct database_connection *connection);

/* Goes on as far as it gets. Queries with an outcome are appended to `answered`. */
void database_connection_go_on(struct database_connection *connection, struct list *answered);

/*
 * Adds one to the batch, while fewer than DATABASE_PIPELINE are under way. The state may be LOST afterwards, and
 * the query is then among those under way.
 */
void database_connection_send(struct database_connection *connection, struct database_query *query);

/*
 * The batch is complete, and goes to the database in one piece: with a libpq that sends whenever an end is asked for,
 * an end for each query would be a system call for each. When one query of a batch fails, so do those behind it.
 */
void database_connection_end_batch(struct database_connection *connection);

/* Of those under way, the oldest that somebody wants to know of, which is taken out; NULL: none. */
struct database_query *database_connection_take(struct database_connection *connection);

/* Nobody wants to know of this one, which is under way. */
void database_connection_forget(struct database_connection *connection,
				const struct database_query *query);

/* Tells all others how trying to connect has ended: READY or LOST (database_settings.h). */
void database_connection_note(const struct database_connection *connection);

#endif
