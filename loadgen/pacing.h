/*
 * How a worker waits: until a connection stirs or time brings something to do, to the nanosecond
 * (epoll_pwait2), and with --spin awake for the last stretch before a request is due.
 */
#ifndef TENK_PACING_H
#define TENK_PACING_H

#include "loadgen/driver.h"

#include <sys/epoll.h>

/* As epoll_wait(2): how many events, 0, or -1 and errno. */
int pacing_wait(struct driver *driver, struct epoll_event *events, int most);

#endif
