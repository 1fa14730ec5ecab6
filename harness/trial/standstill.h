/*
 * Whether the world stood still while a trial ran: the machine slept (CLOCK_BOOTTIME goes on then, CLOCK_MONOTONIC does
 * not), or processes were stopped, by Ctrl-Z, SIGSTOP or a freezer. Nothing that was measured then is anybody's.
 */
#ifndef TENK_STANDSTILL_H
#define TENK_STANDSTILL_H

#include <stdint.h>

/* What there had been of it when the trial began. */
struct standstill {
	uint64_t slept_ns;  /* of this machine, since it was started */
	unsigned continued; /* how often tenk has gone on after it was stopped */
};

void standstill_read(struct standstill *now);

#endif
