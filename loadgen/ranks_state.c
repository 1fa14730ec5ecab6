#include "loadgen/ranks.h"

void ranks_state_add(struct ranks_state *all, const struct ranks_state *one)
{
	all->open += one->open;
	all->opened += one->opened;
	all->crowd_open += one->crowd_open;
	all->awaited += one->awaited;
	all->crowd_awaited += one->crowd_awaited;
	all->rests += one->rests;
	all->cpu_ns += one->cpu_ns;
	all->workers += one->workers;
	all->settled += one->settled;
	all->loading += one->loading;
	all->ended += one->ended;
	all->drained += one->drained;
	all->finished += one->finished;
	all->broken += one->broken;
	slice_counts_add(&all->slice, &one->slice);
}
