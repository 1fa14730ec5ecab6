/*
 * /calls/N/wait/MS: a request that has to ask N others, each of which takes so long: one after the other, or
 * with `?together` all at once. In a loop these are N timers. In a thread they are helper threads, which
 * are made for this request and waited for (fork and join); where fewer can be had, these and the thread
 * itself do what is left one after the other.
 */
#include "lib/clock.h"
#include "servers/core/tasks/reply.h"
#include "servers/core/tasks/kinds/sleep.h"
#include "servers/core/tasks/tools.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CALLS_MOST = 1000, HELPER_STACK_BYTES = 65536 };
#define WAIT_MOST_MS UINT64_C(60000)

struct calls;

struct call {
	struct loop_timer timer;
	struct calls *calls;
};

struct calls {
	struct task task;
	uint64_t left;	    /* that have not ended */
	struct call *timed; /* those that run at the same time in a loop: all, or the one */
};

static uint64_t duration_ns(const struct task *task)
{
	return task->numbers[1] * NS_PER_MS;
}

/* --- in a thread ------------------------------------------------------------------------------- */

/* What helpers share. */
struct gathering {
	atomic_ullong left; /* calls that nobody has begun */
	uint64_t each_ns;
};

static void *make_calls(void *argument)
{
	struct gathering *gathering = argument;
	unsigned long long left = atomic_load(&gathering->left);

	while (left)
		if (atomic_compare_exchange_weak(&gathering->left, &left, left - 1)) {
			sleep_for(gathering->each_ns);
			left = atomic_load(&gathering->left);
		}
	return NULL;
}

/* Starts up to so many and says how many it were. */
static size_t start_helpers(pthread_t *helpers, size_t most, struct gathering *gathering)
{
	pthread_attr_t attributes;
	size_t started = 0;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, HELPER_STACK_BYTES);
	while (started < most &&
	       pthread_create(&helpers[started], &attributes, make_calls, gathering) == 0)
		started++;
	pthread_attr_destroy(&attributes);
	return started;
}

static void run_together(struct task *task)
{
	size_t wanted = (size_t)task->numbers[0] - 1, started;
	struct gathering gathering = {.left = task->numbers[0], .each_ns = duration_ns(task)};
	pthread_t *helpers = calloc(wanted, sizeof *helpers);

	if (!helpers) {
		task_fail(task, 503, "no memory for helper threads");
		return;
	}
	started = start_helpers(helpers, wanted, &gathering);
	if (started == 0)
		task_fail(task, 503, "no helper thread could be made");
	else
		make_calls(&gathering);
	for (size_t i = 0; i < started; i++)
		pthread_join(helpers[i], NULL);
	free(helpers);
}

static void run(struct task *task)
{
	if (task->flag && task->numbers[0] > 1) {
		run_together(task);
		return;
	}
	for (uint64_t i = 0; i < task->numbers[0]; i++)
		sleep_for(duration_ns(task));
}

/* --- in a loop --------------------------------------------------------------------------------- */

static void call_ended(struct loop_timer *timer);

static int start_call(struct calls *calls, struct call *call)
{
	const struct task_tools *tools = calls->task.tools;

	call->calls = calls;
	call->timer.fire = call_ended;
	call->timer.due_ns = clock_now_ns() + duration_ns(&calls->task);
	return tools->services->timer_start(tools->loop, &call->timer);
}

static void stop_calls(struct calls *calls, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		if (calls->timed[i].calls)
			calls->task.tools->services->timer_stop(calls->task.tools->loop,
								&calls->timed[i].timer);
}

static size_t at_once(const struct task *task)
{
	return task->flag ? (size_t)task->numbers[0] : 1;
}

static void call_ended(struct loop_timer *timer)
{
	struct call *call = (struct call *)timer; /* first in it */
	struct calls *calls = call->calls;
	struct task *task = &calls->task;

	call->calls = NULL;
	calls->left--;
	if (calls->left && !task->flag && start_call(calls, call) < 0) {
		task_fail(task, 503, "no memory for a timer");
		calls->left = 0;
	}
	if (calls->left == 0)
		task_end(task);
}

static enum task_started start(struct task *task)
{
	struct calls *calls = (struct calls *)task;
	size_t count = at_once(task), started = 0;

	calls->left = task->numbers[0];
	if (calls->left == 0)
		return TASK_ENDED;
	calls->timed = calloc(count, sizeof *calls->timed);
	while (calls->timed && started < count && start_call(calls, &calls->timed[started]) == 0)
		started++;
	if (started == count)
		return TASK_RUNS;
	if (calls->timed)
		stop_calls(calls, 0, started);
	task_fail(task, 503, "no memory for timers");
	return TASK_ENDED;
}

static void cancel(struct task *task)
{
	stop_calls((struct calls *)task, 0, at_once(task));
}

static void destroy(struct task *task)
{
	free(((struct calls *)task)->timed);
}

static void answer(const struct task *task, struct reply *reply)
{
	reply_say(reply, "Waited %llu x %llu ms", (unsigned long long)task->numbers[0],
		  (unsigned long long)task->numbers[1]);
}

const struct task_kind task_calls = {
	.name = "calls",
	.route = "/calls/N/wait/MS",
	.word = "together",
	.most = {CALLS_MOST, WAIT_MOST_MS},
	.bytes = sizeof(struct calls),
	.run = run,
	.start = start,
	.cancel = cancel,
	.answer = answer,
	.destroy = destroy,
};
