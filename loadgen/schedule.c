#include "loadgen/schedule.h"

#include <math.h>

/* A rate of next to nothing is due at the end of time, not at an overflow. */
static const double endless_ns = (double)(INT64_MAX / 2);

static void schedule_find_due(struct schedule *schedule)
{
	uint64_t from_ns = schedule->base_ns;
	double since_ns;

	if (schedule->stages_ns && schedule->position >= schedule->before) {
		from_ns = schedule->stages_ns;
		since_ns = stages_when(schedule->stages, schedule->position - schedule->before);
	} else {
		since_ns = schedule->position / schedule->rate_per_s * 1e9;
	}
	schedule->due_ns = since_ns < schedule->span_ns ? from_ns + (uint64_t)since_ns : UINT64_MAX;
}

void schedule_init(struct schedule *schedule, const struct options *options, uint64_t base_ns,
		   struct share share)
{
	*schedule = (struct schedule){
		.arrivals = options->arrivals,
		.base_ns = base_ns,
		.span_ns = endless_ns,
		.rate_per_s = options->rate_per_s,
		.position = share.first,
		.step = share.total,
	};
	/* Seeds that are next to each other make sequences that have nothing in common. */
	random_seed(&schedule->random, options->seed * UINT64_C(1000003) + share.first);
	if (options->arrivals == ARRIVALS_POISSON)
		schedule->position = schedule->step * random_exponential(&schedule->random);
	schedule_find_due(schedule);
}

void schedule_init_burst(struct schedule *schedule, uint64_t base_ns, uint64_t count)
{
	*schedule = (struct schedule){.arrivals = ARRIVALS_BURST,
				      .base_ns = base_ns,
				      .count = count,
				      .due_ns = count ? base_ns : UINT64_MAX};
}

void schedule_begin_stages(struct schedule *schedule, const struct stages *stages,
			   uint64_t start_ns)
{
	double seconds = start_ns > schedule->base_ns ? (double)(start_ns - schedule->base_ns) / 1e9
						      : 0;

	schedule->stages = stages;
	schedule->stages_ns = start_ns;
	schedule->before = seconds * schedule->rate_per_s;
	schedule_find_due(schedule);
}

void schedule_pause(struct schedule *schedule, uint64_t end_ns)
{
	schedule->span_ns = (double)(end_ns - schedule->base_ns);
	schedule_find_due(schedule);
}

void schedule_go_on(struct schedule *schedule, uint64_t start_ns)
{
	schedule->base_ns = start_ns - (uint64_t)schedule->span_ns;
	schedule->span_ns = endless_ns;
	schedule_find_due(schedule);
}

void schedule_advance(struct schedule *schedule)
{
	schedule->index++;
	switch (schedule->arrivals) {
	case ARRIVALS_BURST:
		if (schedule->index >= schedule->count)
			schedule->due_ns = UINT64_MAX;
		return;
	case ARRIVALS_POISSON:
		schedule->position += schedule->step * random_exponential(&schedule->random);
		break;
	default:
		schedule->position += schedule->step;
		break;
	}
	schedule_find_due(schedule);
}

uint64_t schedule_count_until(const struct schedule *schedule, uint64_t time_ns)
{
	struct schedule copy = *schedule;

	while (copy.due_ns < time_ns)
		schedule_advance(&copy);
	return copy.index - schedule->index;
}
