/*
 * A ladder: a part whose connections ascend, for each server until a step is not held. The end is
 * what it looks for, and no failure of the run; what lies above is not run. What follows from a stored
 * one is in stored/ladder_end.h.
 */
#ifndef TENK_LADDER_H
#define TENK_LADDER_H

#include "harness/run/run.h"

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

#endif
