/*
 * thread-kept: what does it take to have a task done by a thread that waits for tasks?
 *
 * The task does nothing, so what is measured is the way there and back: the thread is woken, as a thread of a pool is,
 * runs on the same core, says that it is done, and waits for the next. 2,000 times; the median is told, and the
 * first hundred are left out.
 *
 * Try: build/release/observe-thread-kept
 * Compare with: thread_created.c, where a thread is made for each task.
 */
#include "servers/observed/shared/observed.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

static struct {
	sem_t task, done;
} pool;

static void await(sem_t *semaphore)
{
	while (sem_wait(semaphore) < 0)
		if (errno != EINTR)
			observation_fail("sem_wait", errno);
}

static void *work(void *argument)
{
	for (;;) {
		await(&pool.task);
		sem_post(&pool.done);
	}
	return argument;
}

static void hand_over(void *context)
{
	(void)context;
	sem_post(&pool.task);
	await(&pool.done);
}

int main(void)
{
	pthread_t thread;
	int error;

	sem_init(&pool.task, 0, 0);
	sem_init(&pool.done, 0, 0);
	error = pthread_create(&thread, NULL, work, NULL);
	if (error)
		observation_fail("a thread", error);
	return observation_tell(json_pack("{s:f}", "handover_ns", median_time_ns(hand_over, NULL)),
				NULL, NULL);
}
