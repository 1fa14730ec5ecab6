/*
 * HTTP/1.1 as a state machine without I/O.
 *
 * Bytes in, bytes out, no waiting: a blocking thread, a readiness loop, a libuv callback and an
 * io_uring completion drive the same code. The model feeds what it received, asks http_next what
 * to do, does that in its own idiom, says that it is done, and asks again:
 *
 *   HTTP_READ    receive more, then http_feed (or http_feed_end when the peer has closed its side)
 *   HTTP_WRITE   send what http_output shows, then http_written
 *   HTTP_TASK    let http_task happen (task_run or task_start), then http_task_done
 *   HTTP_LINGER  a refusal was sent: shut down the sending side, go on feeding (core discards it)
 *                and let http_task, the deadline, happen; then as HTTP_TASK
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

#include "servers/core/task.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

enum http_step { HTTP_READ, HTTP_WRITE, HTTP_TASK, HTTP_LINGER, HTTP_CLOSE };

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
	const atomic_bool *draining; /* set: answers say "Connection: close", idle ones end */
	time_t date_second;
	char date[29]; /* not terminated */
};

/*
 * `scratch` of at least HTTP_SCRATCH_LEAST bytes, or NULL (see above); `draining` outlives the pool.
 * `exchange` is storage of HTTP_EXCHANGE_BYTES bytes, aligned for any type, for a pool that serves
 * a single connection from its own stack; else NULL.
 */
enum { HTTP_SCRATCH_LEAST = 1024, HTTP_EXCHANGE_BYTES = 1024 };
void http_pool_init(struct http_pool *pool, char *scratch, size_t scratch_bytes,
		    const atomic_bool *draining, void *exchange);
void http_pool_destroy(struct http_pool *pool);

/* A connection's own part. */
struct http {
	struct http_pool *pool;
	struct http_exchange *exchange; /* NULL while idle */
	bool input_ended;
	bool finished; /* nothing more will be read or answered */
	uint16_t
		skipped_bytes; /* of empty lines, which count to the request that comes after them */
};

void http_init(struct http *http, struct http_pool *pool);

/* Cancels a running task and gives back what is borrowed. At any time, on its loop's thread. */
void http_destroy(struct http *http);

/*
 * Takes what was received. Returns how many bytes were consumed: all of them, unless the model
 * feeds although http_wants_input said no and the bounded store is full; it then keeps the rest
 * and feeds it later. `data` is not looked at after the return.
 */
size_t http_feed(struct http *http, const char *data, size_t length);

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

/* The next `length` bytes are sent. 0: none could be sent now; what is lent is saved. */
void http_written(struct http *http, size_t length);

/*
 * After HTTP_WRITE: whether, once that is written, there is nothing to do but to receive. For a
 * sender that need not hurry to learn of a success then.
 */
bool http_reads_next(const struct http *http);

/* After HTTP_TASK and HTTP_LINGER. Valid until http_task_done or http_destroy. */
struct task *http_task(struct http *http);
void http_task_done(struct http *http);

#endif
