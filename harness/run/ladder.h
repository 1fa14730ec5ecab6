/*
 * A ladder: a part whose connections ascend, for each server until a step is not held. The end is
 * what it looks for, and no failure of the run; what lies above is not run.
 *
 * ladder.c is for the run, ladder_end.c for those who read one.
 */
#ifndef TENK_LADDER_H
#define TENK_LADDER_H

#include "stored/results.h"
#include "harness/run/run.h"
#include "lib/text_buffer.h"

/* Notes how a trial ended at last: what is above it may be out of reach, or its memory be foreseen. */
void ladder_note(struct run *run, size_t index, const json_t *record);

/* The trial with which the ladder ended that this one is a step of; NULL: it is to be run. */
const struct planned_trial *ladder_ended_at(const struct run *run, size_t index);

/*
 * Whether a trial that did not succeed is what the ladder looks for: its end. Not if it is the first
 * step already, which the server's model does not rule out: then nothing was found.
 */
bool ladder_is_end(const struct planned_trial *planned, const json_t *record);

/*
 * Whether a step is tried once more, at once: errors of its first attempt may be those of a moment,
 * and would end the ladder.
 */
bool ladder_tries_again(const struct planned_trial *planned, const json_t *record);

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
