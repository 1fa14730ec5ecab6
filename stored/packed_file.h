/* Files that may lie packed: those of runs that are kept for long. */
#ifndef TENK_PACKED_FILE_H
#define TENK_PACKED_FILE_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Opens `path` to be read or, where there is no such file, what `gzip` made of it, `path`.gz (RFC 1952): then what is
 * read is what had been packed. A packed file that is damaged or cut short ends with ferror() and errno EIO.
 *
 * NULL with errno: ENOENT where there is neither. Close it with fclose().
 */
FILE *packed_file_open(const char *path);

/* Whether it lies there packed only. */
bool packed_file_is(const char *path);

/* gzip's form of these bytes (RFC 1952), the same whenever they are packed: malloc'ed, *size bytes; NULL: no memory. */
void *packed_file_pack(const char *bytes, size_t length, size_t *size);

#endif
