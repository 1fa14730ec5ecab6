/*
 * What the servers answer, independent of how the request was read and how the answer is sent: at once,
 * or when a task (task.h) has ended.
 * A model with its own parser uses this and nothing else of HTTP's core.
 */
#ifndef TENK_ROUTE_H
#define TENK_ROUTE_H

#include "servers/core/tasks/reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum request_method { REQUEST_GET, REQUEST_HEAD, REQUEST_POST, REQUEST_OPTIONS, REQUEST_OTHER };

struct request {
	enum request_method method;
	bool whole_server; /* the target is "*", and there is no path */
	const char *path;  /* without query; not terminated */
	size_t path_length;
	const char *query; /* what follows the `?` */
	size_t query_length;
	size_t body_length;
};

/* Sets all but method and body from a target in any form but that of CONNECT. */
void request_set_target(struct request *request, const char *target, size_t length);

/* Fills the reply: every request has one, be it 404 or 405. */
void route_answer(const struct request *request, struct reply *reply);

/* The patterns of what is answered, at once and by tasks, from 0 on: "/wait/MS". NULL: there are no more. */
const char *route_pattern(size_t index);

/* What core accepts. */
enum {
	REQUEST_TARGET_MOST = 8192,  /* then 414 */
	REQUEST_HEAD_MOST = 16384,   /* request line and headers, then 431 */
	REQUEST_BODY_MOST = 1048576, /* then 413 */
};

#endif
