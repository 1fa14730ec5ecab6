/*
 * The noise floor of a machine: how different the same program seems from itself, as `tenk compare --aa`
 * finds (results/SCHEMA.md, "Noise floor"). No comparison on it is tighter than that.
 */
#ifndef TENK_NOISE_H
#define TENK_NOISE_H

#include "lib/error.h"
#include "stored/results.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* It holds so long, or until the machine is another. */
enum { NOISE_DAYS = 14 };

/*
 * The change that one of twenty comparisons of the same program showed, with so many pairs, on the scale of
 * struct comparison: of the most pairs in `noise` that are no more than these; of the cell if it was measured,
 * else of the one that is worst. 0: it is not known.
 */
double noise_floor(const json_t *noise, const char *metric, const char *cell, size_t pairs);

/*
 * From a run in which two subjects were the same program. New reference; NULL with a message: there are too
 * few pairs to say anything of.
 */
json_t *noise_measure(const struct results *run, const char *a_subject, const char *b_subject,
		      struct error *error);

/*
 * Keeps it as FOLDER/FINGERPRINT.json; the folder is made. With NULL: $XDG_STATE_HOME/tenk/noise, or
 * ~/.local/state/tenk/noise. The file's name goes to `path`. 0 or -errno with a message.
 */
int noise_write(const json_t *noise, const char *folder, char *path, size_t size,
		struct error *error);

/*
 * The newest that was measured under these conditions. New reference; NULL: there is none, or it has expired,
 * since `days` days, which are else 0.
 */
json_t *noise_read(const char *folder, const json_t *environment, int *days);

#endif
