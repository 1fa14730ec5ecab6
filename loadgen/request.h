/*
 * The requests that are sent: their bytes are built once, before the first connection, and sent as
 * they are. A load has one, or a mix of several, each with its weight, its name and its own answers.
 */
#ifndef TENK_REQUEST_H
#define TENK_REQUEST_H

#include "lib/error.h"
#include "loadgen/options.h"
#include "loadgen/target.h"

/* A name is of letters, digits, '-', '_' and '.'; with the zero behind it. */
enum { REQUEST_NAME_BYTES = 33 };

struct request {
	char *bytes; /* malloc'ed, as label */
	size_t size;
	char *label;		       /* "GET /plaintext" */
	char name[REQUEST_NAME_BYTES]; /* in results: "plaintext", if it was given no other */
	struct expected expect;	       /* what a good answer is */
	bool is_head;		       /* answers have no body */
	bool is_idempotent;	       /* it may be sent twice (RFC 9110, 9.2.2) */
	uint64_t weight;
};

struct mix {
	struct request request[OPTIONS_REQUESTS_MAX];
	size_t count;
	uint64_t weight; /* of all together */
};

/* What is different from one request of a mix to another. */
struct wording {
	const char *name;		  /* NULL: it follows from method and path */
	const struct expected *expect;	  /* copied */
	const char *method, *path, *body; /* body may be NULL */
	size_t body_bytes;
	char *headers[OPTIONS_HEADERS_MAX]; /* of its own; they replace those of the same name */
	size_t header_count;
};

/* Adds a request. 0, -ENOMEM, or -EINVAL with a message. */
int mix_add(struct mix *mix, uint64_t weight, const struct wording *wording,
	    const struct options *options, const struct target *target, struct error *error);

/* Whether "Name: value" may be sent: 0, or -EINVAL with a message. */
int request_check_header(const char *header, struct error *error);

/* The index of the kind of that name; mix->count: there is none. */
size_t mix_find(const struct mix *mix, const char *name);

void mix_destroy(struct mix *mix);

#endif
