/*
 * A run in one file, to pass on: a tar archive packed by gzip, with all that lies in the run's folder and SHA256SUMS, as
 * sha256sum prints them, of each file in it.
 */
#ifndef TENK_BUNDLE_H
#define TENK_BUNDLE_H

#include "harness/process/kept_folder.h"
#include "lib/error.h"
#include "stored/results.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* Writes the folder of a run into a new file; the same bytes for the same run. 0 or -errno with a message. */
int bundle_write(const char *directory, const char *file, struct error *error);

/* A run, wherever it lies. */
struct bundle {
	char run[PATH_MAX]; /* its folder */
	struct kept_folder
		folder; /* into which it was unpacked, gone when tenk is; none: it is a folder, as it lies there */
};

/*
 * Of a folder that folder, of a file what it holds, unpacked to where nobody looks. 0 or -errno with a message. Close it in any
 * case.
 */
int bundle_open(struct bundle *bundle, const char *path, struct error *error);
void bundle_close(struct bundle *bundle);

/* results_load, of a folder or of such a file, whose content is there until tenk ends. */
int bundle_load(struct results *results, const char *path, struct error *error);

/*
 * Whether its files are those that were packed: told of each that is not as it was, is missing or was added. How many are as they
 * were, or -errno with a message.
 */
long bundle_check(const struct bundle *bundle, void (*tell)(void *context, const char *text),
		  void *context, struct error *error);

#endif
