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

static void check_tiers_on_a_machine_that_halves(int blocks)
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
	cr_expect_eq(all.first_tier, 1, "%zu of %d blocks share a tier", all.first_tier, blocks);
	cr_expect(all.always_ahead);
	end(&made, &all);
}

Test(contenders, servers_that_keep_their_order_have_tiers_though_the_machine_halves_its_speed)
{
	check_tiers_on_a_machine_that_halves(3);
	check_tiers_on_a_machine_that_halves(6);
}

Test(contenders, no_difference_is_one_tier)
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
		cr_expect_eq(all.first_tier, 2, "%d blocks", counts[i]);
		cr_expect_not(all.always_ahead);
		end(&made, &all);
	}
}

Test(contenders, what_is_always_behind_but_by_less_than_matters_shares_the_tier)
{
	struct made_blocks made;
	struct contenders all;

	made_blocks_begin(&made, "epoll near");
	for (int i = 0; i < 6; i++) {
		made_blocks_trial(&made, "epoll", i + 1, 1e5 * halving[i]);
		made_blocks_trial(&made, "near", i + 1, 0.99e5 * halving[i]);
	}
	all = ranking_of(&made);
	cr_expect_str_eq(all.items[0].server, "epoll");
	cr_expect_eq(all.first_tier, 2, "1 %% of a rate does not matter");
	end(&made, &all);
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
	cr_expect_eq(all.first_tier, 1);
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
	cr_expect_eq(all.first_tier, 2);
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
	cr_expect_eq(all.first_tier, 1);
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
	cr_expect_eq(all.first_tier, 2);
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
	cr_expect_eq(all.first_tier, 1);
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

/*
 * How often, in 400 runs of eight servers in three blocks, any but the slow ones is put behind (*false_alarms)
 * and all of the slow ones are (*found): the last two servers take `slower` times as long.
 */
static void play(double deviation, double slower, size_t *false_alarms, size_t *found)
{
	static const char *const names[] = {"epoll", "b", "c", "d", "e", "f", "slow", "slower"};
	struct random random;

	random_seed(&random, 14);
	*false_alarms = *found = 0;
	for (int run = 0; run < 400; run++) {
		struct made_blocks made;
		struct contenders all;
		size_t right = 0, wrong = 0;

		made_blocks_begin(&made, "epoll b c d e f slow slower");
		for (int i = 0; i < 3; i++)
			for (int j = 0; j < 8; j++)
				made_blocks_trial(&made, names[j], i + 1,
						  1e5 * halving[i] * noise(&random, deviation) /
							  (j < 6 ? 1 : slower));
		all = ranking_of(&made);
		for (size_t i = 0; i < all.count; i++) {
			bool slow = strncmp(all.items[i].server, "slow", 4) == 0 && slower > 1;

			right += slow && all.items[i].behind;
			wrong += !slow && all.items[i].behind;
		}
		*false_alarms += wrong > 0;
		*found += right == 2;
		end(&made, &all);
	}
}

/*
 * Of eight servers one is soon the slowest in each of three blocks by chance: by the blocks of each alone a
 * third of these runs would put an equal server behind.
 */
Test(contenders, equal_servers_are_hardly_ever_put_behind_and_slow_ones_are)
{
	size_t false_alarms, found;

	play(0.02, 1, &false_alarms, &found);
	cr_expect_leq(false_alarms, 20, "%zu of 400 runs", false_alarms);
	play(0.05, 1, &false_alarms, &found);
	cr_expect_leq(false_alarms, 20, "%zu of 400 runs", false_alarms);
	play(0.02, 1.2, &false_alarms, &found);
	cr_expect_leq(false_alarms, 20, "%zu of 400 runs", false_alarms);
	cr_expect_geq(found, 380, "%zu of 400 runs", found);
}
