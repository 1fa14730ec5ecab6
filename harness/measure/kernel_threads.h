/*
 * The CPU that the kernel's own threads use while a trial runs: what they do (freeing the memory of
 * threads that have ended, say) is mostly the doing of the server at hand, and no other program's.
 */
#ifndef TENK_KERNEL_THREADS_H
#define TENK_KERNEL_THREADS_H

#include <stdint.h>

struct kernel_threads {
	uint64_t at_ns;
	double cpu_ns; /* of all so far; 0 where they are not to be seen, as in most containers */
};

/* Takes some 10 us a process on the machine: not to be called in the measured window. */
void kernel_threads_read(struct kernel_threads *threads);

/* Cores' worth of time that they used between two readings; 0 if nothing is known. */
double kernel_threads_between(const struct kernel_threads *before,
			      const struct kernel_threads *after);

#endif
