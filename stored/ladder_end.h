/* Where a ladder ended, read from its trials: a part whose connections ascend until one step fails. */
#ifndef TENK_LADDER_END_H
#define TENK_LADDER_END_H

#include "stored/results.h"

/* Whether a trial did not hold its connections, by its server's doing or for want of the machine's means. */
bool ladder_gives_way(const json_t *record);

/* How far a server came. Strings and JSON are borrowed. */
struct ladder_end {
	const char *server;
	double held;	    /* connections of the highest step below its end; 0: of none */
	double next;	    /* of the step that was not held; NAN: nothing gave way */
	const char *limit;  /* "descriptors"; "" if it is not known */
	const char *text;   /* what happened; "" if nothing gave way */
	const char *remedy; /* what would lift it; "" if that is not known */
};

/* Whether a part of run.json is a ladder. */
bool ladder_is(const json_t *part);

/* The end of one server's ladder, over all blocks: the lowest step that was not held at last. */
struct ladder_end ladder_find_end(const struct results *results, const struct cell *cell);

#endif
