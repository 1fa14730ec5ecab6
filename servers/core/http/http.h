/*
 * HTTP/1.1 as a state machine without I/O.
 *
 * Bytes in, bytes out, no waiting: a blocking thread, a readiness loop, a libuv callback and an
 * io_uring completion drive the same code. The model feeds what it received, asks http_next what
 * to do, does that in its own idiom, says that it is done, and asks again:
 *
 *   HTTP_READ    receive more, then http_feed (or http_feed_end when the peer has closed its side)
 *   HTTP_WRITE   send what http_output shows, then http_written
 *   HTTP_TASK    http_begin_task, and ask again; if that says that a task runs, when it has ended
 *   HTTP_LINGER  a refusal was sent: shut down the sending side, go on feeding (core discards it),
 *                and likewise http_begin_task, for the deadline; or close after HTTP_LINGER_NS
 *   HTTP_CLOSE   http_destroy, close the descriptor
 *
 * An HTTP_WRITE may come in the middle of a request: "100 Continue", for a client that waits for it
 * before it sends the body. A model needs to know nothing of that.
 *
 * An idle connection costs `struct http` and nothing else: all that a request needs is borrowed
 * from the pool when its first byte comes and goes back with the last byte of its answer.
 * Sources: RFC 9110, RFC 9112; requests are parsed by llhttp in strict mode.
 */
#ifndef TENK_HTTP_H
#define TENK_HTTP_H

#include "servers/core/http/counters.h"
#include "servers/core/http/deadlines.h"
#include "servers/core/tasks/tools.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

enum http_step { HTTP_READ, HTTP_WRITE, HTTP_TASK, HTTP_LINGER, HTTP_CLOSE };

/* What a refused client gets to read the answer before the connection is cut. */
#define HTTP_LINGER_NS UINT64_C(2000000000)

/*
 * What a connection waits for its peer to do. Each has its deadline, so that nobody holds a connection
 * by doing nothing, nor by doing next to nothing: a byte a second escapes none of them.
 *
 *   header  from the first byte of a request to the end of its header block; for the first request
 *           of a connection from the accept. Whatever comes meanwhile, it is not put off.
 *   body    for each byte of it, and for all: the limit, and a second more for every
 *           HTTP_LEAST_BYTES_PER_S that have come.
 *   write   the same, for the bytes that the peer takes of an answer.
 *   idle    from the end of an answer to the first byte of the next request.
 *
 * A request that is not there in time is refused with 408; who sent nothing of one is not answered; a
 * connection whose peer does not read is reset.
 */
enum http_phase { HTTP_NOT_WAITING, HTTP_HEADER, HTTP_BODY, HTTP_IDLE, HTTP_SENDING, HTTP_PHASES };
enum { HTTP_LEAST_BYTES_PER_S = 4096 };

/* In ticks; 0: none. */
struct http_limits {
	uint32_t ticks[HTTP_PHASES];
};

struct http;

/* The connections of one loop, by deadline. A model visits all of them with deadlines_each. */
struct http_deadlines {
	struct deadlines wheel;
	/*
	 * The peer's time is up, and core knows it: what is left is to ask http_next, and to drop the
	 * connection if that says HTTP_CLOSE. `reset`: close it with a reset, or the kernel goes on
	 * trying to send what the peer does not take.
	 */
	void (*expired)(struct http *http, bool reset);
	/* Whether the model itself keeps the connection waiting; NULL: it never does. */
	bool (*is_busy)(const struct http *http);
};

struct http_exchange; /* one request and its answer, and what came after it */

/*
 * What the connections of one loop, or of one thread, share. Not thread-safe.
 */
struct http_pool {
	struct http_exchange *spare;
	unsigned spare_count;
	/*
	 * Where answers are written. A synchronous sender (it tells http_written before it feeds
	 * another connection) lends one buffer for all; a completion-based one sets it to NULL and
	 * each exchange holds its output until it is written.
	 */
	char *scratch;
	size_t scratch_bytes;
	const atomic_bool *draining;	  /* set: answers say "Connection: close", idle ones end */
	const struct http_limits *limits; /* NULL, as after http_pool_init: no deadlines */
	struct http_deadlines *deadlines; /* NULL, as after http_pool_init: the model has no loop */
	struct task_tools *tools;	  /* for whoever asks for tasks */
	/* A task that ran in the loop has ended: ask http_next. NULL: none ever runs there. */
	void (*task_ended)(struct http *http);
	bool uncounted; /* false after http_pool_init: requests and ends are counted */
};

/*
 * `scratch` of at least HTTP_SCRATCH_LEAST bytes, HTTP_BATCH_BYTES (bounds.h) where that costs nothing,
 * or NULL (see above); `draining` outlives the pool.
 * `exchange` is storage of HTTP_EXCHANGE_BYTES bytes, aligned for any type, for a pool that serves
 * a single connection from its own stack; else NULL.
 */
enum { HTTP_SCRATCH_LEAST = 1024, HTTP_EXCHANGE_BYTES = 1024 };
void http_pool_init(struct http_pool *pool, char *scratch, size_t scratch_bytes,
		    const atomic_bool *draining, void *exchange);
void http_pool_destroy(struct http_pool *pool);

/* A connection's own part. It is core's: models ask with the functions below. */
struct http {
	struct http_pool *pool;
	struct http_exchange *exchange; /* NULL while idle */
	bool input_ended : 1;
	bool finished : 1;   /* nothing more will be read or answered */
	bool served : 1;     /* a request has been answered */
	bool sends_file : 1; /* see http_sends_file */
	uint8_t phase;	     /* enum http_phase, of which `due` is the deadline */
	uint8_t end;	     /* enum counter: why it ends, if that is known; else 0 */
	uint32_t due;	     /* a tick; see http_due */
	struct deadline_place place;
	uint16_t skipped_bytes; /* of empty lines, which count to the request after them */
};

/* The connection whose place that is. */
struct http *http_at(struct deadline_place *place);

/* 0 or -errno. Its descriptor, wheel.fd, is to be watched: deadlines_look when it is readable. */
int http_deadlines_open(struct http_deadlines *deadlines,
			void (*expired)(struct http *http, bool reset));

void http_init(struct http *http, struct http_pool *pool);

/*
 * Cancels a running task and gives back what is borrowed. At any time, on its loop's thread. Counts
 * the connection as closed: by what http_set_end said, else by what is known.
 */
void http_destroy(struct http *http);

/*
 * The model gives it up: a running task is cancelled, and all that is left is http_destroy, at once or
 * when what the kernel still has of it has come back.
 */
void http_abandon(struct http *http);

/* Why it ends, where only the model knows; what is known already stays. */
void http_set_end(struct http *http, enum counter cause);

/* What its loop shares: for a model that finds its loop through it. */
static inline struct http_pool *http_pool_of(const struct http *http)
{
	return http->pool;
}

/* Whether it keeps nothing: all that came is answered, and nothing of a further request has come. */
static inline bool http_is_idle(const struct http *http)
{
	return !http->exchange && !http->skipped_bytes;
}

/* Whether http_feed_end has been called. */
static inline bool http_input_has_ended(const struct http *http)
{
	return http->input_ended;
}

/*
 * Takes what was received, all of it; `data` is not looked at after the return. A model that cannot
 * stop at once when http_wants_input says no may still feed what was on its way: that much is kept, so
 * the model has to bound it.
 */
void http_feed(struct http *http, const char *data, size_t length);

/* The peer has shut down its sending side. What came before is still answered. */
void http_feed_end(struct http *http);

/* Whether to go on receiving during a task or a write that takes long. */
bool http_wants_input(const struct http *http);

/* What to do now. Cheap, and the same answer until something is told to core. */
enum http_step http_next(struct http *http);

/*
 * After HTTP_WRITE: fills up to `most` (at least 2) pieces to send, returns how many. They stay
 * valid until http_written tells of bytes written or, with a scratch buffer, of none.
 */
enum { HTTP_PIECES = 8 };
int http_output(struct http *http, struct iovec *pieces, int most);

/*
 * After HTTP_WRITE: whether a file follows what http_output shows, which may then be nothing. Only
 * where the pool says that the model can send one, and nobody else is to read it.
 */
static inline bool http_sends_file(const struct http *http)
{
	return http->sends_file;
}

/*
 * The file that comes next when http_output shows nothing. What is sent is told by http_written, too.
 * The descriptor is core's, which closes it when all is sent; its offset is nobody's. Where less can be
 * had than is promised here, the file has become shorter, and the connection is to be cut.
 */
struct http_file {
	int fd;
	uint64_t offset, length;
};
void http_file(const struct http *http, struct http_file *file);

/* The same for a sender that takes the descriptor over, and all of the file for sent. */
void http_take_file(struct http *http, struct http_file *file);

/* The next `length` bytes are sent. 0: none could be sent now; what is lent is saved. */
void http_written(struct http *http, size_t length);

/*
 * After HTTP_WRITE: whether, once that is written, there is nothing to do but to receive. For a
 * sender that need not hurry to learn of a success then.
 */
bool http_reads_next(const struct http *http);

/*
 * To be called whenever a loop is about to wait for something of the connection, the first time when
 * it has been accepted; what was lent has been saved then (http_written). Sees to it that it is looked
 * at when the peer's time is up. The time at which a phase begins is taken here.
 */
void http_wait(struct http *http);

/* The same for models without a loop: the tick at which time is up, or TICK_NEVER. */
uint32_t http_due(struct http *http);

/* After http_due: whether what it waits for is the first byte of a further request. */
static inline bool http_awaits_next(const struct http *http)
{
	return http->phase == HTTP_IDLE;
}

/*
 * And when it has come: true and http_next says how it ends (`*reset` as above), or false if nobody
 * waits for the peer just now.
 */
bool http_expire(struct http *http, bool *reset);

/*
 * After HTTP_TASK and HTTP_LINGER, as often as http_next says so. True: a task runs, and
 * pool->task_ended will be called from the loop, unless http_abandon or http_destroy comes before. False:
 * it has ended, or there was no way to begin it, and http_next knows what to do now.
 */
bool http_begin_task(struct http *http);

#endif
