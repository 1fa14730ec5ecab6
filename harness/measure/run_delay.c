#include "harness/measure/run_delay.h"

#include "harness/measure/process_tree.h"
#include "lib/clock.h"
#include "lib/process_stat.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* What threads may have had that have ended, and what is a tick behind in those that run. */
static const double unknown_share = 0.1;
#define BEHIND_NS (20 * NS_PER_MS)

/* Helpers, such as collectors of garbage, have less than such a part of what a worker has. */
enum { WORKS_ONE_IN = 4 };

static const char too_many[] = "more than 1024 threads: to look at each would disturb them";
static const char not_told[] =
	"the kernel does not tell (/proc/PID/schedstat, CONFIG_SCHED_INFO or CONFIG_SCHEDSTATS)";
static const char no_process[] = "its processes are not known";
static const char no_cpu[] = "its CPU is not available, to tell how many threads have ended";
static const char ended[] =
	"over a tenth of its CPU was of threads that ended in the measured window, and what they "
	"waited is lost";

/* Appends the threads of one process, by number only. False: there is no room for all. */
static bool list_threads(struct run_delay *delay, pid_t pid, pid_t *owners)
{
	pid_t tids[RUN_DELAY_THREADS];
	ssize_t count = process_threads_list(pid, tids, RUN_DELAY_THREADS - delay->count);

	for (ssize_t i = 0; i < count; i++) {
		owners[delay->count] = pid;
		delay->threads[delay->count++] = (struct thread_times){.tid = tids[i]};
	}
	return count >= 0;
}

static bool read_times(struct thread_times *times, pid_t owner)
{
	char path[80];

	snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", (int)owner, (int)times->tid);
	return process_schedstat_read(path, &times->ran_ns, &times->waited_ns);
}

static int by_tid(const void *left, const void *right)
{
	pid_t a = ((const struct thread_times *)left)->tid;
	pid_t b = ((const struct thread_times *)right)->tid;

	return (a > b) - (a < b);
}

void run_delay_read(struct run_delay *delay, const pid_t *pids, size_t count)
{
	pid_t owners[RUN_DELAY_THREADS];
	size_t listed;

	delay->missing = NULL;
	delay->count = 0;
	for (size_t i = 0; i < count && !delay->missing; i++)
		if (!list_threads(delay, pids[i], owners))
			delay->missing = too_many;
	if (delay->missing || delay->count == 0) {
		delay->missing = delay->missing ? delay->missing : no_process;
		delay->count = 0;
		return;
	}
	listed = delay->count;
	delay->count = 0;
	for (size_t i = 0; i < listed; i++)
		if (read_times(&delay->threads[i], owners[i]))
			delay->threads[delay->count++] = delay->threads[i];
	qsort(delay->threads, delay->count, sizeof *delay->threads, by_tid);
	if (delay->count == 0)
		delay->missing = not_told;
}

/* What a thread had before the window; nothing if it is new. */
static struct thread_times times_before(const struct run_delay *begin,
					const struct thread_times *now)
{
	const struct thread_times *then = bsearch(now, begin->threads, begin->count, sizeof *now,
						  by_tid);

	/* Less than before: another thread has got the number. */
	if (!then || then->ran_ns > now->ran_ns || then->waited_ns > now->waited_ns)
		return (struct thread_times){0};
	return *then;
}

void run_delay_add_between(struct run_delay *sum, const struct run_delay *begin,
			   const struct run_delay *end)
{
	size_t known = sum->count; /* of which the order is kept meanwhile */

	if (begin->missing || end->missing)
		sum->missing = begin->missing ? begin->missing : end->missing;
	for (size_t i = 0; i < end->count && !sum->missing; i++) {
		const struct thread_times *now = &end->threads[i];
		struct thread_times then = times_before(begin, now), *own;

		own = bsearch(now, sum->threads, known, sizeof *now, by_tid);
		if (!own && sum->count == RUN_DELAY_THREADS) {
			sum->missing = too_many;
			return;
		}
		if (!own) {
			own = &sum->threads[sum->count++];
			*own = (struct thread_times){.tid = now->tid};
		}
		own->ran_ns += now->ran_ns - then.ran_ns;
		own->waited_ns += now->waited_ns - then.waited_ns;
	}
	qsort(sum->threads, sum->count, sizeof *sum->threads, by_tid);
}

const char *run_delay_between(const struct run_delay *begin, const struct run_delay *end,
			      double cpu_ns, double *waited_ns)
{
	uint64_t ran_ns = 0, sum_ns = 0;

	*waited_ns = NAN;
	if (begin->missing || end->missing)
		return begin->missing ? begin->missing : end->missing;
	if (isnan(cpu_ns))
		return no_cpu;
	for (size_t i = 0; i < end->count; i++) {
		const struct thread_times *now = &end->threads[i];
		struct thread_times then = times_before(begin, now);

		ran_ns += now->ran_ns - then.ran_ns;
		sum_ns += now->waited_ns - then.waited_ns;
	}
	if ((double)ran_ns < (1 - unknown_share) * cpu_ns - (double)BEHIND_NS)
		return ended;
	*waited_ns = (double)sum_ns;
	return NULL;
}

unsigned run_delay_workers(const struct run_delay *begin, const struct run_delay *end)
{
	unsigned workers = 0;
	uint64_t most_ns = 0;

	if (begin->missing || end->missing)
		return 0;
	for (int counting = 0; counting <= 1; counting++)
		for (size_t i = 0; i < end->count; i++) {
			const struct thread_times *now = &end->threads[i];
			uint64_t ran_ns = now->ran_ns - times_before(begin, now).ran_ns;

			if (counting)
				workers += ran_ns > 0 && ran_ns >= most_ns / WORKS_ONE_IN;
			else if (ran_ns > most_ns)
				most_ns = ran_ns;
		}
	return workers;
}
