/* An answer on its way, independent of how it is sent. */
#ifndef TENK_REPLY_H
#define TENK_REPLY_H

#include "servers/core/tasks/task_request.h"

#include <stddef.h>
#include <stdint.h>

enum reply_body {
	REPLY_TEXT,    /* reply.bytes */
	REPLY_PATTERN, /* body_length bytes of the pattern, see reply_pattern */
	REPLY_REQUEST, /* the request's own body */
	REPLY_FILE,    /* task.file */
};

enum { REPLY_TEXT_BYTES = 96 };

/* `task`, if it has a kind, is done before it is sent, and may fill it anew. Begins as zeros. */
struct reply {
	unsigned status;
	enum reply_body body;
	const char *content_type;
	const char *allow; /* for 405 and OPTIONS, else NULL */
	const char *bytes; /* static, or `text`, or `owned` */
	uint64_t body_length;
	char *owned; /* from malloc; given back by reply_release */
	struct task_request task;
	char text[REPLY_TEXT_BYTES];
};

/* 200 with bytes that stay where they are until they are sent: static ones, or the reply's own. */
void reply_bytes(struct reply *reply, const char *type, const char *bytes, size_t length);

/* 200 with bytes from malloc, which are the reply's from now on. */
void reply_own(struct reply *reply, const char *type, char *bytes, size_t length);

/* 200 with a line of text, cut at REPLY_TEXT_BYTES. */
void __attribute__((format(printf, 2, 3))) reply_say(struct reply *reply, const char *format, ...);

/* The reply for a status alone: 400 has the body "400 Bad Request\n". It asks for no task. */
void reply_status(struct reply *reply, unsigned status);

/* With a reason: "503 Service Unavailable: no memory for it\n". NULL: as reply_status. */
void reply_failure(struct reply *reply, unsigned status, const char *reason);

/* Gives back what it owns, when it has been sent. */
void reply_release(struct reply *reply);

const char *status_phrase(unsigned status);

/*
 * The body of /bytes/N: byte i is symbol i % 64 of digits, capitals, small letters, "-_".
 * The block can be sent again and again: its length is a multiple of 64.
 */
enum { REPLY_PATTERN_BYTES = 65536 };
extern const char reply_pattern[REPLY_PATTERN_BYTES + 1];

#endif
