/*
 * A process and its descendants, as far as /proc shows them (proc(5)).
 *
 * They are found by the parent that every process names, not by /proc/PID/task/TID/children, which
 * kernels may lack and which leaves out some while others of the list end.
 */
#ifndef TENK_PROCESS_TREE_H
#define TENK_PROCESS_TREE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Lists `root` and all its descendants, those that have ended but were not waited for too, in no
 * order. *pids is malloc'ed and the caller's. Returns how many (at least 1), -ESRCH if there is no
 * such process, or another -errno. A process whose parent has ended has a new one and is not found.
 */
ssize_t process_tree_list(pid_t root, pid_t **pids);

/*
 * The same of several roots, with /proc read once: lists[i] and counts[i] are those of roots[i], NULL and 0 where
 * there is no such process. 0, or -errno, and then there are none.
 */
int process_trees_list(const pid_t *roots, size_t count, pid_t **lists, size_t *counts);

/* Lists the threads of one process. Returns how many; -ENOSPC if there are more than `room`. */
ssize_t process_threads_list(pid_t pid, pid_t *tids, size_t room);

#endif
