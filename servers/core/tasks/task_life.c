#include "servers/core/tasks/task_life.h"

#include <errno.h>

void task_fail(struct task *task, unsigned status, const char *reason)
{
	task->failed_status = status;
	task->failed_reason = reason;
}

/* Takes what is asked for into a state: the delay first, if there is one. */
static void take_over(struct task *task, const struct task_kind *kind, struct task_request *asked)
{
	task->kind = kind;
	if (asked->delay_ns) {
		task->numbers[0] = asked->delay_ns;
		asked->delay_ns = 0;
		return;
	}
	for (size_t i = 0; i < TASK_NUMBERS; i++)
		task->numbers[i] = asked->numbers[i];
	task->flag = asked->flag;
	asked->kind = NULL;
	if (kind->read && !kind->read(task, asked))
		task_fail(task, 404, NULL);
}

/* Makes the answer and gives back what it held. */
static void finish(struct task *task, struct reply *reply)
{
	const struct task_kind *kind = task->kind;

	if (task->failed_status)
		reply_failure(reply, task->failed_status, task->failed_reason);
	else if (kind->answer)
		kind->answer(task, reply);
	if (kind->destroy)
		kind->destroy(task);
}

/* A function of its own, so that only who runs tasks in place touches these pages of the stack. */
static void __attribute__((noinline))
run_here(const struct task_kind *kind, struct task_request *asked, struct reply *reply,
	 struct task_tools *tools)
{
	union {
		struct task task;
		_Alignas(max_align_t) unsigned char bytes[TASK_STATE_BYTES];
	} state;

	__builtin_memset(&state, 0, kind->bytes);
	state.task.tools = tools;
	take_over(&state.task, kind, asked);
	if (!state.task.failed_status)
		kind->run(&state.task);
	finish(&state.task, reply);
}

static void give_back(struct task *task)
{
	task_tools_give(task->owner, task, task->kind->bytes);
}

void task_end(struct task *task)
{
	void (*done)(void *context) = task->done;
	void *context = task->context;

	finish(task, task->reply);
	give_back(task);
	done(context);
}

/* --- workers --------------------------------------------------------------------------------- */

static struct task *task_of(struct offload_job *job)
{
	return (struct task *)((char *)job - offsetof(struct task, job));
}

static void run_by_worker(struct offload_job *job)
{
	struct task *task = task_of(job);

	task->kind->run(task);
}

/* Back on the loop's thread. */
static void come_back(struct offload_job *job)
{
	struct task *task = task_of(job);

	if (!task->cancelled) {
		task_end(task);
		return;
	}
	if (task->kind->destroy)
		task->kind->destroy(task);
	give_back(task);
}

static bool goes_to_workers(const struct task_kind *kind, const struct task_tools *tools)
{
	return kind->offloadable &&
	       (tools->mailbox || (tools->services && tools->services->offload));
}

static enum task_started hand_over(struct task *task)
{
	task->offloaded = true;
	task->tools = NULL;
	task->job.run = run_by_worker;
	task->job.ended = come_back;
	if (task_tools_submit(task->owner, &task->job) == 0)
		return TASK_RUNS;
	task_fail(task, 503, "no worker for it");
	return TASK_ENDED;
}

/* --- for whoever asks ------------------------------------------------------------------------ */

bool task_blocks(const struct task_kind *kind, const struct task_tools *tools)
{
	return !tools->services || (!kind->start && !goes_to_workers(kind, tools));
}

struct task *task_begin(struct task_request *asked, struct reply *reply, struct task_tools *tools,
			void (*done)(void *context), void *context)
{
	const struct task_kind *kind = asked->delay_ns ? &task_delay : asked->kind;
	enum task_started started = TASK_ENDED;
	struct task *task;

	if (task_blocks(kind, tools)) {
		run_here(kind, asked, reply, tools);
		return NULL;
	}
	task = task_tools_take(tools, kind->bytes);
	if (!task) {
		asked->kind = NULL;
		reply_failure(reply, 503, "no memory for it");
		return NULL;
	}
	task->tools = task->owner = tools;
	task->reply = reply;
	task->done = done;
	task->context = context;
	take_over(task, kind, asked);
	if (!task->failed_status)
		started = goes_to_workers(kind, tools) ? hand_over(task) : kind->start(task);
	if (started == TASK_RUNS)
		return task;
	finish(task, reply);
	give_back(task);
	return NULL;
}

void task_cancel(struct task *task)
{
	if (task->offloaded && (!task->job.mailbox || !offload_take_back(&task->job))) {
		task->cancelled = true;
		return;
	}
	if (!task->offloaded)
		task->kind->cancel(task);
	if (task->kind->destroy)
		task->kind->destroy(task);
	give_back(task);
}
