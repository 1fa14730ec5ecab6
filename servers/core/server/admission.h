/*
 * Who is let in, and how those who are not are told.
 */
#ifndef TENK_ADMISSION_H
#define TENK_ADMISSION_H

#include "servers/core/http/counters.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Counts a connection that was accepted. False: there are `most` (0: no limit) already; it has been
 * refused and its descriptor closed.
 */
bool admission_take(int fd, uint64_t most);

/* Whether there are more than `most` (0: no limit), the one that was just counted among them. */
bool admission_is_full(uint64_t most);

/*
 * Refuses one that was let in but cannot be served: what it has sent is discarded, it is sent 503 as
 * far as that goes without waiting, and closed. Counts the cause.
 */
void admission_refuse(int fd, enum counter cause);

/* The same for one whose descriptor is closed by somebody else. */
void admission_say_no(int fd, enum counter cause);

#endif
