#include "harness/measure/run_delay.h"
#include "lib/clock.h"

#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS(count) ((count)*NS_PER_MS)

TestSuite(run_delay, .timeout = 20);

static struct run_delay *make(size_t count, const struct thread_times *threads)
{
	struct run_delay *delay = calloc(1, sizeof *delay);

	cr_assert_not_null(delay);
	delay->count = count;
	if (count > 0)
		memcpy(delay->threads, threads, count * sizeof *threads);
	return delay;
}

Test(run_delay, a_new_thread_counts_in_full_and_an_old_one_from_then_on)
{
	struct run_delay *begin = make(1, (struct thread_times[]){{10, MS(500), MS(50)}});
	struct run_delay *end =
		make(2, (struct thread_times[]){{10, MS(800), MS(60)}, {11, MS(100), MS(7)}});
	double waited_ns;

	cr_expect_null(run_delay_between(begin, end, MS(400.0), &waited_ns));
	cr_expect_eq(waited_ns, MS(17.0));
	free(begin);
	free(end);
}

Test(run_delay, a_number_that_another_thread_has_now_is_a_new_thread)
{
	struct run_delay *begin = make(1, (struct thread_times[]){{10, MS(500), MS(50)}});
	struct run_delay *end = make(1, (struct thread_times[]){{10, MS(400), MS(60)}});
	double waited_ns;

	cr_expect_null(run_delay_between(begin, end, MS(400.0), &waited_ns));
	cr_expect_eq(waited_ns, MS(60.0));
	free(begin);
	free(end);
}

Test(run_delay, is_not_known_where_threads_ended_that_mattered)
{
	static const struct thread_times then[] = {{10, MS(500), MS(50)}, {11, MS(500), MS(50)}};
	struct run_delay *begin = make(2, then);
	struct run_delay *end = make(1, (struct thread_times[]){{10, MS(1500), MS(150)}});
	double waited_ns;

	cr_expect_null(run_delay_between(begin, end, MS(1050.0), &waited_ns));
	cr_expect_eq(waited_ns, MS(100.0));
	cr_expect_not_null(run_delay_between(begin, end, MS(1500.0), &waited_ns));
	cr_expect(isnan(waited_ns));
	cr_expect_not_null(run_delay_between(begin, end, NAN, &waited_ns));
	cr_expect(isnan(waited_ns));
	free(begin);
	free(end);
}

Test(run_delay, is_not_known_where_one_reading_is_missing)
{
	struct run_delay *begin = make(1, (struct thread_times[]){{10, MS(500), MS(50)}});
	struct run_delay *end = calloc(1, sizeof *end);
	double waited_ns;

	cr_assert_not_null(end);
	run_delay_read(end, NULL, 0);
	cr_assert_not_null(end->missing);
	cr_expect_str_eq(run_delay_between(begin, end, MS(1.0), &waited_ns), end->missing);
	cr_expect(isnan(waited_ns));
	free(begin);
	free(end);
}

enum { BUSY = 3 };

/* Works until it has had 50 ms of a core, and then stays until it is told. */
static void *be_busy(void *go)
{
	while (clock_read_ns(CLOCK_THREAD_CPUTIME_ID) < MS(50))
		;
	pthread_barrier_wait(go);
	pthread_barrier_wait(go);
	return NULL;
}

Test(run_delay, threads_that_share_a_core_wait_for_each_other)
{
	struct run_delay *begin = calloc(1, sizeof *begin), *end = calloc(1, sizeof *end);
	pid_t self = getpid();
	pthread_t threads[BUSY];
	pthread_barrier_t go;
	double waited_ns;
	cpu_set_t one;
	int core = sched_getcpu();

	cr_assert(begin && end && core >= 0);
	CPU_ZERO(&one);
	CPU_SET(core, &one);
	cr_assert_eq(sched_setaffinity(0, sizeof one, &one), 0);
	run_delay_read(begin, &self, 1);
	if (begin->missing)
		cr_skip_test("%s", begin->missing);
	cr_assert_eq(pthread_barrier_init(&go, NULL, BUSY + 1), 0);
	for (int i = 0; i < BUSY; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, be_busy, &go), 0);
	pthread_barrier_wait(&go);
	run_delay_read(end, &self, 1);
	cr_expect_geq(end->count, begin->count + BUSY);
	cr_expect_null(run_delay_between(begin, end, MS(50.0 * BUSY), &waited_ns));
	/* The last to have had its 50 ms waited while another had as many; so, nearly, did all. */
	cr_expect_geq(waited_ns, MS(50.0));
	pthread_barrier_wait(&go);
	for (int i = 0; i < BUSY; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&go);
	free(begin);
	free(end);
}

static void *stay(void *go)
{
	pthread_barrier_wait(go);
	return NULL;
}

Test(run_delay, too_many_threads_are_not_looked_at)
{
	struct run_delay *delay = calloc(1, sizeof *delay);
	pthread_t *threads = calloc(RUN_DELAY_THREADS, sizeof *threads);
	pthread_attr_t small;
	pthread_barrier_t go;
	pid_t self = getpid();

	cr_assert(delay && threads);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 128 << 10);
	cr_assert_eq(pthread_barrier_init(&go, NULL, RUN_DELAY_THREADS + 1), 0);
	for (int i = 0; i < RUN_DELAY_THREADS; i++)
		cr_assert_eq(pthread_create(&threads[i], &small, stay, &go), 0);
	run_delay_read(delay, &self, 1);
	cr_assert_not_null(delay->missing);
	cr_expect_not_null(strstr(delay->missing, "1024 threads"));
	pthread_barrier_wait(&go);
	for (int i = 0; i < RUN_DELAY_THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&go);
	free(threads);
	free(delay);
}

Test(run_delay, helpers_of_those_that_work_are_not_counted)
{
	struct run_delay *begin = make(2,
				       (struct thread_times[]){{10, MS(500), 0}, {11, MS(9), 0}});
	struct run_delay *loop = make(
		3, (struct thread_times[]){{10, MS(1480), 0}, {11, MS(99), 0}, {12, MS(1), 0}});
	struct run_delay *pool = make(
		3, (struct thread_times[]){{10, MS(1400), 0}, {11, MS(500), 0}, {12, MS(300), 0}});
	struct run_delay *unknown = make(0, NULL);

	unknown->missing = "for some reason";
	cr_expect_eq(run_delay_workers(begin, loop), 1, "a loop and its helpers");
	cr_expect_eq(run_delay_workers(begin, pool), 3);
	cr_expect_eq(run_delay_workers(begin, begin), 0, "nobody ran");
	cr_expect_eq(run_delay_workers(begin, unknown), 0);
	free(begin);
	free(loop);
	free(pool);
	free(unknown);
}
