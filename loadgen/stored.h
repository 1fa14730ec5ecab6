/* A stored result of tenk-load, read back: its --json, or that of tenk-load merge. */
#ifndef TENK_STORED_H
#define TENK_STORED_H

#include "loadgen/request.h"
#include "loadgen/result.h"

#include <jansson.h>
#include <stdbool.h>

struct stored {
	json_t *report;	       /* all of it */
	struct result *result; /* what can be merged: counts, and the histograms that are stored */
	struct mix mix;	       /* names and weights of its kinds; none if it was of one request */
	uint64_t unanswered, window_ns;
	uint64_t window_started_ns; /* since the epoch; 0: not known, or there were several */
	double rate_per_s;
};

/* 0, or -EINVAL or -ENOMEM with a message that names the file; stored_destroy in any case. */
int stored_read(struct stored *stored, const char *file, struct error *error);
void stored_destroy(struct stored *stored);

/*
 * into += from, but for the report, which stays: as of a run behind another, so windows are added and the
 * rate is the mean over them.
 */
void stored_merge(struct stored *into, const struct stored *from);

/*
 * The same of generators that loaded at the same time: rates are added, so are the loads in the report, and the
 * window is what both share. -EINVAL and a message without names if that is under nine tenths of the longer one,
 * or not known; where `anyway`, such are taken to have been together for as long as the shorter one.
 */
int stored_join(struct stored *into, const struct stored *from, bool anyway, struct error *error);

/*
 * The first key of `target` or `load` in which both differ, so that they measured different things:
 * "load.rate_per_s"; NULL: none. Seeds and sources are to differ, and threads make no other load. Where both are
 * `parts` of one load each may have another share of it.
 */
const char *stored_find_difference(const struct stored *a, const struct stored *b, bool parts,
				   char *key, size_t size);

#endif
