#include "harness/measure/kernel_threads.h"

#include "lib/clock.h"
#include "lib/process_stat.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

/* Its number where it can be seen; in a container another process may have it. */
enum { KERNEL_THREADS_PARENT = 2 };

void kernel_threads_read(struct kernel_threads *threads)
{
	DIR *directory = opendir("/proc");
	const struct dirent *entry;
	struct process_stat stat;
	uint64_t ticks = 0;

	*threads = (struct kernel_threads){.at_ns = clock_now_ns()};
	if (!directory)
		return;
	/* A kernel thread has no group: of a container's second process these are not 0. */
	if (process_stat_read(KERNEL_THREADS_PARENT, &stat) && stat.group == 0)
		while ((entry = readdir(directory)) != NULL) {
			pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

			if (pid > 0 && process_stat_read(pid, &stat) &&
			    stat.parent == KERNEL_THREADS_PARENT)
				ticks += stat.own_ticks;
		}
	closedir(directory);
	threads->cpu_ns = (double)ticks * (double)NS_PER_S / (double)sysconf(_SC_CLK_TCK);
}

double kernel_threads_between(const struct kernel_threads *before,
			      const struct kernel_threads *after)
{
	if (after->at_ns <= before->at_ns)
		return 0;
	/* One that ended meanwhile takes what it used with it. */
	return fmax(0, after->cpu_ns - before->cpu_ns) / (double)(after->at_ns - before->at_ns);
}
