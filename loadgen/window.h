/* The measured window, as a thread passes through it. */
#ifndef TENK_WINDOW_H
#define TENK_WINDOW_H

#include "loadgen/driver.h"

/*
 * Looks at the clock, and passes the window's edge if its time has come: the time of everything that
 * is to be counted goes through here first. False: the window was closed, nothing more may be done.
 */
bool window_may_go_on(struct driver *driver);

/* When the window is: said before it begins, and again if it is to end earlier. */
void window_set(struct driver *driver, uint64_t start_ns, uint64_t end_ns);

/* Whether all that belongs to the window has an answer, or has failed. */
bool window_has_drained(const struct driver *driver);

/* Nobody waits any more for what has no answer; nothing more may be done. */
void window_close(struct driver *driver);

/* Stages of connections: has as many as are wanted now. */
void window_adjust(struct driver *driver);

#endif
