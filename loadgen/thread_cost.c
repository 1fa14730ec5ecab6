#include "loadgen/thread_cost.h"
#include "lib/clock.h"
#include "lib/process_stat.h"

#include <sys/resource.h>

static uint64_t timeval_ns(struct timeval time)
{
	return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_usec * NS_PER_US;
}

void thread_cost_read_delay(struct thread_cost *cost)
{
	uint64_t ran_ns;

	if (!process_schedstat_read("/proc/thread-self/schedstat", &ran_ns, &cost->run_delay_ns))
		cost->run_delay_ns = UINT64_MAX;
}

void thread_cost_read_cpu(struct thread_cost *cost)
{
	struct rusage usage = {0};

	cost->all_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	getrusage(RUSAGE_THREAD, &usage);
	cost->user_ns = timeval_ns(usage.ru_utime);
	cost->system_ns = timeval_ns(usage.ru_stime);
}

void thread_cost_add(struct result *result, const struct thread_cost *since)
{
	struct thread_cost now;

	thread_cost_read_cpu(&now);
	thread_cost_read_delay(&now);
	result->cpu_ns += now.all_ns - since->all_ns;
	result->user_ns += now.user_ns - since->user_ns;
	result->system_ns += now.system_ns - since->system_ns;
	if (since->run_delay_ns == UINT64_MAX || now.run_delay_ns == UINT64_MAX)
		result->run_delay_unknown++;
	else
		result->run_delay_ns += now.run_delay_ns - since->run_delay_ns;
}
