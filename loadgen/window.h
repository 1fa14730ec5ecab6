/*
 * The measured window, as a thread passes through it. Around it the load goes on, before and behind. Of
 * a run in slices it is one after another: each is offered its load in its own time only, and then the thread
 * is at rest until it is told of the next.
 */
#ifndef TENK_WINDOW_H
#define TENK_WINDOW_H

#include "loadgen/driver.h"

/* What a thread is told of a window, or of what is like one but counts nothing: a warm-up, a lead. */
struct span {
	uint64_t number; /* from 1 on */
	uint64_t start_ns, end_ns;
	bool counts;
};

/*
 * Looks at the clock, and passes the window's edge if its time has come: the time of everything that
 * is to be counted goes through here first. False: the window was closed, nothing more may be done.
 */
bool window_may_go_on(struct driver *driver);

/*
 * When the window is: said before it begins, and again if it is to end earlier. In slices the first span
 * is the warm-up, whose load is offered already; that of each other one is offered from its start on.
 */
void window_set(struct driver *driver, const struct span *span);

/* Slices: whether all that was offered has come to its end, and no connection is missing. */
bool window_may_rest(const struct driver *driver);

/* Slices: at rest. What came of the slice is told. */
void window_rest(struct driver *driver);

/* Nobody waits any more for what was due and found no connection. */
void window_leave_unsent(struct driver *driver);

/* Whether all that belongs to the window has an answer, or has failed. */
bool window_has_drained(const struct driver *driver);

/* Nobody waits any more for what has no answer; nothing more may be done. */
void window_close(struct driver *driver);

/* Stages of connections, when driver->next_change_ns has come: has as many as are wanted now. */
void window_adjust(struct driver *driver);

#endif
