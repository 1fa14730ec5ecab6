/*
 * thread-created: what does it take to have a task done by a thread that is made for it?
 *
 * The task does nothing, so what is measured is the way there and back: the thread is created, runs on the same core,
 * ends, and is joined. Then the next is created, 2,000 of them; the median is told, and the first hundred, for which
 * stacks are mapped for the first time, are left out.
 *
 * Try: build/release/observe-thread-created
 * Compare with: thread_kept.c, where the thread is there already.
 */
#include "servers/observed/shared/observed.h"

#include <pthread.h>

static void *do_task(void *argument)
{
	return argument;
}

static void hand_over(void *context)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, do_task, NULL);

	(void)context;
	if (error == 0)
		error = pthread_join(thread, NULL);
	if (error)
		observation_fail("a thread", error);
}

int main(void)
{
	return observation_tell(json_pack("{s:f}", "handover_ns", median_time_ns(hand_over, NULL)),
				NULL, NULL);
}
