/*
 * The connections of a thread that pause for --think-time, by when that ends: a binary heap, since
 * pauses of random length do not end in the order in which they began.
 */
#ifndef TENK_PAUSES_H
#define TENK_PAUSES_H

#include "lib/random.h"
#include "loadgen/connection.h"

struct pause {
	uint64_t until_ns;
	struct connection *connection;
};

struct pauses {
	struct pause *heap; /* connection->pause is its place here */
	size_t count;
	uint64_t mean_ns;
	bool at_random; /* exponentially distributed; else all of the mean */
	struct random random;
};

/* For as many connections at most. 0 or -ENOMEM; pauses_destroy in any case. */
int pauses_init(struct pauses *pauses, size_t most, const struct options *options, uint64_t seed);
void pauses_destroy(struct pauses *pauses);

/* It pauses from now on; `again`: it does already, and begins anew. */
void pauses_begin(struct pauses *pauses, struct connection *connection, uint64_t now_ns,
		  bool again);

/* When the next pause ends; UINT64_MAX: there is none. */
static inline uint64_t pauses_end_ns(const struct pauses *pauses)
{
	return pauses->count > 0 ? pauses->heap[0].until_ns : UINT64_MAX;
}

/* Takes the one off whose pause ends next; there must be one. */
struct connection *pauses_end(struct pauses *pauses);

#endif
