/* What /proc says of a process in PID/stat, and of how long one waited for a core. */
#ifndef TENK_PROCESS_STAT_H
#define TENK_PROCESS_STAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Times are in ticks, of which there are sysconf(_SC_CLK_TCK) a second, in user and system. */
struct process_stat {
	pid_t parent, group, session;
	uint64_t own_ticks;	 /* of its threads, those that have ended too */
	uint64_t children_ticks; /* of children that it has waited for, and of theirs */
};

/* False: there is no such process any more. Allocates nothing, so it may be called after a fork. */
bool process_stat_read(pid_t pid, struct process_stat *stat);

/*
 * The first two fields of a schedstat file (Documentation/scheduler/sched-stats.rst): how long it
 * ran, and how long it could run and had no core. False: it has ended, or never ran, which is also
 * what a kernel says that does not count.
 */
bool process_schedstat_read(const char *path, uint64_t *ran_ns, uint64_t *waited_ns);

#endif
