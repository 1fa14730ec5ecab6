/*
 * /cpu/N: keeps the processor, for N rounds of a generator of which each needs the one before (lib/xorshift.h).
 * The answer is what comes out, so that nobody can leave them out.
 */
#include "lib/xorshift.h"
#include "servers/core/tasks/reply.h"
#include "servers/core/tasks/task.h"

struct cpu {
	struct task task;
	uint32_t result;
};

static void run(struct task *task)
{
	((struct cpu *)task)->result = xorshift_run(task->numbers[0]);
}

static void answer(const struct task *task, struct reply *reply)
{
	reply_say(reply, "%u", ((const struct cpu *)task)->result);
}

const struct task_kind task_cpu = {
	.name = "cpu",
	.route = "/cpu/N",
	.most = {XORSHIFT_MOST},
	.offloadable = true,
	.bytes = sizeof(struct cpu),
	.run = run,
	.answer = answer,
};
