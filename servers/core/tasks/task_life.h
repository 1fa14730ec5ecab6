/* How tasks begin and end, for whoever serves the requests that ask for them. */
#ifndef TENK_TASK_LIFE_H
#define TENK_TASK_LIFE_H

#include "servers/core/tasks/reply.h"
#include "servers/core/tasks/tools.h"

/*
 * Begins what is asked for, or the next part of it: when that has ended and asked->kind is still set, there
 * is more. NULL: it has ended, and the reply has been filled, be it with why it failed. Else it runs: `done`
 * will be called from the loop, once, when it has ended and the reply was filled; until then, or
 * until task_cancel, the reply stays in place. Without services it always runs to its end here.
 */
struct task *task_begin(struct task_request *asked, struct reply *reply, struct task_tools *tools,
			void (*done)(void *context), void *context);

/*
 * Whoever asked for it is going: `done` will not be called, and `task` is nobody's any more. What a
 * worker has begun it finishes; nobody gets it.
 */
void task_cancel(struct task *task);

/* Whether that kind, with these tools, keeps the thread that begins it until it has ended. */
bool task_blocks(const struct task_kind *kind, const struct task_tools *tools);

#endif
