/*
 * What went wrong: by class, by phase of a request, by errno; how often, since when, and with one
 * example, so that a person can tell a full backlog from a crashed server.
 */
#ifndef TENK_FAILURE_H
#define TENK_FAILURE_H

#include <stddef.h>
#include <stdint.h>

enum error_class {
	ERROR_CONNECT, /* could not connect, or not in time */
	ERROR_RESET,   /* reset or closed before the answer was complete, or while held */
	ERROR_TIMEOUT, /* no complete answer within the timeout */
	ERROR_STATUS,  /* another status than expected */
	ERROR_LENGTH,  /* another length than expected */
	ERROR_PARSE,   /* not HTTP/1.x, or bytes that nobody asked for */
	ERROR_BODY,    /* the right length, other bytes */
	ERROR_HEADER,  /* a header field that is not there, or has another value */
	ERROR_CLASSES,
	ERROR_NONE = ERROR_CLASSES,
};

enum error_phase {
	PHASE_CONNECT,	 /* until the connection is established */
	PHASE_HANDSHAKE, /* until TLS has agreed */
	PHASE_SEND,	 /* until the request is written */
	PHASE_WAIT,	 /* until the first byte of the answer */
	PHASE_RECEIVE,	 /* until its last byte */
	PHASE_IDLE,	 /* no request under way */
	ERROR_PHASES,
};

/* As in results/SCHEMA.md. */
extern const char *const error_class_names[ERROR_CLASSES];
extern const char *const error_phase_names[ERROR_PHASES];

enum { FAILURE_EXAMPLE_BYTES = 96, FAILURES_MAX = 64 };

/* All failures of one kind. */
struct failure {
	enum error_class class;
	enum error_phase phase;
	int problem; /* errno; 0: none, as when the peer closes orderly */
	uint64_t count;
	int64_t first_ns, last_ns;	     /* since the window began; see failures_begin_at */
	char example[FAILURE_EXAMPLE_BYTES]; /* of the first; "": none */
};

/* The kinds that were seen, ordered by class, phase and errno. Zeroed: none. */
struct failures {
	struct failure kind[FAILURES_MAX];
	size_t count;
	uint64_t others; /* failures of more kinds than there is room for */
};

/*
 * Adds failure->count failures of its kind. The example of the earliest stays. Where there is no room
 * for all kinds, the last in their order are counted as others. Adding is commutative and associative.
 */
void failures_add(struct failures *failures, const struct failure *failure);

/*
 * Failures are added with CLOCK_MONOTONIC; from here on their times count from that moment (and are
 * negative before it), as those of other threads and machines do.
 */
void failures_begin_at(struct failures *failures, uint64_t start_ns);

void failures_merge(struct failures *into, const struct failures *from);

/* Bytes as a person can read them: what is not printable as \xNN. Returns `out`. */
char *failure_show_bytes(const char *bytes, size_t count, char *out, size_t size);

#endif
