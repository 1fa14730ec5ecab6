#include "loadgen/schedule.h"

void schedule_init(struct schedule *schedule, uint64_t base_ns, double rate_per_s, unsigned thread,
		   unsigned threads)
{
	double interval_ns = 1e9 / rate_per_s;

	schedule->base_ns = base_ns;
	schedule->offset_ns = interval_ns * thread;
	schedule->period_ns = interval_ns * threads;
}

uint64_t schedule_due_ns(const struct schedule *schedule, uint64_t index)
{
	double since = schedule->offset_ns + (double)index * schedule->period_ns;

	/* A rate of next to nothing is due at the end of time, not at an overflow. */
	if (since >= (double)(INT64_MAX / 2))
		return UINT64_MAX;
	return schedule->base_ns + (uint64_t)since;
}

uint64_t schedule_count_before(const struct schedule *schedule, uint64_t time_ns)
{
	double since = time_ns > schedule->base_ns ? (double)(time_ns - schedule->base_ns) : 0;
	double estimate = (since - schedule->offset_ns) / schedule->period_ns;
	uint64_t count = estimate > 0 ? (uint64_t)estimate : 0;

	/* The estimate may be off by rounding; schedule_due_ns alone decides. */
	while (count > 0 && schedule_due_ns(schedule, count - 1) >= time_ns)
		count--;
	while (schedule_due_ns(schedule, count) < time_ns)
		count++;
	return count;
}
