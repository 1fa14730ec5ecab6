/*
 * One connection to the backend and one exchange on it, without waiting: whoever has it says that its
 * descriptor is ready for its interest, and is told what to wait for next. A thread does so with poll,
 * a loop with a watch. Answers are read by llhttp, in strict mode, as requests are.
 */
#ifndef TENK_BACKEND_CONNECTION_H
#define TENK_BACKEND_CONNECTION_H

#include "servers/core/tasks/backend/backend.h"

#include <llhttp.h>

enum { BACKEND_HOST_MOST = 256 };

enum backend_state {
	BACKEND_CONNECTING,
	BACKEND_SENDING,
	BACKEND_RECEIVING,
	BACKEND_DONE,	/* `status` and `body` are there */
	BACKEND_BROKEN, /* `reason` is; close it */
};

struct backend_connection {
	int fd; /* -1: none */
	enum backend_state state;
	unsigned interest; /* enum loop_interest: what to wait for */
	bool used;	   /* it has carried an answer before this exchange */
	bool begun;	   /* something of this answer has come */
	bool keeps;	   /* of DONE: another exchange can follow */
	bool too_long;
	const char *reason; /* of BROKEN, static */
	unsigned status;
	size_t request_length, sent, body_length;
	llhttp_t parser;
	char body[BACKEND_BODY_MOST];
	char request[64 + BACKEND_HOST_MOST];
};

/* Begins to connect: CONNECTING, or BROKEN. */
void backend_connect(struct backend_connection *connection);

/* Asks for /wait/MS, on one that connects, or has kept its connection. */
void backend_ask(struct backend_connection *connection, uint64_t ms);

/* Goes on as far as it gets. */
void backend_go_on(struct backend_connection *connection);

/*
 * Of BROKEN: whether the backend had only closed a connection that lay idle, so that it is right to ask
 * once more, on a fresh one (RFC 9110 section 9.2.2).
 */
static inline bool backend_was_stale(const struct backend_connection *connection)
{
	return connection->used && !connection->begun;
}

void backend_close(struct backend_connection *connection);

/* Of DONE or BROKEN: what came of it. */
void backend_conclude(const struct backend_connection *connection, struct backend_fetch *fetch);

#endif
