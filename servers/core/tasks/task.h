/*
 * Tasks: what a request asks for that takes time.
 *
 * The handler is the same in every server; the model alone decides who waits. A kind of task is one file
 * in this folder and one row of the table in kinds.c, and never a case in a model. It says what it does
 * in up to two ways: `run`, to the end, for whoever may block (a thread, a process, a worker of
 * --offload); and `start`, for loops, on the services that they lend. A kind without `start` is run
 * in the loop, which stops everybody, unless there are workers: that is the demonstration.
 *
 * A request keeps its kind and its arguments; the state of a task that runs is apart from it
 * (task_life.h), since one that was offloaded outlives its connection.
 */
#ifndef TENK_TASK_H
#define TENK_TASK_H

#include "servers/core/tasks/loop_services.h"
#include "servers/core/tasks/offload.h"
#include "servers/core/tasks/task_request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reply;
struct task_tools;

enum { TASK_STATE_BYTES = 512 };

/*
 * One that runs: the state begins with this, and a kind's own follows (task_kind.bytes), zeroed. Belongs
 * to the thread that runs it; in a loop, to the loop's.
 */
struct task {
	const struct task_kind *kind;
	/* What is at hand; NULL while a worker runs it: who can be offloaded keeps nothing beside it. */
	struct task_tools *tools;
	uint64_t numbers[TASK_NUMBERS];
	bool flag;
	/* Why it failed: a status and a reason in a few words, static; 0: it did not. */
	unsigned failed_status;
	const char *failed_reason;
	/* In a loop; of task_life.c. */
	struct reply *reply;
	void (*done)(void *context);
	void *context;
	struct task_tools *owner;
	bool offloaded, cancelled;
	struct offload_job job;
	struct task *next; /* spare, of tools.c */
};

enum task_started { TASK_ENDED, TASK_RUNS };

struct task_kind {
	const char *name; /* "block" */
	const char
		*route; /* "/block/MS"; capitals stand for numbers, NAME for the rest of the path */
	const char *word; /* "together": `?together` sets the flag; NULL: it takes none */
	uint64_t most[TASK_NUMBERS];
	bool offloadable; /* --offload hands it to workers instead of running it in the loop */
	size_t bytes;	  /* of its state, at most TASK_STATE_BYTES */
	/* Takes what else it needs of the request, before all else; NULL: nothing. False: 404. */
	bool (*read)(struct task *task, struct task_request *asked);
	/* To the end, in this thread. A failure is told by task_fail. */
	void (*run)(struct task *task);
	/*
	 * For loops: on task->tools->services. TASK_ENDED: nothing had to be waited for;
	 * TASK_RUNS: task_end will be called from the loop, never from in here. NULL: `run`.
	 */
	enum task_started (*start)(struct task *task);
	/* Ends one that runs in a loop: stops its timers and watches. */
	void (*cancel)(struct task *task);
	/* After the end: fills the reply of one that did not fail (reply.h). NULL: it stays as it is. */
	void (*answer)(const struct task *task, struct reply *reply);
	/* Gives back what it holds; after the answer was made, or when it was cancelled. NULL: nothing. */
	void (*destroy)(struct task *task);
	/*
	 * What it keeps beside single tasks, for each loop, and once for all threads of a process that
	 * block (connections to a database): made before its first task, after all forks; NULL: nothing.
	 * 0 or -errno; `own` comes back from task_tool().
	 */
	int (*open_tool)(struct task_tools *tools, void **own);
	void (*close_tool)(struct task_tools *tools, void *own);
	/* What an option must have said before it can be asked for (server_options); else 404. NULL: nothing. */
	bool (*is_offered)(void);
};

/*
 * Of tasks: it failed, with that status (500, 503, 504, which say the reason as well: "no connection to the
 * database"; or 404, which says none: NULL).
 */
void task_fail(struct task *task, unsigned status, const char *reason);

/* Of tasks: one that runs in a loop has ended. The last thing that a kind does to it. */
void task_end(struct task *task);

/* For core's own use, beside the table (kinds.h): lets numbers[0] nanoseconds pass, leaves the reply as it is. */
extern const struct task_kind task_delay;

#endif
