/*
 * Connections on non-blocking sockets, for loops that are told when a socket is ready.
 *
 * select, poll, epoll, libev and libevent differ in how they learn which sockets are ready and in
 * what a connection costs them; what is done with a ready socket is the same, and is here. A model
 * brings its way to watch and its loop, and calls in when something is ready:
 *
 *   input          readiness_receive, which goes on as far as it gets
 *   room to write  readiness_drive, likewise
 *
 * Whatever else it waits for is a watch (loop_services.h): the listener, the deadlines, the stop, and
 * what tasks have. A connection is dropped by what is called for it (which then says false), by a
 * watch or a timer, never by what is called for another connection: so a loop calls watches when it
 * has handled what it learnt of connections in this turn, or forgets what it learnt of one that goes.
 * Nothing here is thread-safe; loops in several threads have nothing in common but the flag
 * `draining`.
 */
#ifndef TENK_READINESS_H
#define TENK_READINESS_H

#include "servers/core/http/bounds.h"
#include "servers/core/http/http.h"
#include "servers/core/server/listener.h"
#include "servers/core/loops/acceptor.h"
#include "servers/core/loops/timers.h"
#include "servers/core/server/crowd.h"

enum readiness_interest { READINESS_NONE = 0, READINESS_IN = 1, READINESS_OUT = 2 };

/* A model that keeps more per connection puts this first in its own record. */
struct readiness_connection {
	struct http http;
	int fd;
	unsigned char interest; /* what the model was last asked to watch for */
	bool shut;		/* our sending side is closed: lingering */
};

struct readiness_loop;

struct readiness_methods {
	/* Begins to watch a new connection, for input. NULL: `watch` does. 0 or -errno. */
	int (*open)(struct readiness_loop *loop, struct readiness_connection *connection);
	/*
	 * Watches for that and nothing else; called only when it changes. 0 or -errno. NULL for a
	 * model that neither calls readiness_receive nor readiness_drive.
	 */
	int (*watch)(struct readiness_loop *loop, struct readiness_connection *connection,
		     unsigned interest);
	/* Before a watched descriptor is closed; NULL where closing is enough. */
	void (*forget)(struct readiness_loop *loop, struct readiness_connection *connection);
	/* Whether the model itself still has output to send; NULL: it keeps none. */
	bool (*is_sending)(const struct readiness_connection *connection);
	/* Goes on with a connection when a task has ended or its time is up; NULL: readiness_drive does. */
	void (*go_on)(struct readiness_loop *loop, struct readiness_connection *connection);
	/* Ends a turn that would go on until it is told to; NULL: it ends by itself. */
	void (*end_turn)(struct readiness_loop *loop);
	size_t connection_bytes; /* of the model's record */
	const struct loop_services *services;
};

/* Which options such a model takes, with --workers (loop_group.h). */
#define READINESS_TAKES (MODEL_WORKERS | MODEL_OFFLOAD | MODEL_ACCEPTS | MODEL_BUFFER)

/* First in the model's own loop, which it finds through this one. */
struct readiness_loop {
	const struct readiness_methods *methods;
	const struct loop_services *services;
	struct listener *listener;
	const atomic_bool *draining;
	struct http_pool pool;
	struct task_tools tools;
	struct timers timers;
	struct acceptor acceptor;
	struct loop_watch expiring, stopping;
	bool stops;			 /* the stop was told */
	struct http_deadlines deadlines; /* with all connections */
	struct crowd crowd;
	struct loop_timer give_back; /* a moment after a crowd has gone */
	bool gives_back;
	char *input; /* of all its connections in turn */
	size_t input_bytes;
	char scratch[HTTP_BATCH_BYTES];
};

/* The loop of a connection: it is found through the pool that the two share. */
static inline struct readiness_loop *readiness_loop_of(
	const struct readiness_connection *connection)
{
	return (struct readiness_loop *)((char *)http_pool_of(&connection->http) -
					 offsetof(struct readiness_loop, pool));
}

/*
 * On zeroed storage. `draining` may be shared by several loops; it outlives them. 0 or -errno; then
 * there is nothing to destroy.
 */
int readiness_init(struct readiness_loop *loop, const struct readiness_methods *methods,
		   struct listener *listener, const atomic_bool *draining);

/* Drops all connections and frees what the loop holds; the descriptors of the listener stay. */
void readiness_destroy(struct readiness_loop *loop);

/* How a receive ended. After GONE the connection's memory is free. */
enum readiness_result {
	READINESS_GONE,
	READINESS_EMPTY, /* the socket has no more for now */
	READINESS_MORE,	 /* the buffer was filled: there may be more */
};

/* Receives once, and does what core then asks for. */
enum readiness_result readiness_receive(struct readiness_loop *loop,
					struct readiness_connection *connection);

/* Does what core asks for until something has to be waited for. False: it is gone. */
bool readiness_drive(struct readiness_loop *loop, struct readiness_connection *connection);

/* For who is told of both at once: input comes first; neither means that nobody is there. */
void readiness_handle(struct readiness_loop *loop, struct readiness_connection *connection,
		      bool readable, bool writable);

void readiness_drop(struct readiness_loop *loop, struct readiness_connection *connection);

/*
 * The life of a loop: turns until the stop is told, drains, and goes on until all is answered or
 * DRAIN_NS have passed. `turn` waits until a time at most, UINT64_MAX for no limit, and returns 0 or
 * -errno. `flag` is what `draining` points to. 0 or -errno.
 */
int readiness_serve(struct readiness_loop *loop, atomic_bool *flag,
		    int (*turn)(struct readiness_loop *loop, uint64_t until_ns));

/*
 * The timers of a loop that has none of its own, two of its services; when to wake for them at the
 * latest, and what is due.
 */
int readiness_start_timer(void *loop, struct loop_timer *timer);
void readiness_stop_timer(void *loop, struct loop_timer *timer);
uint64_t readiness_due_ns(const struct readiness_loop *loop, uint64_t until_ns);
void readiness_fire_timers(struct readiness_loop *loop, size_t most); /* as timers_fire */

#endif
