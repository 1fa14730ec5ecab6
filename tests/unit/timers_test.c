#include "servers/core/loops/timers.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { TIMERS = 1000 };

/* A timer that notes when it fired. */
struct noted {
	struct loop_timer timer;
	unsigned fired;
	bool stopped;
};

static struct timers timers;
static struct noted noted[TIMERS];
static unsigned fired_count;
static uint64_t last_due_ns;

static void note(struct loop_timer *timer)
{
	struct noted *own = (struct noted *)timer;

	own->fired++;
	fired_count++;
	cr_expect(timer->due_ns >= last_due_ns, "out of order");
	last_due_ns = timer->due_ns;
}

static void start(struct noted *own, uint64_t due_ns)
{
	own->timer = (struct loop_timer){.due_ns = due_ns, .fire = note};
	cr_assert_eq(timers_start(&timers, &own->timer), 0);
}

static void destroy(void)
{
	timers_destroy(&timers);
}

TestSuite(timers, .fini = destroy, .timeout = 20);

Test(timers, none_is_due_when_none_runs)
{
	cr_expect_eq(timers_next_ns(&timers), UINT64_MAX);
	timers_fire(&timers, UINT64_MAX, SIZE_MAX);
	cr_expect_eq(fired_count, 0);
}

Test(timers, fire_when_due_and_not_before)
{
	start(&noted[0], 100);
	cr_expect_eq(timers_next_ns(&timers), 100);
	timers_fire(&timers, 99, SIZE_MAX);
	cr_expect_eq(fired_count, 0);
	timers_fire(&timers, 100, SIZE_MAX);
	cr_expect_eq(noted[0].fired, 1);
	timers_fire(&timers, 1000, SIZE_MAX);
	cr_expect_eq(noted[0].fired, 1, "once only");
	cr_expect_eq(timers_next_ns(&timers), UINT64_MAX);
}

Test(timers, fire_in_order_of_their_due_times)
{
	unsigned short state[3] = {1, 2, 3};

	for (int i = 0; i < TIMERS; i++)
		start(&noted[i], (uint64_t)nrand48(state) % 500); /* so some are due together */
	for (uint64_t now_ns = 0; now_ns < 500; now_ns += 7) {
		timers_fire(&timers, now_ns, SIZE_MAX);
		cr_expect(timers_next_ns(&timers) > now_ns);
		for (int i = 0; i < TIMERS; i++)
			cr_assert_eq(noted[i].fired, noted[i].timer.due_ns <= now_ns);
	}
	timers_fire(&timers, 500, SIZE_MAX);
	cr_expect_eq(fired_count, TIMERS);
}

/* Stops a random half, in random order, from every place of the heap. */
Test(timers, stopped_ones_never_fire)
{
	unsigned short state[3] = {4, 5, 6};
	unsigned stopped = 0;

	for (int i = 0; i < TIMERS; i++)
		start(&noted[i], (uint64_t)nrand48(state) % 10000);
	while (stopped < TIMERS / 2) {
		struct noted *own = &noted[nrand48(state) % TIMERS];

		if (own->stopped)
			continue;
		timers_stop(&timers, &own->timer);
		own->stopped = true;
		stopped++;
	}
	timers_fire(&timers, 10000, SIZE_MAX);
	cr_expect_eq(fired_count, TIMERS - stopped);
	for (int i = 0; i < TIMERS; i++)
		cr_expect_eq(noted[i].fired, !noted[i].stopped);
}

Test(timers, stopping_the_only_one_empties_the_heap)
{
	start(&noted[0], 5);
	timers_stop(&timers, &noted[0].timer);
	cr_expect_eq(timers_next_ns(&timers), UINT64_MAX);
	start(&noted[0], 7);
	timers_fire(&timers, 7, SIZE_MAX);
	cr_expect_eq(noted[0].fired, 1, "a stopped timer can be started again");
}

static void chain(struct loop_timer *timer)
{
	struct noted *own = (struct noted *)timer;

	own->fired++;
	if (own->fired < 5) {
		timer->due_ns += 10;
		cr_expect_eq(timers_start(&timers, timer), 0);
	}
}

Test(timers, what_a_callback_starts_fires_if_due_by_then)
{
	noted[0].timer = (struct loop_timer){.due_ns = 10, .fire = chain};
	timers_start(&timers, &noted[0].timer);
	timers_fire(&timers, 35, SIZE_MAX);
	cr_expect_eq(noted[0].fired, 3);
	cr_expect_eq(timers_next_ns(&timers), 40);
	timers_fire(&timers, 1000, SIZE_MAX);
	cr_expect_eq(noted[0].fired, 5);
}

static void stop_the_next(struct loop_timer *timer)
{
	struct noted *own = (struct noted *)timer;

	own->fired++;
	timers_stop(&timers, &own[1].timer);
}

Test(timers, a_callback_may_stop_one_that_is_due_as_well)
{
	start(&noted[1], 2);
	start(&noted[2], 3);
	noted[0].timer = (struct loop_timer){.due_ns = 1, .fire = stop_the_next};
	timers_start(&timers, &noted[0].timer);
	timers_fire(&timers, 10, SIZE_MAX);
	cr_expect_eq(noted[0].fired, 1);
	cr_expect_eq(noted[1].fired, 0);
	cr_expect_eq(noted[2].fired, 1);
}

/* So many and no more; what is left is due still, and first come, first served. */
Test(timers, leave_the_rest_for_another_turn)
{
	for (unsigned i = 0; i < 100; i++)
		start(&noted[i], 10 + i);
	timers_fire(&timers, 1000, timers_beside(0));
	cr_expect_eq(fired_count, 64);
	cr_expect_eq(timers_next_ns(&timers), 10 + 64);
	timers_fire(&timers, 1000, timers_beside(0));
	cr_expect_eq(fired_count, 100);
}

Test(timers, fire_beside_events_in_their_measure)
{
	cr_expect_eq(timers_beside(256), 64);
	cr_expect_eq(timers_beside(8000), 2000);
}
