/*
 * The inside of core: one request being read, its answer being sent, and what a pipelining
 * client sent beyond. Shared by http.c (steps), http_request.c (reading), http_response.c (writing)
 * and http_output.c (sending); models see http.h only.
 */
#ifndef TENK_HTTP_EXCHANGE_H
#define TENK_HTTP_EXCHANGE_H

#include "lib/poison.h"
#include "servers/core/http/bounds.h"
#include "servers/core/http/http.h"
#include "servers/core/http/http_syntax.h"
#include "servers/core/tasks/route.h"

#include <llhttp.h>

enum {
	HTTP_TARGET_KEPT = 344,	    /* enough for a host of 255 characters and any path we serve */
	HTTP_TAIL_KEPT = 8,	    /* bytes before a piece: "x HTTP/" and one more */
	HTTP_NAME_KEPT = 20,	    /* longest header name looked at, and one more */
	HTTP_CODING_KEPT = 24,	    /* "chunked" and room to see that it is not */
	HTTP_EXPECTATION_KEPT = 32, /* "100-continue" and room to see that it is not */
	HTTP_RESPONSE_MOST = 448,   /* head and small body of one response */
	HTTP_SMALL_BODY = 128,	    /* copied behind its head, not sent as a piece of its own */
	HTTP_PIPELINE_KEPT = 16384, /* unread input held back while an answer is under way */
};

/* Header fields that core itself looks at; the rest is llhttp's. */
enum http_field { FIELD_OTHER, FIELD_HOST, FIELD_TRANSFER_ENCODING, FIELD_EXPECT };

struct http_buffer {
	char *data;
	size_t start, end, capacity;
};

struct http_exchange {
	struct http_exchange *next; /* in the pool, where all that follows is hidden */
	llhttp_t parser;
	const char *data; /* what is being parsed, while it is */
	bool on_stack;

	/* The request. */
	bool begun;	    /* the first byte of a request has come */
	bool in_body;	    /* its header block is complete */
	bool complete;	    /* all of it has come */
	bool expects;	    /* the client may wait for "100 Continue" */
	bool continue_due;  /* it does: nothing of the body came with the head */
	bool versioned;	    /* its version has begun */
	bool coded;	    /* it has a Transfer-Encoding */
	char last_nonblank; /* of the data before, for what can only be judged across a split, */
	char tail[HTTP_TAIL_KEPT]; /* and its end */
	unsigned refusal;	   /* the status to refuse with; 0: none */
	uint8_t host_count;
	uint8_t name_length;
	uint8_t coding_length;
	uint8_t expectation_length;
	enum http_field field;
	enum http_host host;
	uint32_t head_bytes;
	uint64_t body_stage_bytes; /* body with its framing and trailers */
	uint64_t body_bytes;
	uint32_t target_length;
	char name[HTTP_NAME_KEPT];
	char coding[HTTP_CODING_KEPT];
	char expectation[HTTP_EXPECTATION_KEPT];
	char target[HTTP_TARGET_KEPT];
	struct http_buffer body;

	/* The answer. */
	bool keep_alive;
	bool headless_body; /* HEAD: a length and no body */
	bool reply_waits;   /* for the task that is asked for, or that runs */
	bool goes_on;	    /* with the next piece of a file, which is being read: */
	bool lingers;
	bool closes;	   /* after what is in the output */
	struct task *task; /* that runs; NULL: none does */
	struct reply reply;

	/* The output: heads and small bodies, then the rest of one large body. */
	bool lent; /* output.data is the pool's scratch */
	struct http_buffer output;
	uint64_t rest; /* bytes of the large body still to send */
	uint64_t rest_sent;

	uint8_t phase_before; /* then, and since when that stands still: a tick */
	uint32_t stands_since;

	/* The phase that has a least rate (http_deadline.c). */
	uint32_t phase_began;			  /* a tick */
	uint64_t phase_bytes_before, phase_bytes; /* then, and when it was last reckoned */
	uint64_t written_bytes;			  /* of this answer and those before it */

	struct http_buffer kept; /* input not looked at yet */
};

_Static_assert(sizeof(struct http_exchange) <= HTTP_EXCHANGE_BYTES, "HTTP_EXCHANGE_BYTES");

/* Appends; false when out of memory. */
bool http_buffer_append(struct http_buffer *buffer, const char *data, size_t length);
void http_buffer_free(struct http_buffer *buffer);

static inline size_t http_buffer_length(const struct http_buffer *buffer)
{
	return buffer->end - buffer->start;
}

/*
 * http_deadline.c: how much to show a sender that tells only when all of it is written: no more than
 * a reader of the least rate takes in time.
 */
uint64_t http_batch_most(const struct http *http);

/* http.c: there is no memory for this connection, and it ends; no other does. */
void http_run_out_of_memory(struct http *http);

/* http.c: says no, and lets the client read that before the connection is cut. */
void http_refuse(struct http *http, unsigned status);

static inline bool http_output_pending(const struct http_exchange *exchange)
{
	return http_buffer_length(&exchange->output) || exchange->rest;
}

/*
 * http_file.c: after the head of an answer with a file: what is there of it is shown. Not with HEAD, nor
 * of an empty one: then it is closed.
 */
void http_file_show(struct http *http);

/* All that was shown of a file has been sent: asks for the next piece, or that was all. */
void http_file_sent(struct http *http);

/* The next piece has been read, or cannot be: then the connection ends. */
void http_file_went_on(struct http *http);

/* http_request.c: a fresh parser for a fresh connection or exchange. */
void http_request_init(struct http_exchange *exchange);

/*
 * Reads on until a request is complete, refused, or the data ends. Returns the bytes consumed.
 * Afterwards `complete`, `refusal` or `continue_due` may be set.
 */
size_t http_request_read(struct http_exchange *exchange, const char *data, size_t length);

/* http_events.c: what happens as llhttp reads. */
extern const llhttp_settings_t http_events;

/* Of several things that are wrong with a request, the first one counts. For llhttp: HPE_USER. */
static inline int http_request_refuse(struct http_exchange *exchange, unsigned status)
{
	if (!exchange->refusal)
		exchange->refusal = status;
	return HPE_USER;
}

/* The byte that stands `back` before this one, be it in a piece that came before. */
static inline char http_byte_before(const struct http_exchange *exchange, const char *at,
				    size_t back)
{
	size_t here = (size_t)(at - exchange->data);

	return back <= here ? at[-(ptrdiff_t)back] : exchange->tail[HTTP_TAIL_KEPT - back + here];
}

/* http_judge.c: the status that a complete head is refused with; 0: none. Notes what it expects. */
unsigned http_judge_head(struct http_exchange *exchange);

/* Makes ready for the next request on the connection. */
void http_request_next(struct http_exchange *exchange);

/* What the complete request asks for. */
void http_request_describe(const struct http_exchange *exchange, struct request *request);

/* http_response.c: puts the reply's bytes into the output; false when out of memory. */
bool http_response_write(struct http_pool *pool, struct http_exchange *exchange);

/* Puts "100 Continue" into the output, in the middle of a request; false when out of memory. */
bool http_response_write_continue(struct http_pool *pool, struct http_exchange *exchange);

/* Moves output that has filled its scratch into memory of its own. False: it has all there may be. */
bool http_response_make_room(const struct http_pool *pool, struct http_exchange *exchange);

/* Whether another small response may go behind what is in the output, up to HTTP_BATCH_BYTES. */
static inline bool http_response_has_room(const struct http_pool *pool,
					  struct http_exchange *exchange)
{
	const struct http_buffer *output = &exchange->output;

	return output->end == output->start ||
	       output->capacity - output->end >= HTTP_RESPONSE_MOST ||
	       http_response_make_room(pool, exchange);
}

/* Of lent output: the scratch is nobody's again, and whoever still shows it is found. */
static inline void http_end_loan(struct http_exchange *exchange)
{
	POISON(exchange->output.data, exchange->output.capacity);
	exchange->output = (struct http_buffer){0};
	exchange->lent = false;
}

/* Lent output must be saved before the scratch serves another connection. False: no memory. */
bool http_response_save(struct http_exchange *exchange);

#endif
