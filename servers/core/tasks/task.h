/*
 * A task: what a request asks for that takes time.
 *
 * The handler that asks for it is the same in every server; the model alone decides who waits.
 * Each kind is written twice, here and nowhere else: once blocking, once for loops, on the
 * services that the loop lends (loop_services.h).
 */
#ifndef TENK_TASK_H
#define TENK_TASK_H

#include "servers/core/tasks/loop_services.h"

#include <stdbool.h>

enum task_kind {
	TASK_NONE,
	TASK_WAIT, /* let `duration_ns` pass */
};

struct task {
	enum task_kind kind;
	bool running;
	uint64_t duration_ns;
	/* While running in a loop: */
	const struct loop_services *services;
	void *loop;
	void (*done)(void *context);
	void *context;
	struct loop_timer timer;
};

/* Runs it to its end in this thread. Never early. */
void task_run(const struct task *task);

/*
 * Starts it in a loop; `done` is called from the loop when it has ended, never from in here.
 * Does nothing if it runs already. 0 or -ENOMEM (then it is not running).
 */
int task_start(struct task *task, const struct loop_services *services, void *loop,
	       void (*done)(void *context), void *context);

/* Its connection is going: `done` will not be called. Does nothing if it does not run. */
void task_cancel(struct task *task);

#endif
