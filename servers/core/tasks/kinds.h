/* The kinds of tasks that can be asked for. */
#ifndef TENK_TASK_KINDS_H
#define TENK_TASK_KINDS_H

#include "servers/core/tasks/task.h"

enum { TASK_KINDS_MOST = 16 };

/* The table, ends with NULL. */
extern const struct task_kind *const task_kinds[];

#endif
