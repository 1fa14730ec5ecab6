/*
 * Time as deadlines know it: coarse ticks of CLOCK_MONOTONIC, of which 32 bits last nine years of a
 * machine's uptime. A deadline is as much as two ticks late, and at most a step of the kernel's coarse
 * clock (some milliseconds) early; in return, reading the time costs a few nanoseconds.
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

#endif
