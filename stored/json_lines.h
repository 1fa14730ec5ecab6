/*
 * Files that hold one JSON object a line and only ever grow. A last line without its end was being
 * written when its writer died: nobody reads it, and the next writer cuts it off.
 */
#ifndef TENK_JSON_LINES_H
#define TENK_JSON_LINES_H

#include "lib/error.h"

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Hands each line, also of a file that is packed (stored/packed_file.h), to `take`, which keeps it (a new reference) or returns -errno with a message; where the
 * line stands is put before that. Blank lines are passed over. *cut (may be NULL) is the number of a
 * last line that was cut short, 0 if there is none.
 *
 * 0; -ENOENT where there is no such file, with a message; -EINVAL for what is no JSON; another -errno.
 */
int json_lines_read(const char *path, int (*take)(void *context, json_t *line, struct error *error),
		    void *context, size_t *cut, struct error *error);

/* Where the last whole line of an open file ends. */
off_t json_lines_end(int fd);

/*
 * Appends a line and waits until it is on disk. 0 or -errno: then the file is as it was, as far as the
 * disk still does that. The file is open for appending, and nobody else writes to it.
 */
int json_lines_append(int fd, const json_t *line);

/* Writes all of it and waits until it is on disk. 0 or -errno. */
int write_and_sync(int fd, const char *text, size_t length);

#endif
