/*
 * What a loop lends to core, in its own idiom, so that tasks and deadlines are written once.
 *
 * Today that is a timer. A watch on a descriptor and a wake-up from another thread join it with
 * the tasks that need them; docs/models.md shows their contract.
 */
#ifndef TENK_LOOP_SERVICES_H
#define TENK_LOOP_SERVICES_H

#include <stddef.h>
#include <stdint.h>

/*
 * The owner's storage; the loop uses `slot`, `handle` or `own` for its book-keeping. The last has room
 * for a library's own timer, so that starting one takes no allocation; it is there while it runs.
 */
enum { LOOP_TIMER_OWN_BYTES = 128 };

struct loop_timer {
	uint64_t due_ns; /* CLOCK_MONOTONIC */
	void (*fire)(struct loop_timer *timer);
	union {
		size_t slot;
		void *handle;
		_Alignas(8) unsigned char own[LOOP_TIMER_OWN_BYTES];
	};
};

struct loop_services {
	/*
	 * Starts a timer that is not running: `fire` is called once from the loop, not before
	 * due_ns, never from within timer_start. Timers may differ in length and fire in the order
	 * of their due times. 0 or -ENOMEM.
	 */
	int (*timer_start)(void *loop, struct loop_timer *timer);
	/* Stops a running timer: `fire` is not called any more and the storage is free at once. */
	void (*timer_stop)(void *loop, struct loop_timer *timer);
};

#endif
