/*
 * What another C library than glibc lacks of what Linux has (musl, as Alpine Linux uses it). With glibc this
 * is empty. As there, each returns what glibc's manual says; what cannot be had says so. They have names of their own,
 * since a later release may have the function itself.
 */
#ifndef TENK_LIBC_H
#define TENK_LIBC_H

#include <features.h>

#ifndef __GLIBC__

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE (1 << 1)
#endif

static inline int libc_close_range(unsigned int first, unsigned int last, int flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

static inline int libc_renameat2(int old_folder, const char *old, int new_folder, const char *new,
				 unsigned int flags)
{
	return (int)syscall(SYS_renameat2, old_folder, old, new_folder, new, flags);
}

static inline int libc_epoll_pwait2(int epoll_fd, struct epoll_event *events, int most,
				    const struct timespec *timeout, const sigset_t *mask)
{
	return (int)syscall(SYS_epoll_pwait2, epoll_fd, events, most, timeout, mask, _NSIG / 8);
}

/* Free memory is given back as it is freed. */
static inline int libc_malloc_trim(size_t kept)
{
	(void)kept;
	return 0;
}

/* Only conditions made for it wait by another clock: a clock that is set makes this one wait longer or shorter. */
static inline int libc_pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *lock,
					      clockid_t clock, const struct timespec *until)
{
	enum { SECOND_NS = 1000000000 };
	struct timespec now, realtime;

	clock_gettime(clock, &now);
	clock_gettime(CLOCK_REALTIME, &realtime);
	realtime.tv_sec += until->tv_sec - now.tv_sec;
	realtime.tv_nsec += until->tv_nsec - now.tv_nsec;
	if (realtime.tv_nsec < 0) {
		realtime.tv_nsec += SECOND_NS;
		realtime.tv_sec--;
	} else if (realtime.tv_nsec >= SECOND_NS) {
		realtime.tv_nsec -= SECOND_NS;
		realtime.tv_sec++;
	}
	return pthread_cond_timedwait(condition, lock, &realtime);
}

/* A thread is not made on a core, only moved there: what must begin there cannot be measured. */
static inline int libc_pthread_attr_setaffinity_np(pthread_attr_t *attributes, size_t size,
						   const cpu_set_t *cores)
{
	(void)attributes;
	(void)size;
	(void)cores;
	return ENOTSUP;
}

/* "ENOENT": known to no function. */
static inline const char *libc_strerrorname_np(int problem)
{
	(void)problem;
	return NULL;
}

#define close_range		    libc_close_range
#define renameat2		    libc_renameat2
#define epoll_pwait2		    libc_epoll_pwait2
#define malloc_trim		    libc_malloc_trim
#define pthread_cond_clockwait	    libc_pthread_cond_clockwait
#define pthread_attr_setaffinity_np libc_pthread_attr_setaffinity_np
#define strerrorname_np		    libc_strerrorname_np

#endif
#endif
