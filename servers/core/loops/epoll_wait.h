/* Waiting in epoll until a point in time, in nanoseconds. */
#ifndef TENK_EPOLL_WAIT_H
#define TENK_EPOLL_WAIT_H

#include <stdint.h>
#include <sys/epoll.h>

/*
 * As epoll_wait, until `until_ns` of CLOCK_MONOTONIC (UINT64_MAX: no limit). Returns the number of
 * events, 0 also when a signal interrupted, or -errno. Before Linux 5.11 it rounds up to
 * milliseconds.
 */
int epoll_wait_until(int epoll_fd, struct epoll_event *events, int most, uint64_t until_ns);

#endif
