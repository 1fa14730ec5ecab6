/* Time as tenk knows it: nanoseconds of CLOCK_MONOTONIC in a uint64_t. */
#ifndef TENK_CLOCK_H
#define TENK_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

static inline uint64_t clock_from_timespec(const struct timespec *time)
{
	return (uint64_t)time->tv_sec * NS_PER_S + (uint64_t)time->tv_nsec;
}

static inline struct timespec clock_to_timespec(uint64_t ns)
{
	return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S),
				 .tv_nsec = (long)(ns % NS_PER_S)};
}

/* Reads any POSIX clock in nanoseconds; 0 if that clock does not exist (any more). */
static inline uint64_t clock_read_ns(clockid_t id)
{
	struct timespec time;

	return clock_gettime(id, &time) == 0 ? clock_from_timespec(&time) : 0;
}

/* Sleeps for so long; less if a signal comes, which whoever waits looks for himself. */
static inline void clock_pause(uint64_t ns)
{
	struct timespec time = clock_to_timespec(ns);

	nanosleep(&time, NULL);
}

static inline uint64_t clock_now_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}

#endif
