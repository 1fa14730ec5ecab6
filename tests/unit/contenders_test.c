/* Who is ranked before whom, on machines that change between blocks. */
#include "report/contenders.h"

#include "lib/random.h"
#include "tests/unit/blocks_fixture.h"

#include <string.h>

/* The machine's speed in each block: it halves, and halves again. */
static const double halving[] = {1, 0.5, 0.25, 0.9, 0.45, 0.7};

/* The contenders for the rate; to be destroyed. */
static struct contenders ranking_of(struct made_blocks *made)
{
	struct contenders all;

	made_blocks_open(made);
	cr_assert_eq(contenders_find_best(&all, &made->part, "requests_per_s", true), 0);
	return all;
}

static void end(struct made_blocks *made, struct contenders *all)
{
	contenders_destroy(all);
	made_blocks_end(made);
}

/* Rates of three servers that keep their order while the machine does not keep its speed. */
static void make_halving(struct made_blocks *made, int blocks)
{
	made_blocks_begin(made, "epoll threads slow");
	for (int i = 0; i < blocks; i++) {
		double wobble = 0.004 * (i % 2 ? 1 : -1);

		made_blocks_trial(made, "threads", i + 1, 80e3 * halving[i]);
		made_blocks_trial(made, "epoll", i + 1, 100e3 * halving[i] * (1 + wobble));
		made_blocks_trial(made, "slow", i + 1, 50e3 * halving[i] * (1 - wobble));
	}
}

static void check_order_on_a_machine_that_halves(int blocks)
{
	struct made_blocks made;
	struct contenders all;

	make_halving(&made, blocks);
	all = ranking_of(&made);
	cr_assert_eq(all.count, 3);
	cr_expect_str_eq(all.items[0].server, "epoll");
	cr_expect_str_eq(all.items[1].server, "threads");
	cr_expect_str_eq(all.items[2].server, "slow");
	cr_expect_geq(all.items[1].summary.high, all.items[0].summary.low,
		      "the figures themselves overlap");
	cr_expect(all.always_ahead);
	end(&made, &all);
}

Test(contenders, servers_that_keep_their_order_are_ranked_though_the_machine_halves_its_speed)
{
	check_order_on_a_machine_that_halves(3);
	check_order_on_a_machine_that_halves(6);
}

Test(contenders, without_a_difference_nobody_is_always_ahead)
{
	/* Each is ahead of the others in some block, be the machine fast or slow. */
	static const double a[] = {1.00, 1.03, 0.98, 1.01, 0.99, 1.02};
	static const double b[] = {1.02, 1.00, 1.01, 0.98, 1.03, 0.99};
	static const int counts[] = {2, 3, 6};

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		struct made_blocks made;
		struct contenders all;

		made_blocks_begin(&made, "epoll other");
		for (int j = 0; j < counts[i]; j++) {
			made_blocks_trial(&made, "epoll", j + 1, 1e5 * halving[j] * a[j]);
			made_blocks_trial(&made, "other", j + 1, 1e5 * halving[j] * b[j]);
		}
		all = ranking_of(&made);
		cr_expect_not(all.always_ahead);
		end(&made, &all);
	}
}

/* Where a slow block is missing of one server, its median is of better blocks than the others'. */
Test(contenders, a_server_that_missed_the_slow_block_is_not_ahead_for_it)
{
	struct made_blocks made;
	struct contenders all;

	made_blocks_begin(&made, "epoll lucky");
	for (int i = 0; i < 3; i++) {
		made_blocks_trial(&made, "epoll", i + 1, 1e5 * halving[i]);
		made_blocks_trial(&made, "lucky", i + 1, i == 2 ? NAN : 0.8e5 * halving[i]);
	}
	all = ranking_of(&made);
	cr_assert_eq(all.count, 2);
	cr_expect_lt(all.items[0].summary.median, all.items[1].summary.median);
	cr_expect_str_eq(all.items[0].server, "epoll");
	end(&made, &all);
}

Test(contenders, servers_of_which_no_block_has_both_are_not_told_apart)
{
	struct made_blocks made;
	struct contenders all;

	made_blocks_begin(&made, "early late");
	for (int i = 0; i < 4; i++) {
		made_blocks_trial(&made, "early", i + 1, i < 2 ? 1e5 : NAN);
		made_blocks_trial(&made, "late", i + 1, i < 2 ? NAN : 0.5e5);
	}
	all = ranking_of(&made);
	cr_assert_eq(all.count, 2);
	cr_expect_not(all.always_ahead);
	end(&made, &all);
}

Test(contenders, one_block_ranks_nobody)
{
	struct made_blocks made;
	struct contenders all;

	make_halving(&made, 1);
	all = ranking_of(&made);
	cr_expect_eq(all.count, 3);
	cr_expect_eq(all.of_rank[CONTENDER_RANKED], 0);
	cr_expect_eq(all.of_rank[CONTENDER_SINGLE], 3);
	end(&made, &all);
}

Test(contenders, lower_bounds_and_floors_are_compared_with_nobody)
{
	struct made_blocks made;
	struct contenders all;

	made_blocks_begin(&made, "null epoll other bound");
	for (int i = 0; i < 3; i++) {
		json_t *trial = made_blocks_trial(&made, "bound", i + 1, 9e5 * halving[i]);

		json_object_set_new(trial, "rate_is_lower_bound", json_true());
		made_blocks_trial(&made, "null", i + 1, 99e5 * halving[i]);
		made_blocks_trial(&made, "epoll", i + 1, 1e5 * halving[i]);
		made_blocks_trial(&made, "other", i + 1, 0.5e5 * halving[i]);
	}
	all = ranking_of(&made);
	cr_assert_eq(all.count, 4);
	cr_expect_eq(all.of_rank[CONTENDER_RANKED], 2);
	cr_expect_str_eq(all.items[0].server, "epoll");
	cr_expect_str_eq(all.items[2].server, "bound");
	cr_expect_str_eq(all.items[3].server, "null");
	end(&made, &all);
}

Test(contenders, equal_values_are_ties)
{
	struct made_blocks made;
	struct contenders all;

	made_blocks_begin(&made, "b a");
	for (int i = 0; i < 6; i++) {
		made_blocks_trial(&made, "a", i + 1, 1e5 * halving[i]);
		made_blocks_trial(&made, "b", i + 1, 1e5 * halving[i]);
	}
	all = ranking_of(&made);
	cr_expect_str_eq(all.items[0].server, "b", "in the scenario's order");
	cr_expect_not(all.always_ahead);
	end(&made, &all);
}

/* Less is better, and zero is as good as can be; nothing can be divided by it. */
Test(contenders, zeros_have_no_logarithm_and_are_ranked_all_the_same)
{
	struct made_blocks made;
	struct contenders all;

	made_blocks_begin(&made, "epoll other");
	for (int i = 0; i < 6; i++) {
		json_t *trial = made_blocks_trial(&made, "epoll", i + 1, 1e5);

		json_object_set_new(json_object_get(trial, "metrics"), "latency_p50_ns",
				    json_real(0));
		made_blocks_trial(&made, "other", i + 1, 1e5 * halving[i]);
	}
	made_blocks_open(&made);
	cr_assert_eq(contenders_find_best(&all, &made.part, "latency_p50_ns", false), 0);
	cr_expect_str_eq(all.items[0].server, "epoll");
	end(&made, &all);
}

/* Noise of a per cent or so, the same on every machine. */
static double noise(struct random *random, double deviation)
{
	double sum = 0;

	for (int i = 0; i < 12; i++)
		sum += random_unit(random);
	return exp(deviation * (sum - 6));
}

/* In how many of 400 runs of eight servers in three blocks, of which seven take `slower` times as long, one leads in all. */
static size_t count_leaders(double deviation, double slower)
{
	static const char *const names[] = {"epoll", "b", "c", "d", "e", "f", "g", "h"};
	struct random random;
	size_t leaders = 0;

	random_seed(&random, 14);
	for (int run = 0; run < 400; run++) {
		struct made_blocks made;
		struct contenders all;

		made_blocks_begin(&made, "epoll b c d e f g h");
		for (int i = 0; i < 3; i++)
			for (int j = 0; j < 8; j++)
				made_blocks_trial(&made, names[j], i + 1,
						  1e5 * halving[i] * noise(&random, deviation) /
							  (j == 0 ? 1 : slower));
		all = ranking_of(&made);
		leaders += all.always_ahead;
		end(&made, &all);
	}
	return leaders;
}

/* Of eight equal servers one leads in each of three blocks by chance in one run of 64. */
Test(contenders, equal_servers_hardly_ever_have_a_leader_and_a_faster_one_is_found)
{
	size_t leaders = count_leaders(0.02, 1);

	cr_expect_leq(leaders, 20, "%zu of 400 runs", leaders);
	leaders = count_leaders(0.05, 1);
	cr_expect_leq(leaders, 20, "%zu of 400 runs", leaders);
	leaders = count_leaders(0.02, 1.2);
	cr_expect_geq(leaders, 380, "%zu of 400 runs", leaders);
}
