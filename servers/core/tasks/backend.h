/*
 * What /fetch/MS asks: another server (--backend), for its /wait/MS, over HTTP/1.1.
 *
 * One connection and one exchange on it, without waiting: whoever has it says that its descriptor is
 * ready for its interest, and is told what to wait for next. A thread does so with poll, a loop with a
 * watch (fetch.c). Answers are read by llhttp, in strict mode, as requests are.
 */
#ifndef TENK_BACKEND_H
#define TENK_BACKEND_H

#include "lib/error.h"

#include <llhttp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BACKEND_IDLE_USUAL = 64,
	BACKEND_IDLE_MOST = 65536,
	BACKEND_BODY_MOST = 192, /* bytes of an answer */
	BACKEND_HOST_MOST = 256,
};

/* How much later than asked for an answer may come. */
#define BACKEND_LATE_NS UINT64_C(10000000000)

/*
 * Before the first fork: looks up "HOST:PORT" or "[IPV6]:PORT"; `where` is kept. Of connections that
 * nobody uses `idle_most` are kept, in each loop and in each process whose threads block; 0: each
 * exchange has one of its own. 0, or -errno and a message.
 */
int backend_open(const char *where, unsigned idle_most, struct error *error);

/* Whether it was opened, and how many idle connections are kept. */
bool backend_is_open(void);
unsigned backend_idle_most(void);

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

#endif
