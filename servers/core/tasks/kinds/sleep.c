#include "servers/core/tasks/kinds/sleep.h"

#include "lib/clock.h"

#include <errno.h>

void sleep_for(uint64_t ns)
{
	struct timespec until = clock_to_timespec(clock_now_ns() + ns);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}
