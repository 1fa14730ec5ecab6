/* Ctrl-C, SIGTERM and SIGHUP, as a flag that the loops of a run look at; and that we were stopped. */
#ifndef TENK_INTERRUPT_H
#define TENK_INTERRUPT_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/* From now on these signals set the flag; system calls see EINTR. A SIGHUP that was ignored (nohup) stays so. */
void interrupt_watch(void);
bool interrupt_seen(void);

/*
 * From now on a SIGHUP that comes because our terminal is gone does not set the flag: whoever closed it wanted an end of
 * the terminal. One that somebody sends does.
 */
void interrupt_outlive_terminal(void);

/* How often we have gone on by SIGCONT, after Ctrl-Z and the like. */
unsigned interrupt_continued(void);

/*
 * Waits, in any thread, for what the poller (NULL: nothing) is to wait for, until the deadline, of
 * CLOCK_MONOTONIC. 0 when it is there, in poller->revents; -ETIMEDOUT; -EINTR as soon as there was
 * such a signal; -errno.
 */
int interrupt_wait(struct pollfd *poller, uint64_t deadline_ns);

#endif
