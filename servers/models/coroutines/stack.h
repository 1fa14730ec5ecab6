/*
 * The inside of coroutines: what stands at the upper end of a stack, and where stacks come from
 * (stack.c). Users see coroutine.h only.
 */
#ifndef TENK_COROUTINE_STACK_H
#define TENK_COROUTINE_STACK_H

#include "servers/models/coroutines/stacks.h"

#include <ucontext.h>

/* Where the other side stands while this one runs. */
struct side {
	void *stack_pointer;
	ucontext_t *context; /* with ucontext */
#if defined(__SANITIZE_ADDRESS__)
	const void *bottom;
	size_t size;
#endif
#if defined(__SANITIZE_THREAD__)
	void *fiber;
#endif
};

struct coroutine {
	void (*entry)(void *argument);
	void *argument;
	struct side self, resumer;
	char *bottom; /* of the stack, above its guard */
	const struct coroutine_stacks *stacks;
	struct coroutine *next; /* while spare */
	bool ended;
};

/* Whether the kernel guards a page without cutting the mapping. */
bool coroutine_stack_has_guards(void);

/* A stack with its coroutine, of which `bottom` is set: the warmest that there is. NULL: none. */
struct coroutine *coroutine_stack_take(struct coroutine_stacks *stacks);

/* Gives it back; beyond some, its pages go back to the system. */
void coroutine_stack_give(struct coroutine_stacks *stacks, struct coroutine *coroutine);

/* Where a pattern is the guard: ends the process if it has been written over. */
void coroutine_stack_check(const struct coroutine *coroutine);

#endif
