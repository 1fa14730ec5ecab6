/*
 * What a loop, or all threads of a process that block, have at hand for tasks; reached through the
 * http_pool. Made after fork. In a loop, for its own thread only; with threads, of several at once.
 */
#ifndef TENK_TASK_TOOLS_H
#define TENK_TASK_TOOLS_H

#include "servers/core/tasks/kinds.h"

#include <pthread.h>

enum { TASK_STATE_STEP = 64, TASK_STATE_SIZES = TASK_STATE_BYTES / TASK_STATE_STEP };

struct task_tools {
	const struct loop_services *services; /* NULL: who has these may block */
	void *loop;			      /* what services are given */
	bool sends_files;	 /* from their descriptors: nobody need read them (file.c) */
	struct mailbox *mailbox; /* where workers' results come in; NULL: no --offload */
	struct loop_watch mail;
	/* States of tasks that have ended, by size. */
	struct {
		struct task *first;
		unsigned count;
	} spare[TASK_STATE_SIZES];
	/* What kinds keep, in the order of the table; a lock where threads share them. */
	pthread_mutex_t lock;
	struct {
		void *own;
		bool opened;
	} kept[TASK_KINDS_MOST];
};

/* For a loop, with what it lends; or for threads: NULL and NULL. */
void task_tools_init(struct task_tools *tools, const struct loop_services *services, void *loop);

/*
 * Workers' results come to this loop from now on. `mailbox` may be NULL. 0 or -errno: -ENOTSUP where the
 * loop has no watches.
 */
int task_tools_open_mail(struct task_tools *tools, struct mailbox *mailbox);

/*
 * On the loop's thread: has a worker do that, core's or the library's. 0 or -errno: -ECANCELED when they
 * have been closed.
 */
int task_tools_submit(struct task_tools *tools, struct offload_job *job);

/* When no task runs any more, and the services still do. */
void task_tools_close(struct task_tools *tools);

/*
 * What the kind's open_tool made; NULL: it failed, which task_fail (503) has told. With threads, of
 * several at once: what is in it needs a lock of its own.
 */
void *task_tool(struct task *task);

/* Of task_life.c: a zeroed state of so many bytes, NULL when out of memory; and back. */
struct task *task_tools_take(struct task_tools *tools, size_t bytes);
void task_tools_give(struct task_tools *tools, struct task *task, size_t bytes);

#endif
