/*
 * How much memory can still be taken before the kernel must look for some, or kill for it.
 *
 * Of the machine: MemFree, and those pages of files that are dropped without a word: neither mapped
 * nor dirty nor being written. MemFree alone would call a machine short of memory that has only read
 * many files; dropping what was read takes nothing down. MemAvailable is no measure either: it counts
 * half of the slabs that could be freed in principle, sockets' inodes among them, which go only when
 * their connections do. Of a control group with a limit, ours or one above it: what is left to the
 * limit, and such pages likewise.
 */
#ifndef TENK_FREE_MEMORY_H
#define TENK_FREE_MEMORY_H

#include "lib/error.h"

#include <stdbool.h>
#include <stdint.h>

struct free_memory {
	uint64_t bytes;	     /* that can be taken; UINT64_MAX: not known */
	uint64_t kept_bytes; /* of which so many are to be left */
	const char *whose;   /* "this machine's", "our control group's" */
};

/*
 * Of the machine and of each limited group, that which has the least beside what is to be left.
 * kept_bytes 0: the default, a sixteenth of it all, but 1.5 GiB at most. `root` goes before every
 * path, "" on a real machine.
 */
void free_memory_read(struct free_memory *memory, uint64_t kept_bytes, const char *root);

/* What can be taken so that as much is left as shall be; UINT64_MAX: not known. */
uint64_t free_memory_to_take(const struct free_memory *memory);

/*
 * TENK_KEEP_FREE of the environment, a size such as "512 MiB"; 0 if it is not set. 0 or -EINVAL with
 * a message.
 */
int free_memory_read_setting(uint64_t *kept_bytes, struct error *error);

#endif
