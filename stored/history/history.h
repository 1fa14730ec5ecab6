/*
 * The history of runs, one line a run in history.jsonl (results/SCHEMA.md): what each cell's gating
 * metrics were, and where it ran. It feeds the eye and the search for changes (series.h), never
 * the gate, for runs of different days met different machines even where it was one.
 */
#ifndef TENK_HISTORY_H
#define TENK_HISTORY_H

#include "stored/results.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct history {
	json_t **lines; /* in the order in which their runs began */
	size_t count;
	size_t cut; /* the number of a last line that was cut short and left out; 0: there is none */
};

/* What a history keeps of a run; all that is borrowed outlives only the call. */
struct history_entry {
	const struct results *results;
	const char *label;    /* what a person calls it; NULL: nothing */
	const json_t *commit; /* {"hash","dirty"}; NULL: not known */
};

/*
 * The line of a run. New reference; NULL with a message for a run that was not finished, and for one
 * that has no value of any gating metric.
 */
json_t *history_line(const struct history_entry *entry, struct error *error);

/*
 * Appends a line; the file is made if there is none. Waits a while for another tenk that is just doing
 * so. *cut is the number of a last line that had been cut short, which is cut off; 0: there was none.
 * 0, -EEXIST with a message where the run is in it already, or another -errno with one.
 */
int history_add(const char *file, const json_t *line, size_t *cut, struct error *error);

/* 0, or -errno with a message that names file and line. Destroy it in any case. */
int history_load(struct history *history, const char *file, struct error *error);
void history_destroy(struct history *history);

/* "20261121T093000Z-quick", "20261121T093000Z-quick (v1.2, 3fa92c1b and changes)". Returns `out`. */
char *history_name(const json_t *line, char *out, size_t size);

/* The fingerprint of the machine that a line's run met, borrowed. */
const char *history_fingerprint(const json_t *line);

#endif
