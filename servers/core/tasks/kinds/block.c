/*
 * /block/MS: a call that keeps the thread that makes it for so long, as one does that reads from a disk or
 * asks another machine by a library that knows no loops. There is no other way to make it: a loop that
 * makes it itself serves nobody meanwhile.
 */
#include "lib/clock.h"
#include "servers/core/tasks/reply.h"
#include "servers/core/tasks/kinds/sleep.h"
#include "servers/core/tasks/task.h"

#define BLOCK_MOST_MS UINT64_C(60000)

static void run(struct task *task)
{
	sleep_for(task->numbers[0] * NS_PER_MS);
}

static void answer(const struct task *task, struct reply *reply)
{
	reply_say(reply, "Blocked %llu ms", (unsigned long long)task->numbers[0]);
}

const struct task_kind task_block = {
	.name = "block",
	.route = "/block/MS",
	.most = {BLOCK_MOST_MS},
	.offloadable = true,
	.bytes = sizeof(struct task),
	.run = run,
	.answer = answer,
};
