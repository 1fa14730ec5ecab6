/*
 * A run on its way to disk. Whatever is measured is on disk before the next trial begins: each
 * trial is one appended, synced line; run.json is replaced as a whole. Layout: results/SCHEMA.md.
 */
#ifndef TENK_STORE_H
#define TENK_STORE_H

#include "lib/error.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store {
	char directory[PATH_MAX];
	int trials_fd; /* trials.jsonl, for appending */
};

/*
 * Makes a new folder for a run: `directory`, which must not hold a run yet, or with NULL
 * results/<UTC>-<name> below the current folder. 0 or -errno with a message.
 */
int store_create(struct store *store, const char *directory, const char *name, struct error *error);

/*
 * Opens the folder of an interrupted run to go on; a last line that was cut short is cut off.
 * Fails with -EBUSY if another tenk is at work in it.
 */
int store_open(struct store *store, const char *directory, struct error *error);

/*
 * Whether there is room for lines of so many bytes and for other files of so many: so that what is about to be measured
 * can be stored. That for the lines is taken at once, where the file system can do that. 0; -ENOSPC, -EDQUOT or another
 * -errno with a message that says how to go on.
 */
int store_reserve(const struct store *store, uint64_t line_bytes, uint64_t file_bytes,
		  struct error *error);

/* The message for a disk that is full: `what` that was to be stored does not fit. Returns -ENOSPC. */
int store_complain_room(const struct store *store, const char *what, struct error *error);

/* Replaces run.json. */
int store_write_run(const struct store *store, const json_t *run, struct error *error);

/* Appends one trial and syncs. */
int store_append_trial(const struct store *store, const json_t *trial, struct error *error);

void store_close(struct store *store);

/* "2026-11-21T09:30:00.123Z"; without milliseconds if `seconds_only`. Returns `text`. */
enum { STORE_TIME_BYTES = 32 };
char *store_time(char text[STORE_TIME_BYTES], bool seconds_only);

#endif
