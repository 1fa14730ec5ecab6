/* Where in the kernel's tree of control groups this process is: cgroups(7). */
#ifndef TENK_CGROUP_H
#define TENK_CGROUP_H

#include <stdbool.h>

/*
 * Visits the directory of our control group for a controller and those above it, version 1 or 2,
 * until `visit` returns false. Paths are below `root`, "" on a real machine.
 */
void cgroup_visit(const char *root, const char *controller,
		  bool (*visit)(void *context, const char *root, const char *directory),
		  void *context);

#endif
