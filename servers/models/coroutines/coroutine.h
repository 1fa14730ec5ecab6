/*
 * Coroutines: functions with stacks of their own, between which one thread goes back and forth.
 *
 * Resuming runs a coroutine until it suspends itself or returns, and then goes on where it was
 * resumed; nothing is ever interrupted. A switch stores the registers that a function must leave as
 * it found them, exchanges the stack pointer, and loads those of the other side: a few
 * instructions on x86-64 and aarch64. Elsewhere ucontext does it (swapcontext), which also makes
 * a system call, to store the signal mask.
 *
 * The stacks stand side by side in one mapping, reserved at once and made usable from its start as
 * they are needed. The lowest page of each is a guard: overflowing it ends the process, instead of
 * writing into the neighbour. Protecting those pages with mprotect would cut the mapping into two
 * pieces for each stack, of which a process may have 65,530; Linux 6.13 has guards that do not
 * (MADV_GUARD_INSTALL). Before, a pattern stands in their place and is looked at whenever a
 * coroutine suspends, which finds an overflow after it has happened.
 *
 * AddressSanitizer, ThreadSanitizer and valgrind are told of the stacks. Not thread-safe.
 */
#ifndef TENK_COROUTINE_H
#define TENK_COROUTINE_H

#include "servers/models/coroutines/stacks.h"

#include <stdbool.h>

/* How it switches and guards here, for people: "x86-64 switch, guard pages". */
const char *coroutine_stacks_describe(bool ucontext);

/* Begins with the first resume. NULL: no stack is left, or no memory. */
struct coroutine *coroutine_create(struct coroutine_stacks *stacks, void (*entry)(void *argument),
				   void *argument);

/* From outside: runs it until it suspends (true) or returns (false). */
bool coroutine_resume(struct coroutine *coroutine);

/* From inside: goes back to whoever resumed it. */
void coroutine_suspend(struct coroutine *coroutine);

/* From outside, at any time: its stack is free; one that has not returned just never goes on. */
void coroutine_destroy(struct coroutine_stacks *stacks, struct coroutine *coroutine);

#endif
