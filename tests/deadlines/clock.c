/*
 * A library to be loaded before all others (LD_PRELOAD): a clock that runs TENK_CLOCK_RUNS times as
 * fast as the world's, so that a deadline of a minute can be waited for in a test. What tells the
 * time tells this one, and what waits for so long waits a part of it. The time of day stays: dates
 * are compared with others'.
 */
#include <dlfcn.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

/* The function that this one stands in front of. */
#define REAL(function)                     \
	static __typeof__(function) *real; \
	if (!real)                         \
	real = (__typeof__(real))dlsym(RTLD_NEXT, #function)

#define NS_PER_S INT64_C(1000000000)

static int64_t runs = 1;
static int64_t origin_ns; /* of both clocks */
static int64_t coarse_step_ns = 1;

static int64_t to_ns(const struct timespec *time)
{
	return time->tv_sec * NS_PER_S + time->tv_nsec;
}

static struct timespec from_ns(int64_t ns)
{
	return (struct timespec){.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
}

static int real_time(clockid_t clock, struct timespec *now)
{
	REAL(clock_gettime);
	return real(clock, now);
}

__attribute__((constructor)) static void start_clock(void)
{
	const char *text = getenv("TENK_CLOCK_RUNS");
	struct timespec now;

	if (text && strtol(text, NULL, 10) > 0)
		runs = strtol(text, NULL, 10);
	if (real_time(CLOCK_MONOTONIC, &now) == 0)
		origin_ns = to_ns(&now);
	if (clock_getres(CLOCK_MONOTONIC_COARSE, &now) == 0 && to_ns(&now) > 0)
		coarse_step_ns = to_ns(&now);
}

/* How long the world waits: never less than was asked for, and 0 only for 0. */
static int64_t shorten(int64_t length)
{
	return length > 0 ? (length + runs - 1) / runs : length;
}

static struct timespec shorten_time(const struct timespec *length)
{
	return from_ns(shorten(to_ns(length)));
}

static struct timeval shorten_timeval(const struct timeval *length)
{
	int64_t us = shorten(length->tv_sec * 1000000 + length->tv_usec);

	return (struct timeval){.tv_sec = us / 1000000, .tv_usec = us % 1000000};
}

/* When in the world it is so late by our clock. */
static struct timespec when(const struct timespec *ours)
{
	return from_ns(origin_ns + shorten(to_ns(ours) - origin_ns));
}

/* The coarse one is as coarse as the kernel's, not so many times as coarse. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	bool coarse = clock == CLOCK_MONOTONIC_COARSE;
	int result = real_time(coarse ? CLOCK_MONOTONIC : clock, now);
	int64_t ns;

	if (result == 0 && (coarse || clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW ||
			    clock == CLOCK_BOOTTIME)) {
		ns = origin_ns + (to_ns(now) - origin_ns) * runs;
		*now = from_ns(coarse ? ns - ns % coarse_step_ns : ns);
	}
	return result;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old)
{
	struct itimerspec mine = {.it_interval = shorten_time(&new->it_interval)};
	REAL(timerfd_settime);

	if (to_ns(&new->it_value) != 0)
		mine.it_value = (flags & TFD_TIMER_ABSTIME) ? when(&new->it_value)
							    : shorten_time(&new->it_value);
	return real(fd, flags, &mine, old);
}

int setitimer(__itimer_which_t which, const struct itimerval *new, struct itimerval *old)
{
	struct itimerval mine = {shorten_timeval(&new->it_interval),
				 shorten_timeval(&new->it_value)};
	REAL(setitimer);

	return real(which, &mine, old);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	struct timeval shorter;
	REAL(setsockopt);

	if (level == SOL_SOCKET && (name == SO_SNDTIMEO || name == SO_RCVTIMEO) &&
	    length == sizeof shorter) {
		shorter = shorten_timeval(value);
		value = &shorter;
	}
	return real(fd, level, name, value, length);
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	REAL(poll);
	return real(fds, count, (int)shorten(timeout));
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
	struct timespec shorter;
	REAL(ppoll);

	if (timeout)
		shorter = shorten_time(timeout);
	return real(fds, count, timeout ? &shorter : NULL, mask);
}

int select(int highest, fd_set *input, fd_set *output, fd_set *errors, struct timeval *timeout)
{
	struct timeval shorter;
	REAL(select);

	if (timeout)
		shorter = shorten_timeval(timeout);
	return real(highest, input, output, errors, timeout ? &shorter : NULL);
}

int pselect(int highest, fd_set *input, fd_set *output, fd_set *errors,
	    const struct timespec *timeout, const sigset_t *mask)
{
	struct timespec shorter;
	REAL(pselect);

	if (timeout)
		shorter = shorten_time(timeout);
	return real(highest, input, output, errors, timeout ? &shorter : NULL, mask);
}

int epoll_wait(int epoll_fd, struct epoll_event *events, int most, int timeout)
{
	REAL(epoll_wait);
	return real(epoll_fd, events, most, (int)shorten(timeout));
}

int epoll_pwait(int epoll_fd, struct epoll_event *events, int most, int timeout,
		const sigset_t *mask)
{
	REAL(epoll_pwait);
	return real(epoll_fd, events, most, (int)shorten(timeout), mask);
}

int epoll_pwait2(int epoll_fd, struct epoll_event *events, int most, const struct timespec *timeout,
		 const sigset_t *mask)
{
	struct timespec shorter;
	REAL(epoll_pwait2);

	if (timeout)
		shorter = shorten_time(timeout);
	return real(epoll_fd, events, most, timeout ? &shorter : NULL, mask);
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
	struct timespec shorter = shorten_time(time);
	REAL(nanosleep);

	return real(&shorter, left);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left)
{
	struct timespec shorter = (flags & TIMER_ABSTIME) ? when(time) : shorten_time(time);
	REAL(clock_nanosleep);

	return real(clock, flags, &shorter, left);
}
