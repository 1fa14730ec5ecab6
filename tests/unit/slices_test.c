/* What comes of slices, of figures that are made up. */
#include "harness/measure/slices.h"

#include "harness/measure/sampler.h"
#include "lib/clock.h"
#include "lib/random.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { SERVERS = 5, ROUNDS = 10 };

static struct slice made[SERVERS][ROUNDS];
static struct slices servers[SERVERS], *block[SERVERS];

/* Server i takes (i + 1) times 5 us a request, and answers accordingly. */
static double truth_ns(size_t server)
{
	return 5000.0 * (double)(server + 1);
}

/* A slice of 100 ms in which all took `factor` times as long. */
static struct slice slice_of(size_t server, double factor)
{
	struct slice slice = {.begin_ns = NS_PER_S, .end_ns = NS_PER_S + 100 * NS_PER_MS};

	slice.drained_ns = slice.end_ns;
	slice.good = (uint64_t)(1e8 / (truth_ns(server) * factor));
	slice.cpu_ns = (double)slice.good * truth_ns(server) * factor;
	return slice;
}

static void set_up(void)
{
	for (size_t i = 0; i < SERVERS; i++) {
		block[i] = &servers[i];
		servers[i] = (struct slices){.made = made[i], .count = ROUNDS};
		for (size_t round = 0; round < ROUNDS; round++)
			made[i][round] = slice_of(i, 1);
	}
}

TestSuite(slices, .init = set_up);

static void expect_truth(size_t server, double tolerance)
{
	const double *figures = servers[server].figures;

	cr_expect_float_eq(figures[SLICE_CPU_PER_REQUEST_NS], truth_ns(server),
			   tolerance * truth_ns(server), "server %zu: %g ns", server,
			   figures[SLICE_CPU_PER_REQUEST_NS]);
	cr_expect_float_eq(figures[SLICE_REQUESTS_PER_S], 1e9 / truth_ns(server),
			   tolerance * 1e9 / truth_ns(server), "server %zu: %g/s", server,
			   figures[SLICE_REQUESTS_PER_S]);
}

Test(slices, undisturbed_they_are_the_truth)
{
	slices_compute(block, SERVERS, ROUNDS);
	for (size_t i = 0; i < SERVERS; i++)
		expect_truth(i, 0.001);
}

/* One slice in five is three times slower, whoever's turn it is. */
Test(slices, a_slice_in_five_that_was_hit_alone_changes_nothing)
{
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct random random;

		random_seed(&random, seed);
		for (size_t i = 0; i < SERVERS; i++) {
			size_t rounds[ROUNDS];

			for (size_t round = 0; round < ROUNDS; round++) {
				rounds[round] = round;
				made[i][round] = slice_of(i, 1);
			}
			random_shuffle(&random, rounds, ROUNDS);
			for (size_t hit = 0; hit < ROUNDS / 5; hit++)
				made[i][rounds[hit]] = slice_of(i, 3);
		}
		slices_compute(block, SERVERS, ROUNDS);
		for (size_t i = 0; i < SERVERS; i++)
			expect_truth(i, 0.01);
	}
}

/* What is slower than a round hits all of it, however often. */
/* Of one server three slices in ten take twice as much, of no other one. */
Test(slices, what_a_server_does_now_and_then_is_part_of_what_it_costs)
{
	for (size_t round = 1; round < ROUNDS; round += 3)
		made[1][round].cpu_ns *= 2;
	slices_compute(block, SERVERS, ROUNDS);
	for (size_t i = 0; i < SERVERS; i++) {
		double more = i == 1 ? 1.3 : 1;

		cr_expect_float_eq(servers[i].figures[SLICE_CPU_PER_REQUEST_NS] / truth_ns(i), more,
				   0.001);
		cr_expect_float_eq(servers[i].bursts[SLICE_CPU_PER_REQUEST_NS], more, 0.001);
		cr_expect_float_eq(servers[i].bursts[SLICE_REQUESTS_PER_S], 1, 0.001);
	}
}

Test(slices, a_server_with_two_ways_to_run_is_told_of)
{
	for (size_t round = 0; round < ROUNDS; round += 2)
		made[2][round].cpu_ns *= 1.5;
	slices_compute(block, SERVERS, ROUNDS);
	for (size_t i = 0; i < SERVERS; i++)
		if (i == 2)
			cr_expect(servers[i].scatter > 0.15);
		else
			cr_expect_eq(servers[i].scatter, 0);
	for (size_t i = 0; i < SERVERS; i++)
		for (size_t round = i % 2; round < ROUNDS; round += 2)
			made[i][round].cpu_ns *= 1.5;
	slices_compute(block, SERVERS, ROUNDS);
	for (size_t i = 0; i < SERVERS; i++)
		cr_expect_eq(servers[i].scatter, 0, "all do");
}

Test(slices, one_slice_is_no_burst_and_none_is_known_among_noise)
{
	made[1][4].cpu_ns *= 3;
	slices_compute(block, SERVERS, ROUNDS);
	expect_truth(1, 0.001);
	for (size_t round = 1; round < ROUNDS; round += 3) {
		made[1][round].cpu_ns *= 2;
		made[3][round / 2].cpu_ns *= 1.5;
	}
	slices_compute(block, SERVERS, ROUNDS);
	expect_truth(1, 0.001);
	expect_truth(3, 0.001);
}

Test(slices, a_round_that_was_hit_changes_no_ratio)
{
	for (size_t round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < SERVERS; i++)
			made[i][round] = slice_of(i, round % 3 ? 1 + (double)round : 1);
	slices_compute(block, SERVERS, ROUNDS);
	for (size_t i = 1; i < SERVERS; i++)
		cr_expect_float_eq(servers[i].figures[SLICE_CPU_PER_REQUEST_NS] /
					   servers[0].figures[SLICE_CPU_PER_REQUEST_NS],
				   (double)(i + 1), 0.01);
}

Test(slices, two_rounds_in_five_that_were_hit_leave_the_figures_as_they_are)
{
	for (size_t round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < SERVERS; i++)
			made[i][round] = slice_of(i, round % 5 < 2 ? 3 : 1);
	slices_compute(block, SERVERS, ROUNDS);
	for (size_t i = 0; i < SERVERS; i++)
		expect_truth(i, 0.01);
}

/* One that died, one with errors and one that answered nothing have figures of their own, or none. */
Test(slices, a_server_that_fell_out_changes_nothing_for_the_others)
{
	servers[0].count = 3;
	made[1][4].errors = 1;
	for (size_t round = 4; round < ROUNDS; round++)
		made[1][round].good = 7;
	servers[2].count = 0;
	slices_compute(block, SERVERS, ROUNDS);
	expect_truth(0, 0.001);
	expect_truth(3, 0.001);
	expect_truth(4, 0.001);
	cr_expect(isnan(servers[2].figures[SLICE_REQUESTS_PER_S]));
	cr_expect(isnan(made[0][0].relative), "of one that fell out nothing was to be expected");
	cr_expect_float_eq(made[4][9].relative, 1, 0.001);
	cr_expect_gt(servers[1].figures[SLICE_CPU_PER_REQUEST_NS], truth_ns(1));
}

/* 10 ms or nothing, 6 in all: a median would be one or the other. */
Test(slices, cpu_that_is_known_in_ticks_is_summed_up)
{
	for (size_t round = 0; round < ROUNDS; round++) {
		made[1][round].ended_ns = round < 6 ? 1e7 : 0;
		made[1][round].cpu_ns = made[1][round].ended_ns;
	}
	slices_compute(block, SERVERS, ROUNDS);
	cr_expect_float_eq(servers[1].figures[SLICE_CPU_PER_REQUEST_NS],
			   6e7 / (double)(ROUNDS * made[1][0].good), 1);
	expect_truth(0, 0.001);
	expect_truth(4, 0.001);
	cr_expect_float_eq(servers[1].figures[SLICE_REQUESTS_PER_S], 1e9 / truth_ns(1), 100,
			   "its rate is as well known as others'");
}

/* 64 requests were under way at the end of each slice, and none at its beginning. */
Test(slices, what_is_answered_behind_a_closed_loops_slice_counts_with_its_time)
{
	for (size_t round = 0; round < ROUNDS; round++) {
		made[0][round].good += 64;
		made[0][round].drained_ns += (uint64_t)(64 * truth_ns(0));
		made[0][round].cpu_ns += 64 * truth_ns(0);
	}
	slices_compute(block, SERVERS, ROUNDS);
	expect_truth(0, 0.001);
}

Test(slices, each_round_is_a_permutation_and_the_next_its_reverse)
{
	size_t first[SERVERS], second[SERVERS], again[SERVERS];
	bool differ = false;

	for (size_t round = 0; round < 20; round += 2) {
		bool seen[SERVERS] = {false};

		slices_order(7, round, first, SERVERS);
		slices_order(7, round + 1, second, SERVERS);
		slices_order(7, round, again, SERVERS);
		cr_expect_eq(memcmp(first, again, sizeof first), 0, "the seed decides");
		for (size_t i = 0; i < SERVERS; i++) {
			cr_expect_eq(first[i], second[SERVERS - 1 - i]);
			cr_expect_not(seen[first[i]]);
			seen[first[i]] = true;
		}
		slices_order(8, round, again, SERVERS);
		differ |= memcmp(first, again, sizeof first) != 0;
	}
	cr_expect(differ, "another seed, another order");
}

Test(slices, rounds_last_as_long_as_the_window_would_have)
{
	cr_expect_eq(slices_rounds(800 * NS_PER_MS, 100 * NS_PER_MS), 8);
	cr_expect_eq(slices_rounds(810 * NS_PER_MS, 100 * NS_PER_MS), 9);
	cr_expect_eq(slices_rounds(200 * NS_PER_MS, 100 * NS_PER_MS), SLICES_ROUNDS_LEAST);
}

/* So that a sum of several windows is read as one that began at nothing. */
Test(slices, what_lies_between_samples_adds_up)
{
	static struct sample sum, begin, end;
	double waited_ns;

	sum = (struct sample){0};
	for (unsigned i = 1; i <= 3; i++) {
		begin = end;
		begin.at_ns += 1000; /* what is in between counts for nothing */
		begin.cpu_ns += 500;
		end = begin;
		end.at_ns += 100;
		end.cpu_ns += 70;
		end.server_cores.cores = 1;
		end.server_cores.busy += 10;
		/* A thread that stays, and one that is new in each. */
		end.delay.count = 2;
		end.delay.threads[0] = begin.delay.threads[0];
		end.delay.threads[0].tid = 5;
		end.delay.threads[0].ran_ns += 60;
		end.delay.threads[0].waited_ns += 7;
		end.delay.threads[1] = (struct thread_times){.tid = (pid_t)(10 + i), .ran_ns = 10};
		sample_add_between(&sum, &begin, &end);
	}
	cr_expect_eq(sum.at_ns, 300);
	cr_expect_float_eq(sum.cpu_ns, 210, 0.1);
	cr_expect_eq(sum.server_cores.busy, 30);
	cr_expect_eq(sum.server_cores.cores, 1);
	cr_expect_eq(sum.delay.count, 4);
	begin = (struct sample){0};
	cr_expect_null(run_delay_between(&begin.delay, &sum.delay, sum.cpu_ns, &waited_ns));
	cr_expect_float_eq(waited_ns, 21, 0.1);
}
