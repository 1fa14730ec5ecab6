/*
 * One connection as its thread sees it, and the requests that are under way on it.
 *
 * A connection is in at most one list, and each list has one waiting time, so the first to enter
 * is the first whose time is up. Requests have a list of their own, in the order in which they were
 * sent: of what is under way on a connection, the oldest is also the next to be answered.
 */
#ifndef TENK_CONNECTION_H
#define TENK_CONNECTION_H

#include "lib/list.h"
#include "loadgen/fairness.h"
#include "loadgen/header_match.h"
#include "loadgen/response_parser.h"

#include <stdbool.h>
#include <stdint.h>

enum connection_role {
	ROLE_ACTIVE,	  /* carries the load */
	ROLE_IDLE,	  /* of the crowd: one request, then silence */
	ROLE_SLOW_READER, /* of the crowd: takes its answers slowly */
	ROLE_SLOW_WRITER, /* of the crowd: sends its requests slowly */
};

enum connection_state {
	CONNECTION_CLOSED,  /* no descriptor; in a list to be opened, or given up */
	CONNECTION_OPENING, /* connect has been called */
	CONNECTION_OPEN,
};

/* A request under way. */
struct exchange {
	struct list_node node; /* among all of the thread, by when they were sent */
	struct connection *connection;
	uint64_t due_ns, sent_ns;
	uint8_t request; /* which one of the mix */
	uint8_t stage;
};

struct connection {
	struct list_node node;
	struct list *list; /* that it is in; NULL: none */
	uint64_t since_ns; /* when it entered that list, or may first have been used */
	int descriptor;
	uint8_t role, state;
	bool failed_last;     /* its last attempt failed: do not try again at once */
	bool waits_for_room;  /* to send the rest of what was begun */
	bool awaited;	      /* the window waits for its first answer or error */
	uint8_t send_problem; /* errno; 0: none */
	bool body_differs;
	struct header_match header;	/* with --expect-header */
	uint32_t crc32;			/* of the body that is coming */
	uint32_t first, count, unsent;	/* of the ring: oldest, all, those not written wholly */
	uint64_t written_bytes;		/* of the first of these */
	uint64_t begun;			/* requests since it was opened */
	struct response_parser parser;	/* of the oldest request's answer */
	uint32_t good;			/* answers in the window */
	struct fairness_slots *latency; /* with --fairness */
	struct exchange ring[];		/* as long as options->pipelining says */
};

/* Moves it to the end of a list, or to none. */
static inline void connection_move(struct connection *connection, struct list *list)
{
	if (connection->list)
		list_remove(connection->list, &connection->node);
	connection->list = list;
	if (list)
		list_append(list, &connection->node);
}

/* The first in a list, NULL if it is empty. */
static inline struct connection *connection_first(const struct list *list)
{
	return list->first ? LIST_ENTRY(list->first, struct connection, node) : NULL;
}

#endif
