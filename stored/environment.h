/* Whether two runs were made under the same conditions, from their "environment" (results/SCHEMA.md). */
#ifndef TENK_STORED_ENVIRONMENT_H
#define TENK_STORED_ENVIRONMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The key of what was only seen when a run began and is no part of what identifies a machine. */
#define ENVIRONMENT_OBSERVED "observed"

/*
 * Names what differs from a to b, each with both values, in b's order: "kernel 6.1 -> 6.12, governor
 * powersave -> performance". A list too long for `size` ends with "...". What only one of them knows
 * of does not differ: an older tenk did not look at it, or other servers brought other libraries.
 * But where one says null, it looked and there was none. Memory differs from a hundredth on. Either may be
 * NULL: nothing differs.
 */
bool environments_differ(const json_t *a, const json_t *b, char *list, size_t size);

#endif
