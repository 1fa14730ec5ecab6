#include "servers/models/coroutines/stack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(start, end) 0
#endif

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* Linux 6.13 */
#endif

enum { STACKS_PER_STEP = 64, WARM_MOST = 256, PATTERN_BYTES = 64, PATTERN = 0xA5 };

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

bool coroutine_stack_has_guards(void)
{
	size_t page = page_bytes();
	void *probe = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ends[2];
	bool result;

	if (probe == MAP_FAILED)
		return false;
	/* Who emulates Linux may say so of any advice: the page is one if it cannot be read. */
	result = madvise(probe, page, MADV_GUARD_INSTALL) == 0 && pipe2(ends, O_CLOEXEC) == 0;
	if (result) {
		result = write(ends[1], probe, 1) < 0 && errno == EFAULT;
		close(ends[0]);
		close(ends[1]);
	}
	munmap(probe, page);
	return result;
}

int coroutine_stacks_init(struct coroutine_stacks *stacks, size_t stack_bytes, size_t most,
			  bool ucontext)
{
	size_t page = page_bytes();
	void *base = MAP_FAILED;

	if (stack_bytes < COROUTINE_STACK_LEAST)
		stack_bytes = COROUTINE_STACK_LEAST;
	if (stack_bytes > SIZE_MAX / 4)
		return -ENOMEM;
	stack_bytes = (stack_bytes + page - 1) / page * page;
	/* Without access it counts as nobody's memory yet, however much it is. */
	for (; most; most /= 2) {
		if (most > SIZE_MAX / 2 / stack_bytes)
			continue;
		base = mmap(NULL, most * stack_bytes, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (base != MAP_FAILED)
			break;
	}
	if (base == MAP_FAILED)
		return -ENOMEM;
	*stacks = (struct coroutine_stacks){.base = base,
					    .stack_bytes = stack_bytes,
					    .most = most,
					    .guarded = coroutine_stack_has_guards(),
					    .ucontext = ucontext};
	/* Touched as far as there are some. */
	stacks->cold = mmap(NULL, most * sizeof *stacks->cold, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (stacks->cold != MAP_FAILED)
		return 0;
	munmap(base, most * stack_bytes);
	return -ENOMEM;
}

void coroutine_stacks_destroy(struct coroutine_stacks *stacks)
{
	munmap(stacks->cold, stacks->most * sizeof *stacks->cold);
	munmap(stacks->base, stacks->most * stacks->stack_bytes);
}

/* The coroutine of a stack whose pages are zero; it stands at the upper end. */
static struct coroutine *lay_stack(const struct coroutine_stacks *stacks, char *stack)
{
	uintptr_t end = (uintptr_t)stack + stacks->stack_bytes;
	struct coroutine *coroutine = (struct coroutine *)((end - sizeof *coroutine) &
							   ~(uintptr_t)63);

	coroutine->bottom = stack;
	if (stacks->guarded)
		coroutine->bottom += page_bytes();
	else
		memset(stack, PATTERN, PATTERN_BYTES);
	return coroutine;
}

/* The next stack that was never used; two mappings in all, whatever their number. */
static struct coroutine *make_stack(struct coroutine_stacks *stacks)
{
	char *stack = stacks->base + stacks->made * stacks->stack_bytes;
	size_t step = STACKS_PER_STEP;
	struct coroutine *coroutine;

	if (stacks->made == stacks->most)
		return NULL;
	if (stacks->made == stacks->usable) {
		if (step > stacks->most - stacks->usable)
			step = stacks->most - stacks->usable;
		if (mprotect(stack, step * stacks->stack_bytes, PROT_READ | PROT_WRITE) < 0)
			return NULL;
		stacks->usable += step;
	}
	if (stacks->guarded && madvise(stack, page_bytes(), MADV_GUARD_INSTALL) < 0)
		return NULL;
	coroutine = lay_stack(stacks, stack);
	(void)VALGRIND_STACK_REGISTER(coroutine->bottom, coroutine);
	stacks->made++;
	return coroutine;
}

struct coroutine *coroutine_stack_take(struct coroutine_stacks *stacks)
{
	struct coroutine *coroutine = stacks->spare;

	if (coroutine) {
		stacks->spare = coroutine->next;
		stacks->spare_count--;
		return coroutine;
	}
	if (stacks->cold_count == 0)
		return make_stack(stacks);
	return lay_stack(stacks,
			 stacks->base + stacks->cold[--stacks->cold_count] * stacks->stack_bytes);
}

/* Its pages go back to the system; its guard stays. */
static void cool_stack(struct coroutine_stacks *stacks, struct coroutine *coroutine)
{
	size_t number = (size_t)(coroutine->bottom - stacks->base) / stacks->stack_bytes;
	char *bottom = coroutine->bottom, *end = stacks->base + (number + 1) * stacks->stack_bytes;

	madvise(bottom, (size_t)(end - bottom), MADV_DONTNEED);
	stacks->cold[stacks->cold_count++] = (uint32_t)number;
}

void coroutine_stack_give(struct coroutine_stacks *stacks, struct coroutine *coroutine)
{
	if (stacks->spare_count == WARM_MOST) {
		cool_stack(stacks, coroutine);
		return;
	}
	coroutine->next = stacks->spare;
	stacks->spare = coroutine;
	stacks->spare_count++;
}

void coroutine_stack_check(const struct coroutine *coroutine)
{
	for (size_t i = 0; i < PATTERN_BYTES; i++)
		if ((unsigned char)coroutine->bottom[i] != PATTERN) {
			static const char message[] =
				"a coroutine has overflowed its stack: give --stack-size more\n";

			if (write(STDERR_FILENO, message, sizeof message - 1) < 0)
				abort();
			abort();
		}
}
