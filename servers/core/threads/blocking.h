/*
 * Connections on blocking sockets, for models in which a thread or a process waits for each.
 *
 * They differ in who serves a connection, and for how long: a thread of its own, a fresh thread
 * for each request, one of a pool, a process. What is done with a connection by whoever has it is
 * the same, and is here: serving it with calls that block, the list of connections that wakes
 * them when it is time to stop, and the loop that accepts. A model with threads goes
 *
 *   blocking_init, blocking_accept (which hands it each connection), listener_close, blocking_drain
 *
 * and its threads call blocking_serve, then blocking_leave, or poller_rest (poller.h).
 */
#ifndef TENK_BLOCKING_H
#define TENK_BLOCKING_H

#include "servers/core/http/deadlines.h"
#include "servers/core/server/listener.h"
#include "servers/core/server/model.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct blocking_connection {
	struct blocking_server *server;
	int fd;
	/* Of whoever serves it, or of the poller. */
	unsigned char rested : 2; /* how often it was given to the poller: 0, 1, or 2 for more */
	unsigned char sends_much : 1; /* more at once than most */
	atomic_bool rests;	      /* nobody serves it: it waits in the poller */
	/*
	 * Whoever serves it waits for the next request, with a recv that knows no time: a timeout
	 * would have the kernel start and stop a timer for each request. Somebody else looks at
	 * `due`, and when that has come, says so and shuts down the reading side, which ends the recv.
	 */
	atomic_bool idle, expired;
	struct deadline_place place;
	union {
		struct queue_place behind; /* in a model's queue, before it is served */
		_Atomic uint32_t due;	   /* while it rests, or is idle */
	};
};

/* What holds for all connections of a process; with `tools` for threads. */
struct blocking_terms {
	const atomic_bool *draining;
	const struct http_limits *limits;
	struct task_tools *tools;
};

/*
 * What all threads share; first in the model's own record. Static there: threads that drain could
 * not wait for may still look at it while the process exits.
 */
struct blocking_server {
	atomic_bool draining;
	pthread_mutex_t lock;
	pthread_cond_t empty;
	struct deadlines connections; /* all, by when they are to be looked at */
	struct blocking_terms terms;
	struct task_tools tools;
	pthread_attr_t attributes; /* of its threads: detached, with --stack-size */
};

/* 0 or -errno (a stack size that the system does not take). */
int blocking_init(struct blocking_server *server, const struct server_options *options,
		  const struct listener *listener);

/* To be called, by one thread, when server->connections.fd is readable: ends what is idle too long. */
void blocking_look(void *server);

/* How serving ended. */
enum blocking_end {
	BLOCKING_CLOSES, /* close it */
	BLOCKING_IDLE,	 /* all that came is answered, nothing of a further request has come */
};

/* For how long to serve. */
enum blocking_span { BLOCKING_UNTIL_CLOSED, BLOCKING_UNTIL_IDLE };

/*
 * Receives, answers and runs tasks with calls that block, on this thread's own stack, of which it
 * touches less than 4 KiB (20 KiB for long requests). Begins by receiving. With BLOCKING_UNTIL_CLOSED it
 * always returns BLOCKING_CLOSES. Does not close.
 *
 * Keeps the deadlines: for a header or a body it waits with poll, where its input is not there yet,
 * and so it does where the peer does not take what is sent; for an idle connection see above.
 */
enum blocking_end blocking_serve(struct blocking_connection *connection, enum blocking_span span,
				 const struct blocking_terms *terms);

/* When to look at it; `now` is a tick. Not before it could be due, if it is at work. */
uint32_t blocking_due(const struct blocking_connection *connection, uint32_t idle_limit,
		      uint32_t now);

/*
 * It is due: ends the recv of whoever serves it. False: something has come in time, and is about to be
 * received. Can be called from a signal handler.
 */
bool blocking_expire(struct blocking_connection *connection);

/*
 * Says that the server is ready, and accepts until listener->stop_fd is readable; `take` gets each descriptor and owns it. A further
 * descriptor may be watched, -1 for none: `watched` is called whenever it is readable. 0 or -errno.
 */
struct blocking_acceptor {
	void (*take)(void *context, int fd);
	int flags; /* of listener_accept */
	int watched_fd;
	void (*watched)(void *context);
	void *context;
};
int blocking_accept(struct listener *listener, const struct blocking_acceptor *acceptor);

/* A record for an accepted descriptor, in the list; NULL when out of memory (then it is refused). */
struct blocking_connection *blocking_admit(struct blocking_server *server, int fd);

/* Closes it and frees the record; it has been counted. */
void blocking_leave(struct blocking_connection *connection);

/* The same for one that cannot be served: it is told so, and counted. */
void blocking_refuse(struct blocking_connection *connection, enum counter cause);

/* The same for one that ends without being served: counts it. */
void blocking_drop(struct blocking_connection *connection, enum counter cause);

struct blocking_connection *blocking_connection_at(struct deadline_place *place);

struct blocking_connection *blocking_connection_queued(struct queue_place *place);

/* Starts a detached thread. False: the system has none to give. */
bool blocking_start_thread(struct blocking_server *server, void *(*main)(void *), void *argument);

/* The stop: wakes all who wait for input, and gives those that are at work DRAIN_NS to finish. */
void blocking_drain(struct blocking_server *server);

#endif
