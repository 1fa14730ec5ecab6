#include "servers/models/coroutines/coroutine.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STACK_BYTES = 32768, MANY = 200, ROUNDS = 50 };

static struct coroutine_stacks stacks;

static void init(size_t most, bool ucontext)
{
	cr_assert_eq(coroutine_stacks_init(&stacks, STACK_BYTES, most, ucontext), 0);
}

/* Something that a compiler keeps in registers of both kinds across the switches. */
struct worker {
	struct coroutine *coroutine;
	unsigned seed;
	uint64_t sum;
	double product;
	unsigned rounds;
};

static void compute(struct worker *w, bool switches)
{
	uint64_t a = w->seed, b = w->seed * 3u, c = w->seed * 5u, d = w->seed * 7u;
	double x = 1.0 + w->seed, y = 1.0 / x, z = x * y;

	for (unsigned i = 0; i < ROUNDS; i++) {
		a += b, b ^= c, c += d, d ^= a;
		x += y, y *= 1.0000001, z += x;
		w->rounds = i + 1;
		if (switches)
			coroutine_suspend(w->coroutine);
	}
	w->sum = a + b + c + d;
	w->product = x + y + z;
}

static void run_worker(void *argument)
{
	compute(argument, true);
}

static void interleave(bool ucontext)
{
	static struct worker workers[MANY];
	unsigned running;

	init(MANY, ucontext);
	for (unsigned i = 0; i < MANY; i++) {
		workers[i] = (struct worker){.seed = i + 1};
		workers[i].coroutine = coroutine_create(&stacks, run_worker, &workers[i]);
		cr_assert_not_null(workers[i].coroutine);
	}
	for (unsigned round = 1; round <= ROUNDS; round++)
		for (unsigned i = 0; i < MANY; i++) {
			cr_assert(coroutine_resume(workers[i].coroutine));
			cr_assert_eq(workers[i].rounds, round);
		}
	running = 0;
	for (unsigned i = 0; i < MANY; i++) {
		struct worker alone = {.seed = i + 1};

		running += coroutine_resume(workers[i].coroutine);
		compute(&alone, false);
		cr_assert_eq(workers[i].sum, alone.sum);
		cr_assert_eq(workers[i].product, alone.product);
		coroutine_destroy(&stacks, workers[i].coroutine);
	}
	cr_assert_eq(running, 0);
	coroutine_stacks_destroy(&stacks);
}

Test(coroutine, keeps_its_registers_while_others_run)
{
	interleave(false);
}

Test(coroutine, switches_with_ucontext_as_well)
{
	interleave(true);
}

static void sleep_for_ever(void *argument)
{
	struct coroutine **self = argument;

	for (;;)
		coroutine_suspend(*self);
}

Test(coroutine, gives_its_stack_to_the_next_also_when_cut_short)
{
	struct coroutine *first, *second, *third;

	init(2, false);
	first = coroutine_create(&stacks, sleep_for_ever, &first);
	second = coroutine_create(&stacks, sleep_for_ever, &second);
	cr_assert_not_null(first);
	cr_assert_not_null(second);
	cr_assert_null(coroutine_create(&stacks, sleep_for_ever, NULL), "there are two");
	cr_assert(coroutine_resume(first));
	cr_assert(coroutine_resume(second));
	coroutine_destroy(&stacks, first);
	third = coroutine_create(&stacks, sleep_for_ever, &third);
	cr_assert_eq(third, first);
	cr_assert(coroutine_resume(third));
	cr_assert(coroutine_resume(second));
	coroutine_destroy(&stacks, second);
	coroutine_destroy(&stacks, third);
	coroutine_stacks_destroy(&stacks);
}

static int count_maps(void)
{
	FILE *file = fopen("/proc/self/maps", "re");
	int character, lines = 0;

	cr_assert_not_null(file);
	while ((character = getc(file)) != EOF)
		lines += character == '\n';
	fclose(file);
	return lines;
}

Test(coroutine, needs_no_mapping_for_each_stack)
{
	static struct coroutine *all[MANY];
	int before;

	init(MANY, false);
	before = count_maps();
	for (int i = 0; i < MANY; i++) {
		all[i] = coroutine_create(&stacks, sleep_for_ever, &all[i]);
		cr_assert(coroutine_resume(all[i]));
	}
	/* Sanitizers map memory of their own for each. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	cr_assert_lt(count_maps(), before + 10);
#endif
	(void)before;
	for (int i = 0; i < MANY; i++)
		coroutine_destroy(&stacks, all[i]);
	coroutine_stacks_destroy(&stacks);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
struct diver {
	struct coroutine *coroutine;
	unsigned depth;
};

static unsigned __attribute__((noinline)) dive(unsigned depth)
{
	volatile char frame[256];

	memset((char *)frame, 1, sizeof frame);
	return depth ? dive(depth - 1) + (unsigned char)frame[depth % sizeof frame] : 0;
}

static void overflow(void *argument)
{
	struct diver *diver = argument;

	diver->depth = dive(diver->depth);
	coroutine_suspend(diver->coroutine);
}

/* Overflows by a page at most: into the guard, or over the pattern. How the process ended. */
static int end_of_overflow(bool guarded, unsigned depth)
{
	struct rlimit none = {0, 0};
	pid_t child = fork();
	int status;

	cr_assert_geq(child, 0);
	if (child == 0) {
		struct diver diver = {.depth = depth};

		setrlimit(RLIMIT_CORE, &none);
		if (coroutine_stacks_init(&stacks, STACK_BYTES, 2, false) < 0)
			_exit(1);
		coroutine_destroy(&stacks, coroutine_create(&stacks, overflow, &diver));
		stacks.spare = NULL; /* so that there is a stack below the next one */
		if (!guarded)
			stacks.guarded = false;
		diver.coroutine = coroutine_create(&stacks, overflow, &diver);
		coroutine_resume(diver.coroutine);
		_exit(0);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

Test(coroutine, ends_the_process_when_a_stack_overflows)
{
	unsigned fits = STACK_BYTES / 1024, too_deep = STACK_BYTES / 256 + 2;

	cr_assert_eq(end_of_overflow(true, fits), 0);
	cr_assert_eq(end_of_overflow(false, fits), 0);
	cr_assert_neq(end_of_overflow(true, too_deep), 0);
	cr_assert_eq(end_of_overflow(false, too_deep), SIGABRT);
}
#endif
