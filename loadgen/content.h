/* What is given on the command line as it is, or as the name of a file: "text" or "@file". */
#ifndef TENK_CONTENT_H
#define TENK_CONTENT_H

#include "lib/error.h"

#include <stddef.h>

/*
 * "text" is itself, "@file" what is in the file, "@@text" is "@text". *data is malloc'ed, the
 * caller's to free whatever happens. 0 or -errno with a message.
 */
int content_read(const char *text, char **data, size_t *size, struct error *error);

#endif
