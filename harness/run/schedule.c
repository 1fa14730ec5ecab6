#include "harness/run/schedule.h"

/* Whether a block of all points ends before this trial, which makes them so many. */
static bool is_at_end(const struct run *run, size_t index, unsigned *blocks)
{
	const struct planned_trial *trials = run->plan.trials;

	if (index == 0)
		return false;
	*blocks = trials[index - 1].trial;
	return trials[index].trial != *blocks;
}

/* Ends the plan, also for who reads the run or goes on with it. */
static void cut(struct run *run, size_t count)
{
	plan_cut(&run->plan, count);
	json_object_set_new(run->json, "planned_trials", json_integer((json_int_t)count));
}

bool schedule_next(struct run *run, struct block *block)
{
	unsigned blocks;

	while (run->next < run->plan.count) {
		block->first = run->next;
		if (is_at_end(run, block->first, &blocks) && run->decided &&
		    run->decided(run->decided_context, blocks)) {
			cut(run, block->first);
			return false;
		}
		run->next = block->end = plan_block_end(&run->plan, block->first);
		if (!run->states[block->first].done) /* and so none of the block */
			return true;
	}
	return false;
}
