/* What the programs of servers/observed share: working, counting orders of events, and telling. */
#ifndef TENK_OBSERVED_SHARED_H
#define TENK_OBSERVED_SHARED_H

#include "lib/clock.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keeps the thread busy, as a long computation does. */
void busy_for_ns(uint64_t ns);

/* The median of what a call takes, of 2,000 after the first hundred. */
double median_time_ns(void (*call)(void *context), void *context);

/* Adds one to an order of events, their names with blanks between them, in `orders`. */
void orders_add(json_t *orders, const char *const *events, size_t count);

/*
 * Prints the observation (docs/scenarios.md), of metrics and, if there are any, orders and versions, all of
 * which it takes over. Returns main's exit code.
 */
int observation_tell(json_t *metrics, json_t *orders, json_t *versions);

/* Why a system call that has to succeed has not, on stderr; ends the program. */
_Noreturn void observation_fail(const char *what, int error);

/* The exit code of a program that cannot observe here, with a word why on stderr. */
enum { OBSERVATION_NOT_HERE = 77 };

#endif
