/*
 * One connection: a descriptor, and the requests that are under way on it.
 *
 * It opens, sends and receives, each within as many bytes as it is allowed, and says what came of
 * it. What that means for the load, and what comes next, is nothing that it knows: it takes no time,
 * counts nothing, and is told when it may be used again.
 *
 * A connection is in at most one list, and each list has one waiting time, so the first to enter
 * is the first whose time is up. Requests have a list of their own, in the order in which they were
 * sent: of what is under way on a connection, the oldest is also the next to be answered.
 */
#ifndef TENK_CONNECTION_H
#define TENK_CONNECTION_H

#include "lib/list.h"
#include "loadgen/answer.h"
#include "loadgen/exchange.h"
#include "loadgen/fairness.h"
#include "loadgen/load.h"
#include "loadgen/response_memory.h"
#include "loadgen/tls.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum connection_role {
	ROLE_ACTIVE,	  /* carries the load */
	ROLE_IDLE,	  /* of the crowd: one request, then silence */
	ROLE_SLOW_READER, /* of the crowd: takes its answers slowly */
	ROLE_SLOW_WRITER, /* of the crowd: sends its requests slowly */
};

enum connection_state {
	CONNECTION_CLOSED,  /* no descriptor; in a list to be opened, or given up */
	CONNECTION_OPENING, /* connect has been called */
	CONNECTION_SHAKING, /* it is established, and TLS shakes hands */
	CONNECTION_OPEN,
};

/* Where a request waits for its answer. */
struct slot {
	struct list_node node; /* among all of the thread, by when they were sent */
	struct connection *connection;
	struct exchange exchange;
};

struct connection {
	struct list_node node;
	struct list *list; /* that it is in; NULL: none */
	uint64_t since_ns; /* when it entered that list, or may first have been used */
	int descriptor;
	uint8_t role, state;
	uint8_t address, refused; /* which of the target's it takes; so many failed in a row */
	bool failed_last;	  /* its last attempt failed: do not try again at once */
	bool waits_for_room;	  /* to send the rest of what was begun */
	bool crossed;	      /* TLS has to send before it can receive, or the other way round */
	bool awaited;	      /* the window waits for its first answer or error */
	uint8_t send_problem; /* errno; 0: none */
	struct answer answer; /* to the oldest request */
	uint32_t first, count, unsent;	/* of the ring: oldest, all, those not written wholly */
	uint64_t written_bytes;		/* of the first of these */
	uint64_t begun;			/* requests since it was opened */
	struct response_parser parser;	/* of the oldest request's answer */
	uint32_t good;			/* answers in the window */
	uint32_t pause;			/* its place among the pauses, while it has one */
	struct fairness_slots *latency; /* with --fairness */
	struct tls_stream *tls;		/* NULL: plain */
	uint64_t shaking_since_ns;	/* the driver's: when it was established */
	struct slot ring[];		/* as long as options->pipelining says */
};

enum { WIRE_BUFFER_BYTES = 128 * 1024 };

/* No bound on what is sent or received at once. */
#define CONNECTION_UNBOUNDED SIZE_MAX

/* What the connections of a thread have in common. */
struct wire {
	const struct load *load;
	const struct options *options; /* of the load, as the mix */
	const struct mix *mix;
	int epoll_fd; /* where they are watched; NULL in the event is not one of them */
	struct expectation expectation;
	struct response_memory memory[OPTIONS_REQUESTS_MAX];
	struct list busy;      /* of slots, in the order in which they were sent */
	struct list unhurried; /* likewise, of slow ones, which take as long as they take */

	/* What was received last, on one of them, and how far it has been read. */
	char *buffer;
	const char *at, *end;
	bool more;		      /* there may be more to receive at once */
	bool ended;		      /* nothing more will come */
	bool in_order;		      /* since the peer closed, and did not reset */
	int problem;		      /* errno of receiving, or of sending before; 0: none */
	const char *why;	      /* in words, of TLS; or NULL */
	uint64_t arrived_realtime_ns; /* by the kernel, when the last of it came; 0: not known */
	bool stamps;		      /* that is asked for: see connection_stamp */
};

/* 0 or -ENOMEM; wire_destroy in any case. It closes no connection. */
int wire_init(struct wire *wire, struct load *load);
void wire_destroy(struct wire *wire);

/* Whether something of what was received is still to be read: with a short answer it is all read at once. */
static inline bool wire_has_more_to_read(const struct wire *wire)
{
	return wire->at < wire->end || wire->ended;
}

/* What happened to a connection. */
enum connection_event {
	CONNECTION_NOTHING,   /* all that was received has been read */
	CONNECTION_ANSWERED,  /* the oldest request has its answer, good or bad */
	CONNECTION_FAILED,    /* it has not, and will not; nothing more is to be had here */
	CONNECTION_OVERTAKEN, /* the peer closed as we sent: what is under way is to be sent again */
	CONNECTION_HUNG_UP,   /* the peer closed, or spoke, while no request was under way */
};

/* What there is to say about it. */
struct news {
	struct exchange exchange; /* ANSWERED, FAILED: the request, which is under way no more */
	enum error_class class;	  /* ERROR_NONE: a good answer, or no error */
	enum error_phase phase;
	int problem;	       /* errno; 0: none */
	uint64_t answer_bytes; /* ANSWERED: head and body */
	bool usable;	       /* ANSWERED: the connection may be used again */
	bool broken;	       /* ANSWERED, not usable: for a fault, not because the peer said so */
	char example[FAILURE_EXAMPLE_BYTES];
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

/* Whether another request may be sent on it: there is room, and it has not had all of its own. */
static inline bool connection_has_room(const struct connection *connection,
				       const struct options *options)
{
	return connection->count < options->pipelining &&
	       (options->requests_per_connection == 0 ||
		connection->begun < options->requests_per_connection);
}

/* connection_opening.c: from here to connection_destroy. */

/* Begins to open it, from the n-th of the source's addresses. 0 or -errno. */
int connection_open(struct connection *connection, const struct wire *wire, uint64_t n);

/*
 * Has the kernel stamp what comes, or not, as the wire says. Where it does not know how, nothing is
 * told.
 */
void connection_stamp(const struct connection *connection, const struct wire *wire);

/*
 * It could not be opened, and was closed: whether the next of the target's addresses is to be tried
 * first. False: all of them were.
 */
bool connection_try_next_address(struct connection *connection, const struct wire *wire);

/*
 * epoll reported `events` for one that is being opened. 0: it is open or, with TLS, its hands are to be
 * shaken (CONNECTION_SHAKING); or errno why it is not.
 */
int connection_finish_opening(struct connection *connection, const struct wire *wire,
			      uint32_t events);

/*
 * TLS goes on with the handshake. 0: it is open; EAGAIN: not yet, until something stirs; or another
 * errno, and why in the handshake.
 */
int connection_shake_hands(struct connection *connection, struct tls_handshake *handshake);

/*
 * Closes it if it is open. What is under way and is not taken off first (connection_abandon) is sent
 * again when it is open again: by connection_flush.
 */
void connection_close(struct connection *connection);

/* Closes it, and frees what it kept for when it is opened again. */
void connection_destroy(struct connection *connection);

/* Adds a request to what is to be sent: it is written by the next connection_flush. */
struct exchange *connection_queue(struct connection *connection, struct wire *wire, size_t request,
				  uint64_t due_ns, uint64_t sent_ns);

/*
 * Sends what was queued, at most so many bytes; returns how many it was. That sending has failed
 * is seen by who receives: there may still be an answer to read.
 */
uint64_t connection_flush(struct connection *connection, struct wire *wire, size_t most);

/*
 * Receives at most so many bytes, with one call. How many came, 0 at the end of the connection (in
 * order or not), -EAGAIN or -EINTR. Unless it is negative, connection_read tells what they were.
 */
ssize_t connection_receive(struct connection *connection, struct wire *wire, size_t most);

/*
 * Reads on in what was received: to be called until CONNECTION_NOTHING, or until the connection was
 * closed.
 */
enum connection_event connection_read(struct connection *connection, struct wire *wire,
				      struct news *news);

/* What was read of an answer is not all of it, and came now: its first byte, if it is not known yet. */
void connection_note_first_byte(struct connection *connection, struct wire *wire, uint64_t now_ns);

/* Takes the oldest request off, which has waited too long. */
void connection_time_out(struct connection *connection, struct wire *wire, struct news *news);

/*
 * Takes the oldest request off, behind one that ended the connection, or that could not be sent again;
 * false if there is none.
 */
bool connection_abandon(struct connection *connection, struct wire *wire, struct news *news);

#endif
