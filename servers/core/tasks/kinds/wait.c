/* /wait/MS: lets that time pass. A thread sleeps, a loop arms a timer. Never early. */
#include "lib/clock.h"
#include "servers/core/tasks/reply.h"
#include "servers/core/tasks/kinds/sleep.h"
#include "servers/core/tasks/tools.h"

#define WAIT_MOST_MS UINT64_C(60000)

struct wait {
	struct task task;
	struct loop_timer timer;
};

static void time_came(struct loop_timer *timer)
{
	task_end((struct task *)((char *)timer - offsetof(struct wait, timer)));
}

static enum task_started start_timer(struct task *task, uint64_t ns)
{
	struct wait *wait = (struct wait *)task;

	wait->timer.fire = time_came;
	wait->timer.due_ns = clock_now_ns() + ns;
	if (task->tools->services->timer_start(task->tools->loop, &wait->timer) == 0)
		return TASK_RUNS;
	task_fail(task, 503, "no memory for a timer");
	return TASK_ENDED;
}

static void cancel(struct task *task)
{
	task->tools->services->timer_stop(task->tools->loop, &((struct wait *)task)->timer);
}

static void run(struct task *task)
{
	sleep_for(task->numbers[0] * NS_PER_MS);
}

static enum task_started start(struct task *task)
{
	return start_timer(task, task->numbers[0] * NS_PER_MS);
}

static void answer(const struct task *task, struct reply *reply)
{
	reply_say(reply, "Waited %llu ms", (unsigned long long)task->numbers[0]);
}

const struct task_kind task_wait = {
	.name = "wait",
	.route = "/wait/MS",
	.most = {WAIT_MOST_MS},
	.bytes = sizeof(struct wait),
	.run = run,
	.start = start,
	.cancel = cancel,
	.answer = answer,
};

static void run_delay(struct task *task)
{
	sleep_for(task->numbers[0]);
}

static enum task_started start_delay(struct task *task)
{
	return start_timer(task, task->numbers[0]);
}

const struct task_kind task_delay = {
	.name = "delay",
	.bytes = sizeof(struct wait),
	.run = run_delay,
	.start = start_delay,
	.cancel = cancel,
};
