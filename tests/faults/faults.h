/*
 * What the faults library and its driver (drive.py) share: a file that both have mapped, named by
 * the environment variable TENK_FAULTS. Processes that a server forks share it too.
 */
#ifndef TENK_FAULTS_H
#define TENK_FAULTS_H

#include <stdatomic.h>
#include <stdint.h>

enum fault_kind {
	FAULT_ALLOCATION, /* malloc and its kin, mmap of memory, mprotect */
	FAULT_WATCH,	  /* epoll_ctl, adding */
	FAULT_RECEIVE,	  /* recv and its kin take a few bytes only */
	FAULT_SEND,	  /* send and its kin, likewise */
	FAULT_INTERRUPT,  /* all that may wait says EINTR */
	FAULT_AGAIN,	  /* what does not wait says EAGAIN: sockets, the listener */
	FAULT_ACCEPT,	  /* accept fails with `error` */
	FAULT_THREAD,	  /* pthread_create */
	FAULT_PROCESS,	  /* fork */
	FAULT_KINDS
};

/* Written by the driver, but for the last two. All zero: calls are counted and nothing fails. */
struct fault {
	_Atomic uint32_t first, last; /* of the calls that are counted, which ones may fail */
	_Atomic uint32_t chance;      /* and how many of 256 do */
	_Atomic uint32_t error;
	_Atomic uint32_t calls;
	_Atomic uint32_t injected;
};

struct faults {
	struct fault kinds[FAULT_KINDS];
	/* Calls on sockets and epoll, and those that wait, by a thread that held a mutex. */
	_Atomic uint32_t under_lock;
};

#endif
