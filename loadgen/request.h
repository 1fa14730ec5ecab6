/*
 * The requests that are sent: their bytes are built once, before the first connection, and sent as
 * they are. A load has one, or a mix of several, each chosen at random with its weight.
 */
#ifndef TENK_REQUEST_H
#define TENK_REQUEST_H

#include "lib/error.h"
#include "lib/random.h"
#include "loadgen/options.h"
#include "loadgen/target.h"

struct request {
	char *bytes; /* malloc'ed, as label */
	size_t size;
	char *label;	    /* "GET /plaintext" */
	bool is_head;	    /* answers have no body */
	bool is_idempotent; /* it may be sent twice (RFC 9110, 9.2.2) */
	uint64_t weight;
};

struct mix {
	struct request request[OPTIONS_REQUESTS_MAX];
	size_t count;
	uint64_t weight; /* of all together */
};

/* What is different from one request of a mix to another. */
struct wording {
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

void mix_destroy(struct mix *mix);

/* The index of the next request to send. */
static inline size_t mix_choose(const struct mix *mix, struct random *random)
{
	size_t i = 0, rest;

	if (mix->count == 1)
		return 0;
	rest = random_below(random, mix->weight);
	while (rest >= mix->request[i].weight)
		rest -= mix->request[i++].weight;
	return i;
}

#endif
