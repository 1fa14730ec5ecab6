/*
 * Memory cgroups of a trial's own, one for the server and one for the generator: what the kernel
 * charges to each, its own share included.
 *
 * A run makes a group "tenk-PID" below the group that tenk itself is in, and in it one for each
 * process of a trial, so that what one trial leaves behind is not found in the next. All of them are
 * removed on every way out: by tenk, and when tenk is killed by a warden, a process in a session of
 * its own that waits for nothing else.
 *
 * Version 1 (Documentation/admin-guide/cgroup-v1/memory.rst): memory.usage_in_bytes, and beside it
 * memory.kmem.tcp.usage_in_bytes. Sockets that a server accepts are charged only once something has
 * been written into memory.kmem.tcp.limit_in_bytes, which is done before the server starts.
 * Version 2 (cgroup-v2.rst): memory.current, which holds all, and memory.stat.
 */
#ifndef TENK_MEMORY_GROUP_H
#define TENK_MEMORY_GROUP_H

#include "lib/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { MEMORY_PATH_BYTES = 512 };

/* Where the kernel's share is known from. */
enum memory_source {
	MEMORY_SOURCE_MEMINFO, /* differences of the whole machine: both ends together */
	MEMORY_SOURCE_CGROUP_V1,
	MEMORY_SOURCE_CGROUP_V2,
	/* No group can be made, but the one that we are in tells: both ends, and whoever else is in it. */
	MEMORY_SOURCE_OUR_CGROUP_V1,
	MEMORY_SOURCE_OUR_CGROUP_V2,
};

/* Of a run. */
struct memory_groups {
	enum memory_source source;
	char why[320];		       /* why there are no groups; "" where there are */
	char own[MEMORY_PATH_BYTES];   /* the group that tenk was started in */
	char base[MEMORY_PATH_BYTES];  /* the run's, below it; "" if it was not made */
	bool gave_controller, stepped; /* version 2: what there is to take back at the end */
	pid_t warden;
	int warden_fd; /* at whose end the warden sets to work */
};

/* Of a process and all that it starts. */
struct memory_group {
	enum memory_source source;
	char path[MEMORY_PATH_BYTES];	    /* "": there is none */
	char entry[MEMORY_PATH_BYTES + 16]; /* the file to write "0" into, to enter */
};

/* In bytes; NAN: this kernel does not say. */
struct group_memory {
	double total;  /* all that is charged but files: pages of processes and the kernel's */
	double files;  /* pages of files that were read first by the group, which others use too */
	double kernel; /* of it the kernel's, with buffers of sockets */
	double sockets, stacks, page_tables, objects; /* of that: buffers, of threads, slabs */
};

/* "cgroup-v1", "cgroup-v2", "meminfo", "our-cgroup-v1", "our-cgroup-v2". */
const char *memory_source_name(enum memory_source source);

/*
 * Finds what this machine has and makes the run's group, below our own and nowhere else, and for a
 * moment one of a trial in it; where it cannot be, groups->why says so and everything below does
 * nothing. `root` goes before every path, "" on a real machine.
 */
void memory_groups_open(struct memory_groups *groups, const char *root);

/* Removes the run's group with all that is left in it, and ends the warden. */
void memory_groups_close(struct memory_groups *groups);

/*
 * Makes a group, limited to so many bytes (0: not at all). 0, also where there are no groups, or
 * -errno with a message.
 */
int memory_group_make(struct memory_group *group, const struct memory_groups *groups,
		      const char *name, uint64_t limit_bytes, struct error *error);

/* False if there is no group, or it cannot be read. */
bool memory_group_read(const struct memory_group *group, struct group_memory *memory);

/*
 * The group that tenk was started in with all that it has started, where no groups can be made in it.
 * False: it is not to be read, or of a kernel that does not count its own share there.
 */
bool memory_groups_read_ours(const struct memory_groups *groups, struct group_memory *memory);

/* How often the kernel has killed a process for want of memory in the group; 0 without one. */
unsigned memory_group_kills(const struct memory_group *group);

/* Removes the group, whose processes have ended. Waits a little for the kernel to see that, too. */
void memory_group_remove(struct memory_group *group);

/* Writes a word into a file of a group. 0 or -errno. */
int memory_group_write(const char *group, const char *file, const char *word);

#endif
