/*
 * A small blocking HTTP/1.1 client for tests and probes, where each byte matters more than speed.
 *
 * It sends what it is given, right or wrong, and reads strictly: its reader of responses is its
 * own, so that a fault of the parser that the servers share cannot hide itself. Sources: RFC 9112
 * section 6.3 (length of a body), 7.1 (chunks). Not for measuring. Not thread-safe.
 */
#ifndef TENK_HTTP_CLIENT_H
#define TENK_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_client {
	int fd; /* -1: not connected */
	char *buffer;
	size_t capacity;
	char *pending; /* received and not yet given out, within buffer */
	size_t pending_bytes;
	bool ended; /* the server has closed its side */
	uint64_t
		most_bytes; /* that are held of what came; HTTP_CLIENT_MOST_BYTES if not set higher */
};

struct http_response {
	unsigned status;
	unsigned minor;		      /* of HTTP/1.minor */
	char *raw;		      /* as it came, NUL terminated; owned */
	size_t raw_bytes, head_bytes; /* head: with the blank line that ends it */
	char *body;		      /* without the framing of chunks, NUL terminated; owned */
	size_t body_bytes;
	bool chunked;
	bool closes; /* by its header or version the connection ends with it */
};

/*
 * Connects with TCP_NODELAY. `host` is a name or an address. 0, or -errno; -ETIMEDOUT after
 * timeout_ns. Destroy it in any case.
 */
int http_client_open(struct http_client *client, const char *host, uint16_t port,
		     uint64_t timeout_ns);
void http_client_close(struct http_client *client);

/* Ends the connection at once by a reset. */
void http_client_abort(struct http_client *client);

/* The client will send no more, and can still read. 0 or -errno. */
int http_client_half_close(struct http_client *client);

/*
 * Deadlines are absolute, of CLOCK_MONOTONIC. Whatever waits ends with -EINTR on Ctrl-C, as
 * interrupt_watch has it. Sends all, taking in answers while the connection is
 * full: 0, -ETIMEDOUT, -EPIPE, -ECONNRESET ...
 */
int http_client_send(struct http_client *client, const char *bytes, size_t count,
		     uint64_t deadline_ns);

/* Sends `count` bytes in two packets, the first of `at` bytes, a pause between them. */
int http_client_send_split(struct http_client *client, const char *bytes, size_t count, size_t at,
			   uint64_t pause_ns, uint64_t deadline_ns);

/*
 * Reads one response; `head`: it answers HEAD and has no body. 0, or
 *   -ENODATA   the server closed before the first byte of an answer
 *   -EPROTO    it closed in the middle of one
 *   -EBADMSG   what came is not HTTP/1.x
 *   -EMSGSIZE  more than the client's most_bytes
 *   -ETIMEDOUT, -ECONNRESET ...
 * On success the caller destroys the response; on failure it is empty, and what came is in pending.
 */
int http_client_receive(struct http_client *client, bool head, struct http_response *response,
			uint64_t deadline_ns);
enum { HTTP_CLIENT_MOST_BYTES = 64 << 20 };

/*
 * The same of a body of any length, which is given out as it comes instead of being kept: `take` gets
 * it piece by piece, without the framing of chunks. The response has its head only.
 */
int http_client_receive_to(struct http_client *client, bool head, struct http_response *response,
			   void (*take)(void *context, const char *bytes, size_t count),
			   void *context, uint64_t deadline_ns);

/*
 * Reads until the server closes; what comes stays in pending. 0 when it closed in order,
 * -ETIMEDOUT when it did not, -ECONNRESET when it broke off, ...
 */
int http_client_await_close(struct http_client *client, uint64_t deadline_ns);

void http_response_destroy(struct http_response *response);

/*
 * Copies the value of the first field of that name (any case), cut to size. Returns how many
 * fields of that name there are. `value` may be NULL.
 */
size_t http_response_field(const struct http_response *response, const char *name, char *value,
			   size_t size);

/*
 * The reader itself, without I/O: one response from the beginning of bytes; `ended`: nothing will
 * follow them. Returns the bytes it takes, 0 when more are needed, -EBADMSG or -ENOMEM.
 */
long http_response_parse(const char *bytes, size_t count, bool head, bool ended,
			 struct http_response *response);

/* A body that is read piece by piece, behind its head. */
struct http_body {
	enum http_body_part {
		HTTP_BODY_OVER,
		HTTP_BODY_BYTES, /* of a known length */
		HTTP_BODY_TO_END,
		HTTP_BODY_SIZE, /* the line before a chunk */
		HTTP_BODY_CHUNK,
		HTTP_BODY_CHUNK_END,
		HTTP_BODY_TRAILERS,
	} part;
	uint64_t left; /* of the length or the chunk */
};

/* How the body is framed that follows this head. 0 or -EBADMSG. */
int http_body_begin(struct http_body *body, const struct http_response *response, bool head);

/*
 * Takes some of the bytes: returns how many, of which the last *given are the body's; 0: more are
 * needed, or body->part is HTTP_BODY_OVER; -EBADMSG.
 */
long http_body_take(struct http_body *body, const char *bytes, size_t count, size_t *given);

#endif
