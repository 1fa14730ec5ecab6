/*
 * How long threads waited for a core although they could run: the kernel's "run delay", the second
 * field of /proc/PID/task/TID/schedstat (Documentation/scheduler/sched-stats.rst).
 *
 * The kernel forgets it with the thread. So what is known of a window is the delay of those threads
 * that were there at its end, and it stands for the server as long as those that ended meanwhile had
 * little of its CPU, which is known of them too.
 */
#ifndef TENK_RUN_DELAY_H
#define TENK_RUN_DELAY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* To look at so many takes 10 ms; more would disturb what is measured. */
enum { RUN_DELAY_THREADS = 1024 };

struct thread_times {
	pid_t tid;
	uint64_t ran_ns, waited_ns; /* since it was made */
};

struct run_delay {
	const char *missing; /* why it is not known, static; NULL: it is */
	size_t count;
	struct thread_times threads[RUN_DELAY_THREADS]; /* by tid */
};

/* Of all threads of these processes; one that has ended has none. */
void run_delay_read(struct run_delay *delay, const pid_t *pids, size_t count);

/*
 * What the threads waited, in sum, between two readings in which their processes used `cpu_ns`
 * (NAN: not known), into *waited_ns. Returns NULL, or why it is not known (static).
 */
const char *run_delay_between(const struct run_delay *begin, const struct run_delay *end,
			      double cpu_ns, double *waited_ns);

/*
 * Adds to each thread of *sum (of zeros before the first time) what it had between two readings, so
 * that between nothing and *sum are several windows together.
 */
void run_delay_add_between(struct run_delay *sum, const struct run_delay *begin,
			   const struct run_delay *end);

/*
 * How many of the threads do the work: those that ran for at least a quarter of the time, between the
 * two readings, that the busiest one ran. 0: not known. Of use only where run_delay_between knows
 * the delay, since threads that have ended are not seen.
 */
unsigned run_delay_workers(const struct run_delay *begin, const struct run_delay *end);

#endif
