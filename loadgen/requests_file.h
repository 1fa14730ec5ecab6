/* --requests FILE: the requests of a mix, one JSON object a line. Internal to mix.c. */
#ifndef TENK_REQUESTS_FILE_H
#define TENK_REQUESTS_FILE_H

#include "loadgen/request.h"

/*
 * Adds each line's request: {"method", "path" or "url", "headers", "body", "weight"}, all but the
 * path optional. 0, or -errno with a message that names file, line and what would be right.
 */
int requests_file_read(struct mix *mix, const char *file, const struct options *options,
		       const struct target *target, struct error *error);

#endif
