/*
 * Connections for loops that are told when something has completed.
 *
 * libuv and io_uring differ in how they start a receive, a send or a close, and in how they learn that
 * it is done; what follows is the same, and is here. A model brings its way to start them and its
 * loop, and calls in when something has completed:
 *
 *   an accept      completion_open
 *   a receive      completion_received
 *   a send         completion_sent
 *
 * The deadlines and the stop are watches (loop_services.h). After the stop the loop goes on until there
 * is no connection or time is up.
 *
 * What is sent belongs to core until completion_sent has told of it, so the pool has no scratch. A
 * connection that is dropped lives on until the model has heard of all that was under way; the model
 * then calls http_destroy and frees it. Nothing here is thread-safe.
 */
#ifndef TENK_COMPLETION_H
#define TENK_COMPLETION_H

#include "servers/core/http/http.h"
#include "servers/core/server/listener.h"

#include <stdatomic.h>

/* First in the model's own record of a connection, which begins as zeros. */
struct completion_connection {
	struct http http;
	int fd;
	bool receiving : 1; /* for the model's `receive` */
	bool sending : 1;   /* completion_sent will be called */
	bool quiet : 1; /* but late: its success is not told of, so its deadline begins with that call */
	bool shut : 1;	  /* our sending side is closed: lingering */
	bool closing : 1; /* dropped */
};

struct completion_loop;

struct completion_methods {
	/*
	 * Sends what http_output shows: what the socket takes at once, telling http_written, or sets
	 * `sending` and starts what will complete. 0 or -errno.
	 */
	int (*send)(struct completion_connection *connection);
	/* Receives from now on, or does not; often called without a change. 0 or -errno. */
	int (*receive)(struct completion_connection *connection, bool wanted);
	/* Once, when it has been dropped: ends what is under way and closes the descriptor. */
	void (*close)(struct completion_connection *connection);
	/* The stop was told, once: stops accepting, then calls completion_drain. */
	void (*stop)(struct completion_loop *loop);
	const struct loop_services *services;
};

/* First in the model's own loop, which it finds through this one. */
struct completion_loop {
	const struct completion_methods *methods;
	struct listener *listener;
	atomic_bool *draining;
	struct http_pool pool;
	struct task_tools tools;
	struct http_deadlines deadlines; /* with all connections */
	struct loop_watch expiring, stopping;
};

/*
 * On zeroed storage. `services_loop` is what methods->services are given; `draining` may be shared by several loops; it outlives them. 0 or -errno; to be
 * destroyed all the same.
 */
int completion_init(struct completion_loop *loop, const struct completion_methods *methods,
		    void *services_loop, struct listener *listener, atomic_bool *draining);

/*
 * All that serves is there: as listener_ready, and from now on the stop, deadlines and what workers have
 * done come in. 0 or -errno.
 */
int completion_ready(struct completion_loop *loop);

/* At the end, while the services still work: nothing that takes time runs any more. */
void completion_end_tasks(struct completion_loop *loop);

/* When all connections are gone. */
void completion_destroy(struct completion_loop *loop);

/* The loop that has it. */
struct completion_loop *completion_loop_of(const struct completion_connection *connection);

/* The connection whose place that is. */
struct completion_connection *completion_at(struct deadline_place *place);

/* Begins with a new one. */
void completion_open(struct completion_loop *loop, struct completion_connection *connection,
		     int fd);

/* Input has come; 0 is its end, and -errno that of the connection. */
void completion_received(struct completion_connection *connection, const char *data,
			 ssize_t length);

/* So much of what http_output showed has been sent, or -errno. */
void completion_sent(struct completion_connection *connection, ssize_t result);

/* Starts what core asks for now. Does nothing for one that was dropped, as the two above. */
void completion_drive(struct completion_connection *connection);

void completion_drop(struct completion_connection *connection);

/* What is idle ends at once, the rest as it is answered. Stopping to accept is the model's part. */
void completion_drain(struct completion_loop *loop);

#endif
