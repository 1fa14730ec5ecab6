#include "servers/core/tasks/database/database_connection.h"

#include "servers/core/tasks/database/database_row.h"
#include "servers/core/tasks/database/database_settings.h"
#include "servers/core/tasks/database/libpq.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char statement_name[] = "row";
static const char statement[] = "SELECT id, message FROM messages WHERE id = $1";
enum { TYPE_INT4 = 23 }; /* of pg_type; sent in binary, network byte order */

void database_query_destroy(struct database_query *query)
{
	if (query->text != query->own)
		free((char *)(uintptr_t)query->text);
	query->text = NULL;
}

static void ignore_notice(void *context, const char *message)
{
	(void)context, (void)message;
}

void database_connection_open(struct database_connection *connection)
{
	/* Later ones take precedence: what is answered is UTF-8. */
	static const char *const keywords[] = {"fallback_application_name", "dbname",
					       "client_encoding", NULL};
	const char *values[] = {"tenk", database_conninfo(), "UTF8", NULL};

	*connection =
		(struct database_connection){.pg = libpq.PQconnectStartParams(keywords, values, 1),
					     .state = DATABASE_OPENING,
					     .interest = LOOP_OUT};
	if (!connection->pg || libpq.PQstatus(connection->pg) == CONNECTION_BAD) {
		connection->state = DATABASE_LOST;
		return;
	}
	libpq.PQsetNoticeProcessor(connection->pg, ignore_notice, NULL);
}

void database_connection_close(struct database_connection *connection)
{
	libpq.PQfinish(connection->pg);
	connection->pg = NULL;
}

int database_connection_fd(const struct database_connection *connection)
{
	return libpq.PQsocket(connection->pg);
}

void database_connection_note(const struct database_connection *connection)
{
	const char *message;
	char line[256];

	if (connection->state == DATABASE_READY) {
		database_note_success();
		return;
	}
	message = connection->pg ? libpq.PQerrorMessage(connection->pg) : "no memory";
	snprintf(line, sizeof line, "%.*s", (int)strcspn(message, "\n"), message);
	database_note_failure(line);
}

/* Sends what waits to be sent, as far as that goes. */
static void flush(struct database_connection *connection)
{
	int left = libpq.PQflush(connection->pg);

	connection->interest = left > 0 ? LOOP_IN | LOOP_OUT : LOOP_IN;
	if (left < 0)
		connection->state = DATABASE_LOST;
}

static void prepare(struct database_connection *connection)
{
	static const Oid types[] = {TYPE_INT4};

	connection->preparing = true;
	connection->ends = 1;
	if (libpq.PQsetnonblocking(connection->pg, 1) != 0 ||
	    !libpq.PQenterPipelineMode(connection->pg) ||
	    !libpq.PQsendPrepare(connection->pg, statement_name, statement, 1, types) ||
	    !libpq.PQpipelineSync(connection->pg))
		connection->state = DATABASE_LOST;
	else
		flush(connection);
}

static void connect_further(struct database_connection *connection)
{
	switch (libpq.PQconnectPoll(connection->pg)) {
	case PGRES_POLLING_READING:
		connection->interest = LOOP_IN;
		break;
	case PGRES_POLLING_WRITING:
		connection->interest = LOOP_OUT;
		break;
	case PGRES_POLLING_OK:
		prepare(connection);
		break;
	default:
		connection->state = DATABASE_LOST;
	}
}

/* A row's JSON, in the query's own memory if that is enough. */
static void keep_row(struct database_query *query, const PGresult *result)
{
	const char *message = libpq.PQgetisnull(result, 0, 1) ? NULL
							      : libpq.PQgetvalue(result, 0, 1);
	size_t length = message ? (size_t)libpq.PQgetlength(result, 0, 1) : 0;
	char *text = query->own;

	query->length = database_row_write(text, sizeof query->own, query->id, message, length);
	if (query->length > sizeof query->own) {
		text = malloc(query->length);
		if (!text) {
			query->outcome = DATABASE_FAILED;
			query->reason = "no memory for the row";
			return;
		}
		database_row_write(text, query->length, query->id, message, length);
	}
	query->text = text;
	query->outcome = DATABASE_FOUND;
}

static void judge(struct database_query *query, const PGresult *result)
{
	if (libpq.PQresultStatus(result) != PGRES_TUPLES_OK || libpq.PQnfields(result) != 2) {
		query->outcome = DATABASE_FAILED;
		query->reason = "the database failed";
	} else if (libpq.PQntuples(result) == 0) {
		query->outcome = DATABASE_NOT_FOUND;
	} else {
		keep_row(query, result);
	}
}

static struct database_query *remove_first(struct database_connection *connection)
{
	struct database_query *query = connection->queries[connection->first];

	connection->first = (connection->first + 1) % DATABASE_PIPELINE;
	connection->under_way--;
	if (query)
		query->connection = NULL;
	return query;
}

/*
 * The database goes down (class 57P), or libpq itself says that it is gone (no code): that is no answer to
 * this query, though it came in its turn.
 */
static bool tells_of_the_end(const PGresult *result)
{
	const char *code = libpq.PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return libpq.PQresultStatus(result) == PGRES_FATAL_ERROR &&
	       (!code || strncmp(code, "57P", 3) == 0);
}

/* One result of the statement's preparation or of the first query. */
static void take_result(struct database_connection *connection, const PGresult *result)
{
	if (tells_of_the_end(result)) {
		connection->state = DATABASE_LOST;
		return;
	}
	if (connection->preparing) {
		if (libpq.PQresultStatus(result) != PGRES_COMMAND_OK)
			connection->state = DATABASE_LOST;
		return;
	}
	if (!connection->under_way || connection->told)
		return; /* none is expected */
	connection->told = true;
	if (connection->queries[connection->first])
		judge(connection->queries[connection->first], result);
}

/* Behind the results of each query comes a NULL: it has its outcome. */
static void take_query_end(struct database_connection *connection, struct list *answered)
{
	struct database_query *query = remove_first(connection);

	connection->told = false;
	if (query)
		list_append(answered, &query->node), query->list = answered;
}

/* The end of a batch, which was asked for. */
static void take_batch_end(struct database_connection *connection)
{
	connection->ends--;
	if (!connection->preparing)
		return;
	connection->preparing = false;
	connection->state = DATABASE_READY;
}

static void receive(struct database_connection *connection, struct list *answered)
{
	unsigned nothing = 0;

	while (connection->state != DATABASE_LOST && connection->ends &&
	       !libpq.PQisBusy(connection->pg)) {
		PGresult *result = libpq.PQgetResult(connection->pg);

		if (!result) {
			if (connection->told)
				take_query_end(connection, answered);
			if (++nothing > 2) /* there is always something between two of them */
				connection->state = DATABASE_LOST;
			continue;
		}
		nothing = 0;
		if (libpq.PQresultStatus(result) == PGRES_PIPELINE_SYNC)
			take_batch_end(connection);
		else
			take_result(connection, result);
		libpq.PQclear(result);
		if (libpq.PQstatus(connection->pg) == CONNECTION_BAD)
			connection->state = DATABASE_LOST;
	}
}

void database_connection_go_on(struct database_connection *connection, struct list *answered)
{
	bool came;

	if (connection->state == DATABASE_OPENING && !connection->preparing) {
		connect_further(connection);
		return;
	}
	came = libpq.PQconsumeInput(connection->pg);
	if (came)
		flush(connection);
	receive(connection, answered); /* what came before the end, too */
	if (!came)
		connection->state = DATABASE_LOST;
}

void database_connection_send(struct database_connection *connection, struct database_query *query)
{
	uint32_t id = htonl((uint32_t)query->id);
	const char *const values[] = {(const char *)&id};
	const int lengths[] = {sizeof id}, formats[] = {1};
	unsigned at = (connection->first + connection->under_way) % DATABASE_PIPELINE;

	connection->queries[at] = query;
	connection->under_way++;
	connection->unended++;
	query->connection = connection;
	if (!libpq.PQsendQueryPrepared(connection->pg, statement_name, 1, values, lengths, formats,
				       0))
		connection->state = DATABASE_LOST;
}

void database_connection_end_batch(struct database_connection *connection)
{
	connection->unended = 0;
	connection->ends++;
	if (!libpq.PQpipelineSync(connection->pg))
		connection->state = DATABASE_LOST;
	else
		flush(connection);
}

struct database_query *database_connection_take(struct database_connection *connection)
{
	struct database_query *query = NULL;

	while (connection->under_way && !query)
		query = remove_first(connection);
	return query;
}

void database_connection_forget(struct database_connection *connection,
				const struct database_query *query)
{
	for (unsigned i = 0; i < DATABASE_PIPELINE; i++)
		if (connection->queries[i] == query)
			connection->queries[i] = NULL;
}
