/*
 * The CPU that other programs on this machine use while a trial runs.
 *
 * The kernel's own threads are not counted: what they do (freeing the memory of threads that have
 * ended, say) is mostly the doing of the server at hand.
 */
#ifndef TENK_NEIGHBOURS_H
#define TENK_NEIGHBOURS_H

#include <stdint.h>
#include <sys/types.h>

struct neighbours {
	uint64_t at_ns;
	double cpu_ns; /* of all other processes so far, with children that ended; NAN: unknown */
};

/*
 * Looks at every process but this one and those whose process group or session is one of `own`.
 * Takes some 10 us a process: not to be called in the measured window.
 */
void neighbours_read(struct neighbours *neighbours, const pid_t *own, size_t own_count);

#endif
