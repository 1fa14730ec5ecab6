/*
 * One connection as its thread sees it, and the lists that connections wait in.
 *
 * A connection is in at most one list, and each list has one waiting time, so the first to enter
 * is the first whose time is up: nobody scans, nobody sorts.
 */
#ifndef TENK_CONNECTION_H
#define TENK_CONNECTION_H

#include "loadgen/response_parser.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum connection_state {
	CONNECTION_CLOSED,  /* no descriptor; in a list to be opened, or given up */
	CONNECTION_OPENING, /* connect has been called */
	CONNECTION_IDLE,    /* may take a request */
	CONNECTION_BUSY,    /* a request is under way */
	CONNECTION_HELD,    /* of the idle crowd, has had its answer, stays silent */
};

struct connection {
	struct connection *previous, *next; /* in its list */
	uint64_t since_ns;		    /* when it entered its list; when busy: when it sent */
	uint64_t due_ns;		    /* of the request under way */
	size_t unsent_bytes;		    /* of the request under way */
	int descriptor;
	uint8_t state;
	bool crowd;	  /* one of the idle crowd */
	bool failed_last; /* its last attempt failed: do not try again at once */
	bool body_differs;
	bool watches_output;
	struct response_parser parser;
};

struct connection_list {
	struct connection *first, *last;
	size_t count;
};

static inline void connection_list_append(struct connection_list *list,
					  struct connection *connection)
{
	connection->previous = list->last;
	connection->next = NULL;
	if (list->last)
		list->last->next = connection;
	else
		list->first = connection;
	list->last = connection;
	list->count++;
}

static inline void connection_list_remove(struct connection_list *list,
					  struct connection *connection)
{
	if (connection->previous)
		connection->previous->next = connection->next;
	else
		list->first = connection->next;
	if (connection->next)
		connection->next->previous = connection->previous;
	else
		list->last = connection->previous;
	list->count--;
}

#endif
