/* A stored result of tenk-load, read back: its --json, or that of tenk-load merge. */
#ifndef TENK_STORED_H
#define TENK_STORED_H

#include "lib/error.h"
#include "loadgen/result.h"

#include <jansson.h>

struct stored {
	json_t *report;	       /* all of it */
	struct result *result; /* what can be merged: counts, and the histograms that are stored */
	uint64_t unanswered, window_ns;
};

/* 0, or -EINVAL or -ENOMEM with a message that names the file; stored_destroy in any case. */
int stored_read(struct stored *stored, const char *file, struct error *error);
void stored_destroy(struct stored *stored);

/* into += from, but for the report, which stays. */
void stored_merge(struct stored *into, const struct stored *from);

/*
 * The first key of `target` or `load` in which both differ, so that they measured different things:
 * "load.rate_per_s"; NULL: none. Seeds and sources are to differ, and threads make no other load.
 */
const char *stored_find_difference(const struct stored *a, const struct stored *b, char *key,
				   size_t size);

#endif
