#include "servers/models/coroutines/coroutine.h"

#include "servers/models/coroutines/stack.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

/* --- the switch -------------------------------------------------------------------------------- */

/*
 * coroutine_switch(&here, there): pushes the registers that a call preserves, leaves the stack
 * pointer in `here`, takes the one in `there`, pops. It returns on the other stack, to where that
 * side had called it. The first time that is coroutine_begin, with the coroutine in a register.
 * The control words of floating point are not exchanged: nobody here changes them.
 */
#if defined(__x86_64__)
#define HAS_SWITCH  true
#define SWITCH_NAME "x86-64 switch"
enum { SAVED_WORDS = 7, SAVED_ARGUMENT = 3, SAVED_ADDRESS = 6 };
__asm__(".text\n"
	".p2align 4\n"
	".globl coroutine_switch\n"
	".hidden coroutine_switch\n"
	".type coroutine_switch, @function\n"
	"coroutine_switch:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size coroutine_switch, . - coroutine_switch\n"
	".globl coroutine_begin\n"
	".hidden coroutine_begin\n"
	".type coroutine_begin, @function\n"
	"coroutine_begin:\n"
	"	.cfi_startproc\n"
	"	.cfi_undefined rip\n" /* a backtrace ends here */
	"	movq %r12, %rdi\n"
	"	call coroutine_main\n"
	"	ud2\n"
	"	.cfi_endproc\n"
	".size coroutine_begin, . - coroutine_begin\n");
#elif defined(__aarch64__)
#define HAS_SWITCH  true
#define SWITCH_NAME "aarch64 switch"
enum { SAVED_WORDS = 20, SAVED_ARGUMENT = 0, SAVED_ADDRESS = 11 };
__asm__(".text\n"
	".p2align 4\n"
	".globl coroutine_switch\n"
	".hidden coroutine_switch\n"
	".type coroutine_switch, %function\n"
	"coroutine_switch:\n"
	"	sub sp, sp, #160\n"
	"	stp x19, x20, [sp, #0]\n"
	"	stp x21, x22, [sp, #16]\n"
	"	stp x23, x24, [sp, #32]\n"
	"	stp x25, x26, [sp, #48]\n"
	"	stp x27, x28, [sp, #64]\n"
	"	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n"
	"	stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n"
	"	stp d14, d15, [sp, #144]\n"
	"	mov x2, sp\n"
	"	str x2, [x0]\n"
	"	mov sp, x1\n"
	"	ldp x19, x20, [sp, #0]\n"
	"	ldp x21, x22, [sp, #16]\n"
	"	ldp x23, x24, [sp, #32]\n"
	"	ldp x25, x26, [sp, #48]\n"
	"	ldp x27, x28, [sp, #64]\n"
	"	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n"
	"	ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n"
	"	ldp d14, d15, [sp, #144]\n"
	"	add sp, sp, #160\n"
	"	ret\n"
	".size coroutine_switch, . - coroutine_switch\n"
	".globl coroutine_begin\n"
	".hidden coroutine_begin\n"
	".type coroutine_begin, %function\n"
	"coroutine_begin:\n"
	"	.cfi_startproc\n"
	"	.cfi_undefined x30\n"
	"	mov x0, x19\n"
	"	bl coroutine_main\n"
	"	brk #0\n"
	"	.cfi_endproc\n"
	".size coroutine_begin, . - coroutine_begin\n");
#endif

void coroutine_main(struct coroutine *coroutine);

#if defined(__x86_64__) || defined(__aarch64__)
void coroutine_switch(void **here, void *there);
void coroutine_begin(void);

/* Makes a stack look as if its owner had called coroutine_switch, from coroutine_begin. */
static void lay_first_frame(struct coroutine *coroutine)
{
	uintptr_t *frame = (uintptr_t *)((uintptr_t)coroutine & ~(uintptr_t)15) - SAVED_WORDS;

	memset(frame, 0, SAVED_WORDS * sizeof *frame);
	frame[SAVED_ARGUMENT] = (uintptr_t)coroutine;
	frame[SAVED_ADDRESS] = (uintptr_t)coroutine_begin;
	coroutine->self.stack_pointer = frame;
}

static void exchange(struct side *here, struct side *there)
{
	coroutine_switch(&here->stack_pointer, there->stack_pointer);
}
#else
/* No such switch for this processor: ucontext always. */
#define HAS_SWITCH  false
#define SWITCH_NAME ""
static void lay_first_frame(struct coroutine *coroutine)
{
	(void)coroutine;
}

static void exchange(struct side *here, struct side *there)
{
	(void)here, (void)there;
}
#endif

/* makecontext passes integers only. */
static void begin_context(unsigned high, unsigned low)
{
	coroutine_main((struct coroutine *)(((uintptr_t)high << 16 << 16) | low));
}

/* The two contexts, a KiB each, stand below the coroutine, at the upper end of its stack. */
static int lay_context(struct coroutine *coroutine)
{
	ucontext_t *contexts = (ucontext_t *)((uintptr_t)coroutine & ~(uintptr_t)63) - 2;
	uintptr_t self = (uintptr_t)coroutine;

	coroutine->self.context = &contexts[0];
	coroutine->resumer.context = &contexts[1];
	if (getcontext(&contexts[0]) < 0)
		return -errno;
	contexts[0].uc_stack.ss_sp = coroutine->bottom;
	contexts[0].uc_stack.ss_size = (size_t)((char *)contexts - coroutine->bottom);
	contexts[0].uc_link = NULL;
	makecontext(&contexts[0], (void (*)(void))begin_context, 2, (unsigned)(self >> 16 >> 16),
		    (unsigned)self);
	return 0;
}

/* AddressSanitizer knows our switch, but not swapcontext: there it is kept for where it must be. */
static bool uses_ucontext(const struct coroutine_stacks *stacks)
{
#if defined(__SANITIZE_ADDRESS__)
	bool wanted = false;

	(void)stacks;
#else
	bool wanted = stacks->ucontext;
#endif
	return wanted || !HAS_SWITCH;
}

/* `last`: this side will not be come back to. */
static void switch_sides(struct coroutine *coroutine, struct side *here, struct side *there,
			 bool last)
{
#if defined(__SANITIZE_ADDRESS__)
	void *fake_stack = NULL;

	__sanitizer_start_switch_fiber(last ? NULL : &fake_stack, there->bottom, there->size);
#endif
#if defined(__SANITIZE_THREAD__)
	__tsan_switch_to_fiber(there->fiber, 0);
#endif
	(void)last;
	if (uses_ucontext(coroutine->stacks))
		swapcontext(here->context, there->context);
	else
		exchange(here, there);
#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_finish_switch_fiber(fake_stack, &there->bottom, &there->size);
#endif
}

void coroutine_main(struct coroutine *coroutine)
{
#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_finish_switch_fiber(NULL, &coroutine->resumer.bottom, &coroutine->resumer.size);
#endif
	coroutine->entry(coroutine->argument);
	coroutine->ended = true;
	switch_sides(coroutine, &coroutine->self, &coroutine->resumer, true);
	abort(); /* resumed after it had returned */
}

bool coroutine_resume(struct coroutine *coroutine)
{
#if defined(__SANITIZE_THREAD__)
	coroutine->resumer.fiber = __tsan_get_current_fiber();
#endif
	switch_sides(coroutine, &coroutine->resumer, &coroutine->self, false);
	if (!coroutine->stacks->guarded)
		coroutine_stack_check(coroutine);
	return !coroutine->ended;
}

void coroutine_suspend(struct coroutine *coroutine)
{
	switch_sides(coroutine, &coroutine->self, &coroutine->resumer, false);
}

const char *coroutine_stacks_describe(bool ucontext)
{
	static const char *const texts[2][2] = {
		{SWITCH_NAME ", stacks guarded by patterns", SWITCH_NAME ", guard pages"},
		{"ucontext, stacks guarded by patterns", "ucontext, guard pages"}};

	return texts[ucontext || !HAS_SWITCH][coroutine_stack_has_guards()];
}

struct coroutine *coroutine_create(struct coroutine_stacks *stacks, void (*entry)(void *argument),
				   void *argument)
{
	struct coroutine *coroutine = coroutine_stack_take(stacks);

	if (!coroutine)
		return NULL;
	coroutine->entry = entry;
	coroutine->argument = argument;
	coroutine->stacks = stacks;
	coroutine->ended = false;
#if defined(__SANITIZE_ADDRESS__)
	/* Whoever had this stack before may have left it in the middle of a function. */
	coroutine->self.bottom = coroutine->bottom;
	coroutine->self.size = (size_t)((char *)coroutine - coroutine->bottom);
	__asan_unpoison_memory_region(coroutine->self.bottom, coroutine->self.size);
#endif
#if defined(__SANITIZE_THREAD__)
	coroutine->self.fiber = __tsan_create_fiber(0);
#endif
	lay_first_frame(coroutine);
	if (uses_ucontext(stacks) && lay_context(coroutine) < 0) {
		coroutine_destroy(stacks, coroutine);
		return NULL;
	}
	return coroutine;
}

void coroutine_destroy(struct coroutine_stacks *stacks, struct coroutine *coroutine)
{
#if defined(__SANITIZE_THREAD__)
	__tsan_destroy_fiber(coroutine->self.fiber);
#endif
	coroutine_stack_give(stacks, coroutine);
}
