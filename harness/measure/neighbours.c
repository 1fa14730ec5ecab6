#include "harness/measure/neighbours.h"

#include "lib/clock.h"
#include "lib/process_stat.h"

#include <dirent.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum { KERNEL_THREADS_PARENT = 2 };

static bool is_own(pid_t pid, const struct process_stat *stat, const pid_t *own, size_t own_count)
{
	for (size_t i = 0; i < own_count; i++)
		if (own[i] > 0 &&
		    (pid == own[i] || stat->group == own[i] || stat->session == own[i]))
			return true;
	return false;
}

/*
 * A child that ends adds what it used to its parent's sum when that has waited for it, so the sum
 * over all processes goes on as if it were still there.
 */
void neighbours_read(struct neighbours *neighbours, const pid_t *own, size_t own_count)
{
	DIR *directory = opendir("/proc");
	const struct dirent *entry;
	uint64_t ticks = 0;

	*neighbours = (struct neighbours){.at_ns = clock_now_ns(), .cpu_ns = NAN};
	if (!directory)
		return;
	while ((entry = readdir(directory)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		struct process_stat stat;

		if (pid <= 0 || pid == getpid() || !process_stat_read(pid, &stat))
			continue;
		if (stat.parent != KERNEL_THREADS_PARENT && !is_own(pid, &stat, own, own_count))
			ticks += stat.own_ticks + stat.children_ticks;
	}
	closedir(directory);
	neighbours->cpu_ns = (double)ticks * (double)NS_PER_S / (double)sysconf(_SC_CLK_TCK);
}
