#include "servers/core/http/deadlines.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdlib.h>

enum { PEOPLE = 1000, TICKS = 3 * DEADLINE_SLOTS };

/* Somebody with a deadline, and what the wheel made of it. */
struct person {
	struct deadline_place place;
	uint32_t due;
	uint32_t expired_at; /* 0: not yet */
	unsigned asked;
	bool leaves; /* when expired */
};

static struct deadlines wheel;
static struct person people[PEOPLE];
static uint32_t now;

static uint32_t due_of(struct deadlines *deadlines, struct deadline_place *place)
{
	struct person *person = (struct person *)place;

	(void)deadlines;
	person->asked++;
	return person->due;
}

static void expire(struct deadlines *deadlines, struct deadline_place *place)
{
	struct person *person = (struct person *)place;

	cr_expect(person->due <= now, "expired before its time");
	cr_expect_eq(person->expired_at, 0, "expired twice");
	person->expired_at = now;
	if (person->leaves)
		deadlines_remove(deadlines, place);
}

static const struct deadline_methods methods = {due_of, expire};

static void open_wheel(void)
{
	cr_assert_eq(deadlines_open(&wheel, &methods), 0);
	now = tick_now();
}

static void close_wheel(void)
{
	deadlines_close(&wheel);
}

static void add(struct person *person, uint32_t due)
{
	person->due = due;
	deadlines_add(&wheel, &person->place, due);
}

static void pass(uint32_t ticks)
{
	now += ticks;
	deadlines_look_at(&wheel, now);
}

static void count_one(struct deadline_place *place, void *context)
{
	(void)place;
	++*(unsigned *)context;
}

TestSuite(deadlines, .init = open_wheel, .fini = close_wheel);

/* Deadlines are set, put off, drawn nearer and given up at random, for several turns of the wheel. */
Test(deadlines, each_expires_when_its_time_is_up_and_not_before)
{
	uint32_t first = now;

	srand(1);
	for (size_t i = 0; i < PEOPLE; i++) {
		people[i].leaves = i % 3 == 0;
		add(&people[i], now + 1 + (uint32_t)rand() % TICKS);
	}
	while (now < first + 2 * TICKS) {
		struct person *one = &people[rand() % PEOPLE];
		uint32_t due = now + 1 + (uint32_t)rand() % TICKS;

		if (!one->expired_at && one->due > now) {
			if (due < one->due)
				deadlines_put(&wheel, &one->place, due);
			one->due = due;
		}
		pass(1);
		for (size_t i = 0; i < PEOPLE; i++)
			cr_assert(people[i].expired_at || people[i].due > now, "%zu is overdue", i);
		if (now > first + TICKS)
			continue;
		if (rand() % 50 == 0 && !one->expired_at) { /* leaves before its time */
			deadlines_remove(&wheel, &one->place);
			one->expired_at = UINT32_MAX;
			one->leaves = true;
		}
	}
}

Test(deadlines, putting_off_costs_a_look_in_each_length_of_the_deadline)
{
	uint32_t first = now;

	add(&people[0], now + 100);
	for (; now < first + 10000; pass(1))
		people[0].due = now + 100;
	cr_expect_eq(people[0].expired_at, 0);
	cr_expect(people[0].asked <= 10000 / 100 + 1, "asked %u times", people[0].asked);
}

Test(deadlines, far_ones_are_looked_at_once_in_a_turn_of_the_wheel)
{
	add(&people[0], now + 10 * DEADLINE_SLOTS);
	for (int i = 0; i < 10 * DEADLINE_SLOTS - 1; i++)
		pass(1);
	cr_expect_eq(people[0].expired_at, 0);
	cr_expect(people[0].asked <= 11, "asked %u times", people[0].asked);
	pass(1);
	cr_expect_neq(people[0].expired_at, 0);
}

Test(deadlines, nobody_is_lost_when_the_time_jumps)
{
	for (size_t i = 0; i < PEOPLE; i++)
		add(&people[i], now + 1 + (uint32_t)i * 7);
	pass(5 * DEADLINE_SLOTS);
	for (size_t i = 0; i < PEOPLE; i++)
		cr_expect_eq(people[i].expired_at != 0, people[i].due <= now);
}

Test(deadlines, those_without_a_deadline_are_in_the_list_and_never_asked)
{
	unsigned visited = 0;

	add(&people[0], TICK_NEVER);
	add(&people[1], now + 5);
	pass(100);
	add(&people[2], now + 5);
	deadlines_each(&wheel, count_one, &visited);
	cr_expect_eq(visited, 3);
	cr_expect_eq(wheel.count, 3);
	cr_expect_eq(people[0].asked, 0);
	cr_expect_neq(people[1].expired_at, 0);
}

static bool is_readable(int timeout_ms)
{
	struct pollfd readable = {.fd = wheel.fd, .events = POLLIN};

	return poll(&readable, 1, timeout_ms) == 1;
}

Test(deadlines, the_descriptor_tells_when_to_look, .timeout = 20)
{
	cr_expect_not(is_readable(0), "nobody is here");
	add(&people[0], TICK_NEVER);
	cr_expect_not(is_readable(0), "nobody has a deadline");
	add(&people[1], tick_now() + 1000);
	add(&people[2], tick_now() + 2);
	cr_expect(is_readable(10000), "it does not tell");
	now = UINT32_MAX - 1; /* by the clock: any time will do */
	deadlines_look(&wheel);
	cr_expect_neq(people[2].expired_at, 0);
	cr_expect_eq(people[1].expired_at, 0);
	cr_expect_not(is_readable(0), "looked at, and still readable");
}

Test(deadlines, one_that_begins_by_a_coarse_clock_is_never_early)
{
	const uint64_t step_ns = 10 *
				 NS_PER_MS; /* the largest, where the kernel counts 100 a second */
	const uint64_t lengths_ns[] = {1, TICK_NS, NS_PER_S, 60 * NS_PER_S, 75 * NS_PER_S};

	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t ns = 1000 * NS_PER_S + i * TICK_NS / 500, known_ns = ns - ns % step_ns;

		for (size_t k = 0; k < sizeof lengths_ns / sizeof *lengths_ns; k++) {
			uint64_t end_ns = ns + lengths_ns[k];
			uint64_t due_ns = tick_after(tick_at(known_ns),
						     ticks_lasting(lengths_ns[k])) *
					  TICK_NS;

			cr_assert(due_ns >= end_ns, "%lu ns early", end_ns - due_ns);
			cr_assert(due_ns <= end_ns + 3 * TICK_NS, "%lu ns late", due_ns - end_ns);
		}
	}
}
