/*
 * What is asked of servers in whose place their tests put another table of kinds: /watches/N, which
 * holds the loop that serves it to the contract of watches (loop_services.h), case by case.
 */
#include "servers/core/tasks/kinds.h"

extern const struct task_kind task_watches;

const struct task_kind *const task_kinds[] = {&task_watches, NULL};
