/*
 * Tasks that any thread hands over, and that one loop runs, or hands on to workers.
 *
 * For models whose library waits in threads of its own: such a thread submits the task and goes
 * on; the loop, woken through a descriptor, runs it on its timers and watches and says when it has
 * ended. That descriptor is epoll's, for all watches: so the loop may wait for it in any way.
 */
#ifndef TENK_TASK_HANDOVER_H
#define TENK_TASK_HANDOVER_H

#include "servers/core/tasks/reply.h"
#include "servers/core/tasks/tools.h"
#include "servers/core/loops/epoll_watches.h"
#include "servers/core/loops/timers.h"

#include <pthread.h>
#include <stdbool.h>

/* A task on its way; the owner's storage, in place until `ended` is called. */
struct handed_task {
	struct reply *reply; /* with what it asks for */
	struct task *task;   /* that runs; NULL: none does */
	/* Called by the loop, once: all of it is done, or (not `done`) it was given up. */
	void (*ended)(struct handed_task *handed, bool done);
	struct task_handover *handover;
	struct handed_task *previous, *next;
};

struct task_handover {
	struct epoll_watches watches;
	struct loop_watch wake;	     /* from any thread */
	struct timers timers;	     /* the loop's; timers_next_ns says how long it may wait */
	struct task_tools tools;     /* likewise */
	struct handed_task *running; /* the loop's */
	pthread_mutex_t lock;
	struct handed_task *submitted; /* under the lock */
	bool closed;		       /* likewise */
};

/* 0 or -errno. */
int task_handover_init(struct task_handover *handover);

/* Nothing may be running or submitted: task_handover_close first. */
void task_handover_destroy(struct task_handover *handover);

/* From any thread. 0, or -ECANCELED once it is closed: `ended` is not called then. */
int task_handover_submit(struct task_handover *handover, struct handed_task *handed);

/* From any thread: the loop's next turn is soon. */
void task_handover_wake(struct task_handover *handover);

/* For the loop's wait: readable when there is something for a turn. */
int task_handover_descriptor(const struct task_handover *handover);

/*
 * From the loop, in each turn: begins what was submitted and calls watches, if the descriptor `is_ready`,
 * and ends what is due.
 */
void task_handover_turn(struct task_handover *handover, bool is_ready);

/* From the loop: gives up what was submitted or runs; what comes later is refused. */
void task_handover_close(struct task_handover *handover);

#endif
