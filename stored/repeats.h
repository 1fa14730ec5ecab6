/*
 * Blocks that were made more than once, because a trial of theirs had been spoiled: one attempt counts,
 * whole, since only its values met the same machine.
 */
#ifndef TENK_REPEATS_H
#define TENK_REPEATS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Marks the trials of the other attempts, of run.json and the lines of trials.jsonl. The one counts that has the most trials with figures, the
 * later of equals. But where a server failed in another one that stays, for it is its doing. Runs
 * from before blocks were repeated are left as they are. 0 or -ENOMEM.
 */
int repeats_mark(const json_t *run, json_t *const *trials, size_t count);

/* Whether another attempt at the trial's block counts instead. */
bool repeats_superseded(const json_t *trial);

#endif
