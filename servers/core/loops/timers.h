/*
 * Timers of any length for loops that have none of their own: a binary heap by due time.
 * Not thread-safe: one heap per loop.
 */
#ifndef TENK_TIMERS_H
#define TENK_TIMERS_H

#include "servers/core/tasks/loop_services.h"

struct timers {
	struct loop_timer **heap;
	size_t count, capacity;
};

/* A zeroed struct is an empty heap. */
void timers_destroy(struct timers *timers);

/* As loop_services' timer_start and timer_stop. */
int timers_start(struct timers *timers, struct loop_timer *timer);
void timers_stop(struct timers *timers, struct loop_timer *timer);

/* The two as services; the loop that they are given is the heap. */
extern const struct loop_services timers_services;

/* When the next one is due; UINT64_MAX if none runs. */
uint64_t timers_next_ns(const struct timers *timers);

/* Fires what is due by now_ns, in order; also what a callback starts that is due by then. */
void timers_fire(struct timers *timers, uint64_t now_ns);

#endif
