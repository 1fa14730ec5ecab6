/*
 * The formats in which a comparison is told: one file each, one row each in a table. All take figures
 * and words from words.h, so that they say the same.
 */
#ifndef TENK_COMPARE_FORMAT_H
#define TENK_COMPARE_FORMAT_H

#include "lib/text_buffer.h"
#include "stored/comparison/comparison.h"

#include <stdio.h>

struct compare_format {
	const char *name;      /* as an option calls it */
	const char *file_hint; /* what such a file is mostly called */
	/* Appends to the stream. 0, -ENOMEM, or -EIO where the stream did not take it. */
	int (*write)(FILE *out, const struct comparisons *comparisons);
};

/* Of all formats. NULL: there is none of this name. */
const struct compare_format *compare_format_find(const char *name);

/* Each is in the file of its name. */
int compare_write_table(FILE *out, const struct comparisons *comparisons);
int compare_write_json(FILE *out, const struct comparisons *comparisons);
int compare_write_markdown(FILE *out, const struct comparisons *comparisons);
int compare_write_junit(FILE *out, const struct comparisons *comparisons);
int compare_write_annotations(FILE *out, const struct comparisons *comparisons);
int compare_write_smaller(FILE *out, const struct comparisons *comparisons);
int compare_write_bigger(FILE *out, const struct comparisons *comparisons);
int compare_write_bencher(FILE *out, const struct comparisons *comparisons);
int compare_write_openmetrics(FILE *out, const struct comparisons *comparisons);

/* For these: writes what was put together, and destroys it. Returns what `write` does. */
int compare_finish(struct text_buffer *text, FILE *out);
int compare_finish_json(json_t *json, FILE *out);

#endif
