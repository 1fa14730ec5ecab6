#include "harness/run/time_left.h"

#include <math.h>
#include <stdlib.h>

bool time_left_init(struct time_left *time, size_t cells)
{
	*time = (struct time_left){.cells = calloc(cells + 1, sizeof *time->cells), .count = cells};
	for (size_t i = 0; time->cells && i < cells; i++)
		time->cells[i].took_s = NAN;
	return time->cells != NULL;
}

void time_left_destroy(struct time_left *time)
{
	free(time->cells);
	*time = (struct time_left){0};
}

void time_left_add(struct time_left *time, size_t cell, struct trial_time thought)
{
	time->cells[cell].thought = thought;
	time->cells[cell].left++;
}

void time_left_drop(struct time_left *time, size_t cell)
{
	if (time->cells[cell].left > 0)
		time->cells[cell].left--;
}

void time_left_learn(struct time_left *time, size_t cell, double took_s)
{
	struct cell_time *one = &time->cells[cell];
	double rest_s = took_s - one->thought.load_s;

	one->took_s = took_s;
	if (rest_s <
	    0) /* it ended before its time: its server failed, say, which no other's does for that */
		return;
	time->rest_took_s += rest_s;
	time->rest_thought_s += one->thought.rest_s;
}

double time_left_of(const struct time_left *time, size_t cell)
{
	const struct cell_time *one = &time->cells[cell];
	double correction = time->rest_thought_s > 0 ? time->rest_took_s / time->rest_thought_s : 1;

	return isnan(one->took_s) ? one->thought.load_s + correction * one->thought.rest_s
				  : one->took_s;
}

double time_left_in_all(const struct time_left *time)
{
	double sum_s = 0;

	for (size_t i = 0; i < time->count; i++)
		sum_s += (double)time->cells[i].left * time_left_of(time, i);
	return sum_s;
}
