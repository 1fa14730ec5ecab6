/*
 * What a loop lends to core, in its own idiom, so that tasks, deadlines and the wake-up from other
 * threads are written once: a timer, and a watch on a descriptor.
 *
 * Nothing of this is thread-safe: all is called on the loop's own thread. `fire` and `ready` are called
 * from the loop's turn, never from within a service, so that core is never re-entered.
 */
#ifndef TENK_LOOP_SERVICES_H
#define TENK_LOOP_SERVICES_H

#include <stddef.h>
#include <stdint.h>

/*
 * The owner's storage; the loop uses `slot`, `handle` or `own` for its book-keeping. The last has room
 * for a library's own timer, so that starting one takes no allocation; it is there while it runs.
 */
enum { LOOP_TIMER_OWN_BYTES = 128, LOOP_WATCH_OWN_BYTES = 192 };

struct loop_timer {
	uint64_t due_ns; /* CLOCK_MONOTONIC */
	void (*fire)(struct loop_timer *timer);
	union {
		size_t slot;
		void *handle;
		_Alignas(8) unsigned char own[LOOP_TIMER_OWN_BYTES];
	};
};

enum loop_interest {
	LOOP_NOTHING = 0,
	LOOP_IN = 1,
	LOOP_OUT = 2,
	/* With LOOP_IN, and for good: of several loops that wait, one is woken, where epoll can tell. */
	LOOP_EXCLUSIVE = 4
};

/*
 * A descriptor that core itself owns: a connection to a database, an eventfd. Level-triggered: `ready` is
 * called in each turn in which it is ready for some of what it is watched for. An error or a hang-up
 * counts as all that it is watched for. The descriptor is closed only after the watch was stopped.
 */
struct loop_watch {
	int fd;
	unsigned interest; /* enum loop_interest, together; may be LOOP_NOTHING */
	void (*ready)(struct loop_watch *watch, unsigned events);
	union {
		size_t slot;
		void *handle;
		_Alignas(8) unsigned char own[LOOP_WATCH_OWN_BYTES];
	};
};

struct offload_job; /* servers/core/tasks/offload.h */

struct loop_services {
	/*
	 * Starts a timer that is not running: `fire` is called once from the loop, not before
	 * due_ns, never from within timer_start. Timers may differ in length and fire in the order
	 * of their due times. 0 or -ENOMEM.
	 */
	int (*timer_start)(void *loop, struct loop_timer *timer);
	/* Stops a running timer: `fire` is not called any more and the storage is free at once. */
	void (*timer_stop)(void *loop, struct loop_timer *timer);
	/*
	 * Starts a watch, with fd, interest and ready set. 0, -ENOMEM, -EMFILE, or -ERANGE where the
	 * number of the descriptor is too high for the loop (select).
	 */
	int (*watch_start)(void *loop, struct loop_watch *watch);
	/* Watches for something else from now on. 0 or -errno (then it watches for what it did). */
	int (*watch_change)(void *loop, struct loop_watch *watch, unsigned interest);
	/*
	 * Stops it: `ready` is not called any more, not even for what the loop has learnt already in
	 * this turn, and the storage is free at once; so from within its own `ready`, too. What the owner
	 * has set is as it was.
	 */
	void (*watch_stop)(void *loop, struct loop_watch *watch);
	/*
	 * Runs a job in a pool of threads of the loop's own library: job->run there, then job->ended
	 * from the loop. NULL: core's (offload.h) is right. 0 or -errno.
	 */
	int (*offload)(void *loop, struct offload_job *job);
};

#endif
