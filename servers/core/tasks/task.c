#include "servers/core/tasks/task.h"

#include "lib/clock.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

void task_run(const struct task *task)
{
	struct timespec until = clock_to_timespec(clock_now_ns() + task->duration_ns);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

static void timer_fired(struct loop_timer *timer)
{
	struct task *task = (struct task *)((char *)timer - offsetof(struct task, timer));

	task->running = false;
	task->done(task->context);
}

int task_start(struct task *task, const struct loop_services *services, void *loop,
	       void (*done)(void *context), void *context)
{
	int result;

	if (task->running)
		return 0;
	task->services = services;
	task->loop = loop;
	task->done = done;
	task->context = context;
	task->timer.fire = timer_fired;
	task->timer.due_ns = clock_now_ns() + task->duration_ns;
	result = services->timer_start(loop, &task->timer);
	task->running = result == 0;
	return result;
}

void task_cancel(struct task *task)
{
	if (!task->running)
		return;
	task->services->timer_stop(task->loop, &task->timer);
	task->running = false;
}
