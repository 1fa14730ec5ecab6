/*
 * Time as deadlines know it: coarse ticks of CLOCK_MONOTONIC, of which 32 bits last nine years of a
 * machine's uptime. They are read from the kernel's coarse clock, which costs a few nanoseconds and
 * may be some milliseconds behind. So a deadline is never early, and as much as three ticks late.
 */
#ifndef TENK_TICKS_H
#define TENK_TICKS_H

#include "lib/clock.h"

#include <stdint.h>

#define TICK_NS	   (UINT64_C(1) << 26) /* 67 ms */
#define TICK_NEVER UINT32_MAX

static inline uint32_t tick_at(uint64_t ns)
{
	return (uint32_t)(ns / TICK_NS);
}

static inline uint32_t tick_now(void)
{
	return tick_at(clock_read_ns(CLOCK_MONOTONIC_COARSE));
}

/* How many ticks last at least that long; a year stands for all that is longer. */
static inline uint32_t ticks_lasting(uint64_t ns)
{
	const uint64_t most_ns = UINT64_C(365) * 86400 * NS_PER_S;

	return tick_at((ns < most_ns ? ns : most_ns) + TICK_NS - 1);
}

/*
 * When so many ticks will have passed since `now`, of which nobody knows how much has passed already,
 * nor whether the next has begun, of which the coarse clock does not know yet.
 */
static inline uint32_t tick_after(uint32_t now, uint32_t lasting)
{
	return now + lasting + 2;
}

#endif
