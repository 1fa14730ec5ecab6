/* Between the files of this room: what a kind of backend does. */
#ifndef TENK_BACKENDS_PARTS_H
#define TENK_BACKENDS_PARTS_H

#include "harness/backends/backends.h"

/* Looks for what it needs, as backend_missing. */
char *postgresql_missing(const struct catalogue *catalogue);
char *delay_missing(const struct catalogue *catalogue);

/*
 * Starts it and waits until it is ready: fills server, address and description. 0, -EINTR, or -errno with a
 * message; then nothing is left of it.
 */
int postgresql_start(const struct backends *backends, struct backend *backend, struct error *error);
int delay_start(const struct backends *backends, struct backend *backend, struct error *error);

#endif
