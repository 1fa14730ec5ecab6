#include "servers/core/loops/timers.h"

#include <errno.h>
#include <stdlib.h>

static void place(struct timers *timers, size_t slot, struct loop_timer *timer)
{
	timers->heap[slot] = timer;
	timer->slot = slot;
}

static void sift_up(struct timers *timers, size_t slot, struct loop_timer *timer)
{
	while (slot > 0) {
		size_t parent = (slot - 1) / 2;

		if (timers->heap[parent]->due_ns <= timer->due_ns)
			break;
		place(timers, slot, timers->heap[parent]);
		slot = parent;
	}
	place(timers, slot, timer);
}

static void sift_down(struct timers *timers, size_t slot, struct loop_timer *timer)
{
	for (;;) {
		size_t child = 2 * slot + 1;

		if (child >= timers->count)
			break;
		if (child + 1 < timers->count &&
		    timers->heap[child + 1]->due_ns < timers->heap[child]->due_ns)
			child++;
		if (timers->heap[child]->due_ns >= timer->due_ns)
			break;
		place(timers, slot, timers->heap[child]);
		slot = child;
	}
	place(timers, slot, timer);
}

void timers_destroy(struct timers *timers)
{
	free(timers->heap);
	*timers = (struct timers){0};
}

int timers_start(struct timers *timers, struct loop_timer *timer)
{
	if (timers->count == timers->capacity) {
		size_t capacity = timers->capacity ? 2 * timers->capacity : 64;
		struct loop_timer **heap = realloc(timers->heap, capacity * sizeof *heap);

		if (!heap)
			return -ENOMEM;
		timers->heap = heap;
		timers->capacity = capacity;
	}
	sift_up(timers, timers->count++, timer);
	return 0;
}

void timers_stop(struct timers *timers, struct loop_timer *timer)
{
	size_t slot = timer->slot;
	struct loop_timer *last = timers->heap[--timers->count];

	if (last == timer)
		return;
	if (slot > 0 && timers->heap[(slot - 1) / 2]->due_ns > last->due_ns)
		sift_up(timers, slot, last);
	else
		sift_down(timers, slot, last);
}

static int start_timer(void *loop, struct loop_timer *timer)
{
	return timers_start(loop, timer);
}

static void stop_timer(void *loop, struct loop_timer *timer)
{
	timers_stop(loop, timer);
}

const struct loop_services timers_services = {.timer_start = start_timer, .timer_stop = stop_timer};

uint64_t timers_next_ns(const struct timers *timers)
{
	return timers->count ? timers->heap[0]->due_ns : UINT64_MAX;
}

void timers_fire(struct timers *timers, uint64_t now_ns, size_t most)
{
	for (; most && timers->count && timers->heap[0]->due_ns <= now_ns; most--) {
		struct loop_timer *timer = timers->heap[0];

		timers_stop(timers, timer);
		timer->fire(timer);
	}
}
