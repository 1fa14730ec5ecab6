/*
 * /cpu/N: keeps the processor, for N rounds of xorshift32, of which each needs the one before. The answer is
 * what comes out, so that nobody can leave them out.
 * See Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003.
 */
#include "servers/core/tasks/reply.h"
#include "servers/core/tasks/task.h"

#define ROUNDS_MOST UINT64_C(10000000000)
#define FIRST_STATE UINT32_C(2463534242) /* the paper's */

struct cpu {
	struct task task;
	uint32_t result;
};

static void run(struct task *task)
{
	uint32_t x = FIRST_STATE;

	for (uint64_t left = task->numbers[0]; left; left--) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
	}
	((struct cpu *)task)->result = x;
}

static void answer(const struct task *task, struct reply *reply)
{
	reply_say(reply, "%u", ((const struct cpu *)task)->result);
}

const struct task_kind task_cpu = {
	.name = "cpu",
	.route = "/cpu/N",
	.most = {ROUNDS_MOST},
	.offloadable = true,
	.bytes = sizeof(struct cpu),
	.run = run,
	.answer = answer,
};
