/*
 * What the servers answer, independent of how the request was read and how the answer is sent.
 * A model with its own parser uses this and nothing else of HTTP's core.
 */
#ifndef TENK_ROUTE_H
#define TENK_ROUTE_H

#include "servers/core/tasks/task.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum request_method { REQUEST_GET, REQUEST_HEAD, REQUEST_POST, REQUEST_OPTIONS, REQUEST_OTHER };

struct request {
	enum request_method method;
	bool whole_server; /* the target is "*", and there is no path */
	const char *path;  /* without query; not terminated */
	size_t path_length;
	size_t body_length;
};

/* Sets all but method and body from a target in any form but that of CONNECT. */
void request_set_target(struct request *request, const char *target, size_t length);

enum reply_body {
	REPLY_TEXT,    /* reply.bytes */
	REPLY_PATTERN, /* body_length bytes of the pattern, see reply_pattern */
	REPLY_REQUEST, /* the request's own body */
};

/* A reply on its way. `task`, if any, is done before it is sent. */
struct reply {
	unsigned status;
	enum reply_body body;
	const char *content_type;
	const char *allow; /* for 405 and OPTIONS, else NULL */
	const char *bytes; /* static, or `text` */
	uint64_t body_length;
	struct task task;
	char text[48];
};

/* Fills the reply: every request has one, be it 404 or 405. */
void route_answer(const struct request *request, struct reply *reply);

/* The reply for a status alone: 400 has the body "400 Bad Request\n". */
void reply_status(struct reply *reply, unsigned status);

const char *status_phrase(unsigned status);

/*
 * The body of /bytes/N: byte i is symbol i % 64 of digits, capitals, small letters, "-_".
 * The block can be sent again and again: its length is a multiple of 64.
 */
enum { REPLY_PATTERN_BYTES = 65536 };
extern const char reply_pattern[REPLY_PATTERN_BYTES + 1];

/* What core accepts. */
enum {
	REQUEST_TARGET_MOST = 8192,  /* then 414 */
	REQUEST_HEAD_MOST = 16384,   /* request line and headers, then 431 */
	REQUEST_BODY_MOST = 1048576, /* then 413 */
};

#endif
