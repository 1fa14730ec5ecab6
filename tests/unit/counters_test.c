/* The counters: what is counted by threads on whatever processor is all there in the sum. */
#include "servers/core/http/counters.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, TIMES = 20000 };

static void *count_often(void *argument)
{
	(void)argument;
	for (int i = 0; i < TIMES; i++) {
		counters_add(COUNTER_REQUESTS);
		if (i % 100 == 0)
			sched_yield();
	}
	return NULL;
}

Test(counters, are_exact_whoever_counts, .timeout = 60)
{
	pthread_t threads[THREADS];
	pid_t child;

	cr_assert_eq(counters_open(), 0);
	for (int i = 0; i < THREADS; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, count_often, NULL), 0);
	child = fork();
	if (child == 0) {
		count_often(NULL);
		_exit(0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	cr_assert_eq(waitpid(child, NULL, 0), child);
	cr_expect_eq(counters_sum(COUNTER_REQUESTS), (THREADS + 1) * TIMES);
}

/* Two processors never share a line, so threads that stay on theirs do not either. */
Test(counters, are_apart_for_each_processor, .timeout = 60)
{
	cpu_set_t allowed, one;
	unsigned long used = 0, processors = 0;

	if ((int)counters_processor() < 0)
		cr_skip_test("nobody tells on which processor we are (no rseq)");
	cr_assert_eq(counters_open(), 0);
	cr_assert_eq(sched_getaffinity(0, sizeof allowed, &allowed), 0);
	cr_expect_eq((uintptr_t)counters_places % 64, 0);
	for (int processor = 0; processor < CPU_SETSIZE; processor++) {
		if (!CPU_ISSET(processor, &allowed) || processor > (int)counters_mask)
			continue;
		CPU_ZERO(&one);
		CPU_SET(processor, &one);
		cr_assert_eq(sched_setaffinity(0, sizeof one, &one), 0);
		counters_add(COUNTER_REQUESTS);
		processors++;
	}
	for (unsigned i = 0; i <= counters_mask; i++)
		used += counters_places[i].values[COUNTER_REQUESTS] > 0;
	cr_expect_eq(used, processors, "%lu places for %lu processors", used, processors);
}
