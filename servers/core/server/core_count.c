#include "servers/core/server/core_count.h"

#include <sched.h>
#include <unistd.h>

unsigned core_count(void)
{
	cpu_set_t cores;
	long online;

	if (sched_getaffinity(0, sizeof cores, &cores) == 0)
		return (unsigned)CPU_COUNT(&cores);
	online = sysconf(_SC_NPROCESSORS_ONLN); /* more cores than the set has room for */
	return online > 0 ? (unsigned)online : 1;
}
