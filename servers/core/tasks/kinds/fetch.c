/* /fetch/MS: what another server answers to /wait/MS (backend.h): a request that waits on a socket. */
#include "servers/core/tasks/backend/backend.h"
#include "servers/core/tasks/kinds.h"
#include "servers/core/tasks/reply.h"
#include "servers/core/tasks/tools.h"

#include <errno.h>
#include <string.h>

_Static_assert((int)BACKEND_BODY_MOST <= (int)REPLY_TEXT_BYTES, "BACKEND_BODY_MOST");

struct fetch_task {
	struct task task; /* first */
	struct backend_fetch fetch;
};

static struct fetch_task *fetch_of(struct task *task)
{
	struct fetch_task *own = (struct fetch_task *)task;

	own->fetch.ms = task->numbers[0];
	return own;
}

static void conclude(struct fetch_task *own)
{
	if (own->fetch.failed_status)
		task_fail(&own->task, own->fetch.failed_status, own->fetch.reason);
}

static void run(struct task *task)
{
	struct backend_threads *threads = task_tool(task);
	struct fetch_task *own = fetch_of(task);

	if (!threads)
		return;
	backend_threads_ask(threads, &own->fetch);
	conclude(own);
}

static void answered(struct backend_fetch *fetch)
{
	struct fetch_task *own =
		(struct fetch_task *)((char *)fetch - offsetof(struct fetch_task, fetch));

	conclude(own);
	task_end(&own->task);
}

static enum task_started start(struct task *task)
{
	struct backend_loop *backend = task_tool(task);
	struct fetch_task *own = fetch_of(task);

	if (!backend)
		return TASK_ENDED;
	own->fetch.answered = answered;
	if (backend_loop_ask(backend, &own->fetch))
		return TASK_RUNS;
	conclude(own);
	return TASK_ENDED;
}

static void cancel(struct task *task)
{
	backend_loop_forget(task_tool(task), &fetch_of(task)->fetch);
}

static void answer(const struct task *task, struct reply *reply)
{
	const struct fetch_task *own = (const struct fetch_task *)task;

	memcpy(reply->text, own->fetch.body, own->fetch.length);
	reply_bytes(reply, "text/plain", reply->text, own->fetch.length);
}

static int open_tool(struct task_tools *tools, void **own)
{
	*own = tools->services ? (void *)backend_loop_open(tools->services, tools->loop)
			       : (void *)backend_threads_open();
	return *own ? 0 : -ENOMEM;
}

static void close_tool(struct task_tools *tools, void *own)
{
	if (tools->services)
		backend_loop_close(own);
	else
		backend_threads_close(own);
}

const struct task_kind task_fetch = {
	.name = "fetch",
	.route = "/fetch/MS",
	.most = {60000},
	.bytes = sizeof(struct fetch_task),
	.run = run,
	.start = start,
	.cancel = cancel,
	.answer = answer,
	.open_tool = open_tool,
	.close_tool = close_tool,
	.is_offered = backend_is_open,
};
