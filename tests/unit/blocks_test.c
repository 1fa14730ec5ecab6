/* What is compared within blocks: one cell against another, and all servers of a point together. */
#include "stored/blocks/model.h"
#include "stored/blocks/ratio.h"
#include "tests/unit/blocks_fixture.h"

#include <stdint.h>

/* The machine's speed in each block: it halves, and halves again. */
static const double halving[] = {1, 0.5, 0.25, 0.9, 0.45, 0.7, 1, 0.35};

static struct made_blocks made;

static void fini(void)
{
	made_blocks_end(&made);
}

TestSuite(blocks, .fini = fini, .timeout = 10);

static struct cell cell_of(const char *server)
{
	return (struct cell){.scenario = "s", .part = "p", .server = server};
}

static struct block_ratio ratio_of(const char *server, const char *over, const char *metric)
{
	const struct cell of = cell_of(server), to = cell_of(over);

	return block_ratio_find(&made.results, &of, &to, metric, 0.95);
}

static void set(json_t *trial, double value)
{
	json_object_set_new(json_object_get(trial, "metrics"), "server_cpu_per_request_ns",
			    json_real(value));
}

Test(blocks, a_ratio_is_narrow_where_the_figures_themselves_are_wide)
{
	const struct cell a = cell_of("a");
	struct block_ratio ratio;
	struct summary alone;

	made_blocks_begin(&made, "a b");
	for (int i = 0; i < 8; i++) {
		made_blocks_trial(&made, "a", i + 1, 1e5 * halving[i]);
		made_blocks_trial(&made, "b", i + 1, 0.8e5 * halving[i] * (i % 2 ? 1.002 : 1));
	}
	ratio = ratio_of("b", "a", "requests_per_s");
	alone = blocks_summary(&made.results, &a, "requests_per_s");
	cr_expect_gt(alone.high, 2 * alone.low);
	cr_assert_eq(ratio.kind, BLOCK_RATIO_FOUND);
	cr_expect_eq(ratio.summary.count, 8);
	cr_expect_float_eq(ratio.summary.median, 0.8, 0.002);
	cr_expect_gt(ratio.summary.low, 0.799);
	cr_expect_lt(ratio.summary.high, 0.803);
	cr_expect_geq(ratio.summary.coverage, 0.95);
}

Test(blocks, few_blocks_give_their_range_and_say_what_it_covers)
{
	made_blocks_begin(&made, "a b");
	for (int i = 0; i < 3; i++) {
		made_blocks_trial(&made, "a", i + 1, 1e5 * halving[i]);
		made_blocks_trial(&made, "b", i + 1, 1e5 * halving[i] * (1 + 0.1 * i));
	}
	struct block_ratio ratio = ratio_of("b", "a", "requests_per_s");

	cr_expect_float_eq(ratio.summary.low, 1, 1e-9);
	cr_expect_float_eq(ratio.summary.median, 1.1, 1e-9);
	cr_expect_float_eq(ratio.summary.high, 1.2, 1e-9);
	cr_expect_float_eq(ratio.summary.coverage, 0.75, 1e-9);
	cr_expect_eq(ratio.summary.count, 3);
}

Test(blocks, only_blocks_that_have_both_are_compared)
{
	made_blocks_begin(&made, "a b c");
	for (int i = 0; i < 4; i++) {
		made_blocks_trial(&made, "a", i + 1, i == 1 ? NAN : 1e5 * halving[i]);
		made_blocks_trial(&made, "b", i + 1, i == 2 ? NAN : 2e5 * halving[i]);
		made_blocks_trial(&made, "c", i + 1, i == 1 ? 1e5 : NAN);
	}
	struct block_ratio ratio = ratio_of("b", "a", "requests_per_s");

	cr_expect_eq(ratio.pairs, 2);
	cr_expect_float_eq(ratio.summary.median, 2, 1e-9);
	cr_expect_eq(ratio_of("c", "a", "requests_per_s").kind, BLOCK_RATIO_APART);
	cr_expect_eq(ratio_of("c", "a", "requests_per_s").summary.count, 0);
	cr_expect_eq(ratio_of("d", "a", "requests_per_s").kind, BLOCK_RATIO_NO_VALUES);
	cr_expect_eq(ratio_of("a", "d", "requests_per_s").kind, BLOCK_RATIO_NO_REFERENCE);
}

Test(blocks, a_single_pair_decides_nothing)
{

	made_blocks_begin(&made, "a b");
	made_blocks_trial(&made, "a", 1, 1e5);
	made_blocks_trial(&made, "b", 1, 1e4);
	cr_expect_eq(ratio_of("b", "a", "requests_per_s").summary.count, 1);
	cr_expect_eq(ratio_of("b", "a", "requests_per_s").summary.coverage, 0);
}

Test(blocks, a_lower_bound_bounds_the_ratio)
{

	made_blocks_begin(&made, "a b c");
	for (int i = 0; i < 6; i++) {
		json_t *trial = made_blocks_trial(&made, "b", i + 1, 0.5e5);

		json_object_set_new(trial, "rate_is_lower_bound", json_true());
		trial = made_blocks_trial(&made, "c", i + 1, 2e5);
		json_object_set_new(trial, "rate_is_lower_bound", json_true());
		made_blocks_trial(&made, "a", i + 1, 1e5);
	}
	cr_expect(ratio_of("b", "a", "requests_per_s").at_least);
	cr_expect_not(ratio_of("b", "a", "requests_per_s").at_most);
	cr_expect(ratio_of("a", "b", "requests_per_s").at_most);
	cr_expect_eq(ratio_of("c", "b", "requests_per_s").kind, BLOCK_RATIO_BOTH_BOUNDS);
	cr_expect_not(ratio_of("b", "a", "server_cpu_per_request_ns").at_least, "CPU is no rate");
}

Test(blocks, zeros_divide_nothing)
{
	made_blocks_begin(&made, "a b");
	for (int i = 0; i < 6; i++) {
		set(made_blocks_trial(&made, "a", i + 1, 1e5), i < 5 ? 0 : 4);
		set(made_blocks_trial(&made, "b", i + 1, 1e5), 0);
	}
	/* Its interval reaches up to 4, so the quotients are at least what that makes of them. */
	struct block_ratio ratio = ratio_of("b", "a", "server_cpu_per_request_ns");

	cr_expect_eq(ratio.kind, BLOCK_RATIO_FOUND);
	cr_expect(ratio.at_least);
	cr_expect_eq(ratio.summary.median, 0);
	cr_expect_eq(ratio_of("a", "b", "server_cpu_per_request_ns").kind, BLOCK_RATIO_NO_DIVISOR);
}

/* The model of these servers' rates; to be destroyed. */
static struct block_model model_of(const char *const *servers, size_t count, const char *metric)
{
	struct cell cells[8];
	struct block_model model;

	for (size_t i = 0; i < count; i++)
		cells[i] = cell_of(servers[i]);
	cr_assert_eq(block_model_fit(&model, &made.results, cells, count, metric), 0);
	return model;
}

Test(blocks, effects_come_through_drift_missing_cells_and_a_spoiled_value)
{
	static const char *const servers[] = {"a", "b", "c", "none"};
	static const double rates[] = {1e5, 0.8e5, 0.5e5};
	struct block_model model;

	made_blocks_begin(&made, "a b c none");
	for (int i = 0; i < 5; i++)
		for (size_t j = 0; j < 3; j++) {
			bool missing = (i == 1 && j == 0) || (i == 2 && j == 2);
			double spoiled = i == 4 && j == 1 ? 0.3 : 1;

			made_blocks_trial(&made, servers[j], i + 1,
					  missing ? NAN : rates[j] * halving[i] * spoiled);
		}
	model = model_of(servers, 4, "requests_per_s");
	cr_expect_float_eq(model.effects[0] - model.effects[1], log(1 / 0.8), 1e-9);
	cr_expect_float_eq(model.effects[1] - model.effects[2], log(0.8 / 0.5), 1e-9);
	cr_expect(isnan(model.effects[3]));
	block_model_destroy(&model);
}

/* A cell that only meets some others is placed by way of them. */
Test(blocks, servers_that_share_no_block_are_placed_by_those_that_both_share_one_with)
{
	static const char *const servers[] = {"a", "between", "b"};
	struct block_model model;

	made_blocks_begin(&made, "a between b");
	for (int i = 0; i < 6; i++) {
		made_blocks_trial(&made, "between", i + 1, 1e5 * halving[i]);
		made_blocks_trial(&made, i < 3 ? "a" : "b", i + 1,
				  (i < 3 ? 2e5 : 1.5e5) * halving[i]);
	}
	model = model_of(servers, 3, "requests_per_s");
	cr_expect_float_eq(model.effects[0] - model.effects[2], log(2 / 1.5), 1e-6);
	block_model_destroy(&model);
}

/*
 * A two-way table worked by hand: sums of squares 34.25 of blocks, 40.5 of servers and 3.5 of what is
 * left, with 3, 2 and 6 degrees of freedom.
 */
Test(blocks, efficiency_is_that_of_the_two_way_table)
{
	static const char *const servers[] = {"a", "b", "c"};
	static const double table[3][4] = {{10, 13, 9, 12}, {12, 16, 10, 15}, {15, 17, 14, 16}};
	struct block_model model;
	struct block_spread twice = {0};

	made_blocks_begin(&made, "a b c");
	for (size_t i = 0; i < 3; i++)
		for (int j = 0; j < 4; j++)
			made_blocks_trial(&made, servers[i], j + 1, exp(table[i][j]));
	/* A fifth block, which is not whole, is left out of it. */
	made_blocks_trial(&made, "a", 5, exp(40));
	model = model_of(servers, 3, "requests_per_s");
	cr_expect_float_eq(block_spread_efficiency(&model.spread), 5.660606, 1e-6);
	block_spread_add(&twice, &model.spread);
	block_spread_add(&twice, &model.spread);
	cr_expect_float_eq(twice.within / twice.within_free, 3.5 / 6, 1e-9);
	block_model_destroy(&model);
}

/* What is left is what was put in, per degree of freedom: +-1 % in turn, of two servers in six blocks. */
Test(blocks, what_is_left_is_noise_alone)
{
	static const char *const servers[] = {"a", "b"};
	struct block_model model;

	made_blocks_begin(&made, "a b");
	for (int i = 0; i < 6; i++) {
		double noise = i % 2 ? 0.01 : -0.01;

		made_blocks_trial(&made, "a", i + 1, 1e5 * halving[i] * exp(noise));
		made_blocks_trial(&made, "b", i + 1, 3e5 * halving[i] * exp(-noise));
	}
	/* One that has no counterpart leaves nothing, and costs nothing. */
	made_blocks_trial(&made, "b", 7, 3e5);
	model = model_of(servers, 2, "requests_per_s");
	cr_expect_float_eq(model.effects[1] - model.effects[0], log(3), 1e-9);
	cr_expect_float_eq(model.spread.left, 12e-4, 1e-9);
	cr_expect_float_eq(model.spread.left_free, 5, 1e-9);
	block_model_destroy(&model);
}

Test(blocks, one_block_has_no_residual_and_no_efficiency)
{
	static const char *const servers[] = {"a", "b"};
	struct block_model model;

	made_blocks_begin(&made, "a b");
	made_blocks_trial(&made, "a", 1, 1e5);
	made_blocks_trial(&made, "b", 1, 2e5);
	model = model_of(servers, 2, "requests_per_s");
	cr_expect_float_eq(model.effects[1] - model.effects[0], log(2), 1e-9);
	cr_expect(isnan(block_spread_residual(&model.spread)));
	cr_expect(isnan(block_spread_efficiency(&model.spread)));
	block_model_destroy(&model);
}

/* Ten blocks: the interval is from the 9th smallest mean of two to the 9th largest. */
Test(blocks, many_blocks_have_the_exact_interval_of_signed_ranks)
{
	static const double percent[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 60};
	struct block_ratio ratio;

	made_blocks_begin(&made, "a b");
	for (int i = 0; i < 10; i++) {
		made_blocks_trial(&made, "a", i + 1, 1e5 * halving[i % 8]);
		made_blocks_trial(&made, "b", i + 1, 1e5 * halving[i % 8] * exp(percent[i] / 100));
	}
	ratio = ratio_of("b", "a", "requests_per_s");
	cr_expect_float_eq(log(ratio.summary.low), 0.03, 1e-9, "%g", log(ratio.summary.low));
	cr_expect_float_eq(log(ratio.summary.high), 0.31, 1e-9, "%g", log(ratio.summary.high));
	cr_expect_float_eq(log(ratio.summary.median), 0.055, 1e-9, "%g", log(ratio.summary.median));
	cr_expect_float_eq(ratio.summary.coverage, 1 - 2 * 25 / 1024.0, 1e-9);
}
