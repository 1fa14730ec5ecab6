/* Ctrl-C, SIGTERM and SIGHUP, as a flag that the loops of a run look at; and that we were stopped. */
#ifndef TENK_INTERRUPT_H
#define TENK_INTERRUPT_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

void interrupt_watch(void); /* from now on these signals set the flag; system calls see EINTR */
bool interrupt_seen(void);

/* How often we have gone on by SIGCONT, after Ctrl-Z and the like. */
unsigned interrupt_continued(void);

/*
 * Waits, in any thread, for what the poller (NULL: nothing) is to wait for, until the deadline, of
 * CLOCK_MONOTONIC. 0 when it is there, in poller->revents; -ETIMEDOUT; -EINTR as soon as there was
 * such a signal; -errno.
 */
int interrupt_wait(struct pollfd *poller, uint64_t deadline_ns);

#endif
