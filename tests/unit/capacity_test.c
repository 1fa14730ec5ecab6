#include "loadgen/capacity.h"
#include "lib/random.h"

#include <criterion/criterion.h>

static struct capacity capacity;

/* A server that bears so much, sharply; from there on p99 is over the limit. */
static void search_sharp(double truth, double guess)
{
	double rate;

	capacity_init(&capacity, 1000, guess);
	while ((rate = capacity_next(&capacity)) > 0)
		capacity_add(&capacity,
			     (struct capacity_trial){.rate_per_s = rate,
						     .achieved_ratio = 1,
						     .p99_ns = rate <= truth ? 900 : 2000});
}

Test(capacity, a_sharp_edge_is_found_from_any_guess)
{
	static const double guesses[] = {10, 900, 5000, 80000, 1e6};

	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++) {
		search_sharp(12345, guesses[i]);
		cr_assert_leq(capacity.held_per_s, 12345);
		cr_assert_geq(capacity.held_per_s, 12345 * 0.97, "%g", capacity.held_per_s);
		cr_assert_eq(capacity.held, CAPACITY_HELD);
		cr_assert_eq(capacity.of, CAPACITY_HELD);
		cr_assert_not(capacity.at_least);
		cr_assert_gt(capacity.failed_per_s, 12345);
		cr_assert_lt(capacity.failed_per_s, 12345 * 1.03);
		cr_assert_lt(capacity.count, 45);
	}
}

Test(capacity, a_server_that_bears_nothing_has_none)
{
	search_sharp(0.5, 1000);
	cr_assert_eq(capacity.held_per_s, 0);
	search_sharp(100, 0);
	cr_assert_eq(capacity.held_per_s, 0, "nothing answered the closed loop");
}

Test(capacity, each_of_the_three_conditions_counts)
{
	static const struct {
		struct capacity_trial trial;
		bool held;
	} cases[] = {
		{{.p99_ns = 1000, .achieved_ratio = 0.99}, true},
		{{.p99_ns = 1001, .achieved_ratio = 1}, false},
		{{.p99_ns = 10, .achieved_ratio = 0.98}, false},
		{{.p99_ns = 10, .achieved_ratio = 1, .errors = 1}, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		capacity_init(&capacity, 1000, 100);
		capacity_add(&capacity, cases[i].trial);
		cr_assert_eq(capacity.trial[0].held, cases[i].held, "%zu", i);
	}
}

Test(capacity, one_unlucky_trial_does_not_decide)
{
	double rate;
	int bad = 0;

	capacity_init(&capacity, 1000, 1000);
	/* Every fifth trial fails for no reason of the rate. */
	while ((rate = capacity_next(&capacity)) > 0)
		capacity_add(&capacity, (struct capacity_trial){
						.rate_per_s = rate,
						.achieved_ratio = 1,
						.p99_ns = rate <= 700 && ++bad % 5 ? 900 : 2000});
	cr_assert_geq(capacity.held_per_s, 670);
	cr_assert_leq(capacity.held_per_s, 700);
}

Test(capacity, a_soft_edge_is_found_where_four_of_five_hold)
{
	struct random random;
	double rate;

	random_seed(&random, 3);
	for (int i = 0; i < 50; i++) {
		capacity_init(&capacity, 1000, 1000);
		/* Held for certain at 400, never at 600, in between less and less often. */
		while ((rate = capacity_next(&capacity)) > 0) {
			bool held = random_unit(&random) < (600 - rate) / 200;

			capacity_add(&capacity,
				     (struct capacity_trial){.rate_per_s = rate,
							     .achieved_ratio = 1,
							     .p99_ns = held ? 900 : 2000});
		}
		cr_assert_geq(capacity.held, CAPACITY_HELD);
		cr_assert_geq(capacity.held_per_s, 380);
		cr_assert_leq(capacity.held_per_s, 600);
	}
}

Test(capacity, the_trial_that_chose_a_rate_does_not_confirm_it)
{
	unsigned confirmed = 0, bad = 0;
	double rate;

	capacity_init(&capacity, 1000, 1000);
	/* Of those that repeat the rate that was found, the second fails. */
	while ((rate = capacity_next(&capacity)) > 0) {
		bool good = rate <= 700 && !(capacity.stage == CAPACITY_CONFIRMING && ++bad == 2);

		capacity_add(&capacity, (struct capacity_trial){.rate_per_s = rate,
								.achieved_ratio = 1,
								.p99_ns = good ? 900 : 2000});
	}
	for (size_t i = 0; i < capacity.count; i++)
		confirmed += capacity.trial[i].confirms &&
			     capacity.trial[i].rate_per_s <= capacity.held_per_s;
	cr_assert_eq(confirmed, CAPACITY_OF);
	cr_assert_eq(capacity.of, CAPACITY_OF, "and not six");
	cr_assert_eq(capacity.held, CAPACITY_HELD);
}

/* From `limit` on nothing is held; from `spoiled` on it is the generator's doing. */
static void search_spoiled(double limit, double spoiled)
{
	double rate;

	capacity_init(&capacity, 1000, 5000);
	while ((rate = capacity_next(&capacity)) > 0)
		capacity_add(&capacity, (struct capacity_trial){.rate_per_s = rate,
								.achieved_ratio = 1,
								.p99_ns = rate < limit ? 900 : 2000,
								.spoiled = rate >= spoiled});
}

Test(capacity, what_the_generator_could_not_do_makes_it_at_least)
{
	search_spoiled(3000, 3000);
	cr_assert(capacity.at_least);
	cr_assert_gt(capacity.held_per_s, 2900);
	/* Where the generator is at its limit far above, the server was first. */
	search_spoiled(3000, 4000);
	cr_assert_not(capacity.at_least);
	/* It was held although the generator was at its limit: so it is held. */
	search_spoiled(3000, 2000);
	cr_assert(capacity.at_least, "the rate that bounds it was spoiled too");
	cr_assert_gt(capacity.held_per_s, 2900);
	search_spoiled(0, 0);
	cr_assert_eq(capacity.held_per_s, 0);
	cr_assert(capacity.at_least, "nothing was held, and the server is not to blame");
	cr_assert_eq(capacity.of, 0);
}

Test(capacity, the_last_trial_that_there_is_room_for_may_decide)
{
	capacity_init(&capacity, 1000, 1000);
	capacity.stage = CAPACITY_CONFIRMING;
	capacity.low = capacity.tested = 500;
	capacity.count = capacity.test_first = CAPACITY_TRIALS_MAX - CAPACITY_HELD;
	for (int i = 0; i < CAPACITY_HELD; i++) {
		cr_assert_eq(capacity_next(&capacity), 500);
		capacity_add(&capacity,
			     (struct capacity_trial){.rate_per_s = 500, .achieved_ratio = 1});
	}
	cr_assert_eq(capacity_next(&capacity), 0);
	cr_assert_eq(capacity.held_per_s, 500);
}

/*
 * What share of searches ends below 95 % of the truth, if a rate that is borne fails by accident with
 * that chance. The guess lies anywhere between half of it and twice.
 */
static double share_too_low(double accident, double *trials)
{
	enum { SEARCHES = 20000 };
	const double truth = 10000;
	struct random random;
	unsigned low = 0;
	double rate;

	random_seed(&random, 11);
	*trials = 0;
	for (int i = 0; i < SEARCHES; i++) {
		capacity_init(&capacity, 1000, truth * (0.5 + 1.5 * random_unit(&random)));
		while ((rate = capacity_next(&capacity)) > 0) {
			bool held = rate <= truth && random_unit(&random) >= accident;

			capacity_add(&capacity,
				     (struct capacity_trial){.rate_per_s = rate,
							     .achieved_ratio = 1,
							     .p99_ns = held ? 900 : 2000});
		}
		cr_assert_leq(capacity.held_per_s, truth);
		low += capacity.held_per_s < truth * 0.95;
		*trials += (double)capacity.count / SEARCHES;
	}
	return low / (double)SEARCHES;
}

Test(capacity, bad_luck_does_not_fix_the_upper_end)
{
	double trials;

	cr_assert_eq(share_too_low(0, &trials), 0);
	cr_assert_lt(trials, 30, "%g", trials);
	cr_assert_lt(share_too_low(0.2, &trials), 0.02);
	cr_assert_lt(trials, 45, "%g", trials);
	cr_assert_lt(share_too_low(0.3, &trials), 0.15);
}

Test(capacity, a_trial_that_the_generator_spoiled_is_repeated)
{
	double rate;
	int spoiled = 0;

	capacity_init(&capacity, 1000, 1000);
	/* Every third trial is spoiled: that alone must not lower anything. */
	while ((rate = capacity_next(&capacity)) > 0) {
		bool bad = ++spoiled % 3 == 0;

		capacity_add(&capacity,
			     (struct capacity_trial){.rate_per_s = rate,
						     .achieved_ratio = 1,
						     .p99_ns = rate <= 700 && !bad ? 900 : 2000,
						     .spoiled = bad});
	}
	cr_assert_geq(capacity.held_per_s, 686);
	cr_assert_eq(capacity.of, capacity.held, "none of them counts against it");
	cr_assert_not(capacity.at_least, "what bounds it failed without being spoiled, too");
}

Test(capacity, what_limits_it_is_told)
{
	double rate;

	capacity_init(&capacity, 1000, 1000);
	while ((rate = capacity_next(&capacity)) > 0)
		capacity_add(&capacity,
			     (struct capacity_trial){.rate_per_s = rate,
						     .achieved_ratio = 1,
						     .p99_ns = rate <= 700 ? 900 : 2000,
						     .short_of_connections = rate >= 600});
	cr_assert_str_eq(capacity_limit_name(&capacity), "connections");
	search_sharp(12345, 5000);
	cr_assert_str_eq(capacity_limit_name(&capacity), "server");
	search_spoiled(3000, 3000);
	cr_assert_str_eq(capacity_limit_name(&capacity), "generator");
}

Test(capacity, trials_are_long_enough_for_a_p99)
{
	cr_assert_eq(capacity_duration_ns(1000, 10000000000), 10000000000);
	cr_assert_eq(capacity_duration_ns(1000, 1000000000), 2000000000, "2,000 samples");
	cr_assert_eq(capacity_duration_ns(10, 1000000000), 4000000000, "but not for ever");
}
