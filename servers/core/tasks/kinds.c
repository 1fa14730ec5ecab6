#include "servers/core/tasks/kinds.h"

/* Of libraries that were not there to build with, no kind is there either (Makefile). */
#ifdef TENK_DATABASE
#define DATABASE_KINDS(row) row(query)
#else
#define DATABASE_KINDS(row)
#endif

/* One row a kind: the name of its file, in which `const struct task_kind task_NAME` stands. */
#define KINDS(row) row(wait) row(block) row(cpu) row(calls) row(fetch) DATABASE_KINDS(row) row(file)

#define DECLARE(name) extern const struct task_kind task_##name;
#define LIST(name)    &task_##name,

KINDS(DECLARE)

const struct task_kind *const task_kinds[] = {KINDS(LIST) NULL};

_Static_assert(sizeof task_kinds / sizeof *task_kinds <= TASK_KINDS_MOST, "TASK_KINDS_MOST");
