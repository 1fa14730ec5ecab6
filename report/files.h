/* Files and folders of a report on their way to disk. */
#ifndef TENK_REPORT_FILES_H
#define TENK_REPORT_FILES_H

#include "lib/error.h"
#include "lib/text_buffer.h"

#include <stddef.h>

/*
 * Writes FOLDER/NAME whole and flushes it to disk; packed where its name ends in ".gz". 0 or -errno with the
 * message.
 */
int file_write(const char *folder, const char *name, const char *text, size_t length,
	       struct error *error);

/* Appends a file's content, also of one that lies there packed. 0 or -errno with the message. */
int file_read(struct text_buffer *out, const char *folder, const char *name, struct error *error);

int folder_make(const char *folder, const char *name, struct error *error);

/* Removes a folder with all that is in it; fine if there is none. 0 or -errno. */
int folder_remove(const char *folder);

/*
 * Puts the new folder in the place of the old one, which may not exist, in one step where the
 * file system can, and removes the old one. 0 or -errno with the message; on failure the old one
 * is in place.
 */
int folder_replace(const char *fresh, const char *old, struct error *error);

#endif
