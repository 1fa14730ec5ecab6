/* Where the stacks of coroutines come from, for those who use them. */
#ifndef TENK_COROUTINE_STACKS_H
#define TENK_COROUTINE_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COROUTINE_STACK_LEAST = 16384 };

struct coroutine; /* stands at the upper end of its stack */

struct coroutine_stacks {
	char *base;
	size_t stack_bytes, most;
	size_t usable;		 /* stacks that may be touched */
	size_t made;		 /* stacks that have been used once */
	bool guarded;		 /* by the kernel; else by a pattern */
	bool ucontext;		 /* wanted */
	struct coroutine *spare; /* stacks to be used again, the warmest first */
	size_t spare_count;
	uint32_t *cold; /* the numbers of further ones, whose pages were given back */
	size_t cold_count;
};

/*
 * Reserves address space for up to `most` stacks, fewer if there is not so much (see `most`
 * afterwards). `stack_bytes` is rounded up to pages, and to COROUTINE_STACK_LEAST. `ucontext`: to
 * switch with swapcontext though there is a better way. 0 or -errno.
 */
int coroutine_stacks_init(struct coroutine_stacks *stacks, size_t stack_bytes, size_t most,
			  bool ucontext);

/* All coroutines are gone with it. */
void coroutine_stacks_destroy(struct coroutine_stacks *stacks);

#endif
