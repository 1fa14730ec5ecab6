/*
 * For libraries that end the process where memory is short: realloc that waits until there is some,
 * as long as PATIENCE_MS, in which nobody is served. Then NULL.
 */
#ifndef TENK_PATIENT_REALLOC_H
#define TENK_PATIENT_REALLOC_H

#include <stddef.h>

enum { PATIENCE_MS = 10000 };

void *patient_realloc(void *old, size_t size);

#endif
