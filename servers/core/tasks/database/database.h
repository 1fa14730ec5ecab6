/*
 * What a request has to do with the database: PostgreSQL, through libpq (libpq.h).
 *
 * One row by its key, with one statement that each connection prepares once:
 *
 *   SELECT id, message FROM messages WHERE id = $1
 *
 * A thread that may block, and a loop, do the same with it (database_connection.h); they differ in who
 * waits: a thread in poll, for an answer or for a connection (database_threads.c); in a loop, the query
 * in a queue, and the loop goes on (database_loop.c). Both are bounded in time, and a database that is
 * not there is asked again at most ten times a second by the whole server (database_gate.h): meanwhile
 * queries fail at once.
 */
#ifndef TENK_DATABASE_H
#define TENK_DATABASE_H

#include "lib/error.h"
#include "lib/list.h"
#include "servers/core/tasks/loop_services.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * From the question to the answer, waiting for a connection included. Who gets none in that time, or
 * no answer, has failed; a connection that keeps a query so long is given up.
 */
#define DATABASE_ANSWER_NS UINT64_C(5000000000)

enum {
	DATABASE_CONNECTIONS_USUAL = 16,
	DATABASE_CONNECTIONS_MOST = 1000,
	DATABASE_QUEUE_MOST = 65536, /* queries that wait in one loop, or threads in one process */
	DATABASE_TEXT_KEPT = 96,     /* a longer answer is memory of its own */
};

enum database_outcome { DATABASE_WAITS, DATABASE_FOUND, DATABASE_NOT_FOUND, DATABASE_FAILED };

struct database_connection;

/* One question. */
struct database_query {
	int32_t id;
	enum database_outcome outcome;
	const char *reason; /* of DATABASE_FAILED, static */
	/* Of DATABASE_FOUND: the row as JSON, `own` or memory of its own. */
	const char *text;
	size_t length;
	char own[DATABASE_TEXT_KEPT];
	/* In a loop: told from the loop's turn that there is an outcome, never from within a start. */
	void (*answered)(struct database_query *query);
	/* Of who carries it out: */
	uint64_t due_ns;
	struct database_connection *connection; /* which has it under way */
	struct list *list;			/* in which it waits; NULL: in none */
	struct list_node node;
};

/* Its memory, after the answer has been made. */
void database_query_destroy(struct database_query *query);

/* Who has to get along with how many connections. */
struct database_users {
	unsigned connections; /* of the whole server */
	unsigned
		processes; /* each of which serves one client at a time; UINT_MAX: any number; 0: none */
};

/*
 * Before the first fork: loads the library, and looks at the keywords; `conninfo` is kept. Threads of a process
 * share all connections. Processes have one each, or where they are more, one for each query. 0, or
 * -errno and a message.
 */
int database_open(const char *conninfo, const struct database_users *users, struct error *error);

/* Whether it was opened. */
bool database_is_open(void);

/* Before a process starts so many loops, over which its connections are to be divided. */
void database_divide(unsigned loops);

/* How many connections a loop, or all threads of a process, may have: at least one. */
unsigned database_share(void);

/* Of all threads of a process that block. NULL: no memory. */
struct database_threads *database_threads_open(void);
void database_threads_close(struct database_threads *threads);

/* Asks, and returns with an outcome. From any thread. */
void database_threads_ask(struct database_threads *threads, struct database_query *query);

/* Of one loop. NULL: no memory. */
struct database_loop *database_loop_open(const struct loop_services *services, void *loop,
					 unsigned connections);
void database_loop_close(struct database_loop *database);

/* Asks. False: there is an outcome already, and `answered` is not called. */
bool database_loop_ask(struct database_loop *database, struct database_query *query);

/* Nobody wants to know any more; `answered` is not called. The connection receives it, and drops it. */
void database_loop_forget(struct database_loop *database, struct database_query *query);

#endif
