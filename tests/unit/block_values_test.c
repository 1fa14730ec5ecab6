/* What of a run's trials counts: values, slopes and pairs, block by block. */
#include "tests/unit/results_fixture.h"

#include <math.h>

Test(block_values, slopes_are_one_value_a_block)
{
	static const double expected[] = {9300, 9200, 9400, 9250, 9350};
	const struct cell cell = {.server = "thread-per-connection"};
	struct results results;
	double *values;
	long *blocks;

	results_get(&results, RUN);
	cr_assert_eq(
		values_by_block(&results, &cell, "resident_per_connection_bytes", &values, &blocks),
		5);
	for (long i = 0; i < 5; i++) {
		cr_assert_float_eq(values[i], expected[i], 1e-6, "block %ld: %g", i + 1, values[i]);
		cr_assert_eq(blocks[i], i + 1);
	}
	free(values);
	free(blocks);
	results_destroy(&results);
}

Test(block_values, a_slope_ignores_the_connections_of_its_cell)
{
	json_t *point = json_pack("{s:i}", "connections", 10000);
	const struct cell cell = {.server = "epoll", .point = point};
	struct summary summary;
	struct results results;

	results_get(&results, RUN);
	summary = blocks_summary(&results, &cell, "virtual_per_connection_bytes");
	cr_assert_eq(summary.count, 5);
	cr_assert_float_eq(summary.median, 256, 1e-6);
	json_decref(point);
	results_destroy(&results);
}

Test(block_values, null_is_no_value)
{
	const struct cell cell = {0};
	struct results results;
	double *values;

	results_get(&results, RUN);
	cr_assert_eq(values_of(&results, &cell, "kernel_bytes", &values), 0);
	free(values);
	cr_assert_eq(values_of(&results, &cell, "kernel_per_connection_bytes", &values), 0);
	free(values);
	cr_assert_eq(values_of(&results, &cell, "no_such_metric", &values), 0);
	free(values);
	cr_assert_eq(blocks_summary(&results, &cell, "kernel_bytes").count, 0);
	results_destroy(&results);
}

Test(block_values, only_ok_and_saturated_trials_count)
{
	static const char trials[] = TRIAL("a", 1, "ok", 1, "requests_per_s", 10)
		TRIAL("a", 2, "failed", 1, "requests_per_s", 20)
			TRIAL("a", 3, "invalid", 1, "requests_per_s", 30)
				TRIAL("a", 4, "saturated", 1, "requests_per_s", 40)
					TRIAL("a", 5, "unheard-of", 1, "requests_per_s", 50);
	const struct cell cell = {.server = "a"};
	struct results results;
	struct error error;
	double *values;

	cr_assert_eq(load_made(&results, RUN_JSON, trials, &error), 0, "%s", error.text);
	cr_assert_eq(values_of(&results, &cell, "requests_per_s", &values), 2);
	cr_assert_eq(values[0], 10);
	cr_assert_eq(values[1], 40);
	free(values);
	cr_assert_eq(results_count_outcome(&results, &cell, "failed"), 1);
	cr_assert_eq(results_count_outcome(&results, &cell, "ok"), 1);
	cr_assert_eq(results_count_outcome(&results, &(struct cell){.server = "b"}, "ok"), 0);
	results_destroy(&results);
}

Test(block_values, values_come_in_the_order_of_blocks)
{
	static const char trials[] = TRIAL("a", 3, "ok", 1, "requests_per_s", 30)
		TRIAL("a", 1, "ok", 1, "requests_per_s", 10)
			TRIAL("a", 2, "ok", 1, "requests_per_s", 20)
				TRIAL("a", 1, "ok", 1, "requests_per_s", 11);
	static const double expected[] = {10, 11, 20, 30};
	struct results results;
	struct error error;
	double *values;

	cr_assert_eq(load_made(&results, RUN_JSON, trials, &error), 0, "%s", error.text);
	cr_assert_eq(values_of(&results, &(struct cell){0}, "requests_per_s", &values), 4);
	cr_assert_arr_eq(values, expected, sizeof expected);
	free(values);
	results_destroy(&results);
}

Test(block_values, a_block_with_three_counts_has_no_slope)
{
	static const char trials[] =
		/* Four counts, one of them failed; five values, but of three counts; and four. */
		TRIAL("a", 1, "ok", 1, "bytes", 1) TRIAL("a", 1, "ok", 2, "bytes", 2) TRIAL(
			"a", 1, "ok", 3, "bytes", 3) TRIAL("a", 1, "failed", 4, "bytes", 4)
			TRIAL("a", 2, "ok", 1, "bytes", 1) TRIAL("a", 2, "ok", 1, "bytes", 1) TRIAL(
				"a", 2, "ok", 2, "bytes", 2) TRIAL("a", 2, "ok", 2, "bytes", 2)
				TRIAL("a", 2, "ok", 3, "bytes", 3)
					TRIAL("a", 3, "ok", 1, "bytes", 7)
						TRIAL("a", 3, "ok", 2, "bytes", 9)
							TRIAL("a", 3, "ok", 3, "bytes", 11)
								TRIAL("a", 3, "ok", 4, "bytes", 13);
	struct summary intercepts;
	struct results results;
	struct error error;
	double *values;
	long *blocks;

	cr_assert_eq(load_made(&results, RUN_JSON, trials, &error), 0, "%s", error.text);
	cr_assert_eq(values_by_block(&results, &(struct cell){.server = "a"}, "per_connection",
				     &values, &blocks),
		     1);
	cr_assert_eq(blocks[0], 3);
	cr_assert_float_eq(values[0], 2, 1e-9);
	intercepts = blocks_intercepts(&results, &(struct cell){.server = "a"}, "per_connection");
	cr_assert_eq(intercepts.count, 1);
	cr_assert_float_eq(intercepts.median, 5, 1e-9);
	free(values);
	free(blocks);
	results_destroy(&results);
}

Test(block_values, connections_that_a_part_fixes_give_no_slope_but_do_no_harm)
{
	static const char trials[] =
		"{\"schema\":1,\"scenario\":\"s\",\"part\":\"p\",\"trial\":1,\"outcome\":\"ok\","
		"\"point\":{},\"metrics\":{\"bytes\":5}}\n";
	struct results results;
	struct error error;
	double *values;

	cr_assert_eq(load_made(&results, RUN_JSON, trials, &error), 0, "%s", error.text);
	cr_assert_eq(values_of(&results, &(struct cell){0}, "per_connection", &values), 0);
	free(values);
	results_destroy(&results);
}

/* What is charged in batches says nothing of few connections: they stay out of the slope. */
Test(block_values, a_slope_takes_no_heed_of_fewer_connections_than_its_metric_says)
{
	static const double counts[] = {100, 500, 1000, 2000, 3000, 4000};
	enum { TRIALS = sizeof counts / sizeof *counts };
	struct cell cell = {.server = "epoll"};
	struct results results = {.trial_count = TRIALS};
	json_t *trials[TRIALS];
	double *values;

	results.trials = trials;
	results.run = json_pack("{s:[{s:s, s:s, s:i}, {s:s, s:s}]}", "metrics", "key", "from_1000",
				"slope_of", "bytes", "slope_from_connections", 1000, "key",
				"of_all", "slope_of", "bytes");
	for (size_t i = 0; i < TRIALS; i++) /* a batch of 300,000 bytes below a thousand */
		trials[i] = json_pack("{s:s, s:s, s:i, s:{s:f}, s:{s:f}}", "server", "epoll",
				      "outcome", "ok", "trial", 1, "point", "connections",
				      counts[i], "metrics", "bytes",
				      4000 * counts[i] + (counts[i] < 1000 ? 300000 : 0));
	cr_assert_eq(values_of(&results, &cell, "from_1000", &values), 1);
	cr_assert_float_eq(values[0], 4000, 1e-6);
	free(values);
	cr_assert_eq(values_of(&results, &cell, "of_all", &values), 1);
	cr_expect_lt(values[0], 3990);
	free(values);
	json_decref(trials[5]);
	results.trial_count = 5; /* three are left of a thousand and more, and four are needed */
	cr_expect_eq(values_of(&results, &cell, "from_1000", &values), 0);
	free(values);
	for (size_t i = 0; i < results.trial_count; i++)
		json_decref(trials[i]);
	json_decref(results.run);
}

Test(block_values, blocks_that_both_have_are_paired)
{
	double few[] = {20, 30, 50}, many[] = {1, 2, 3, 4};
	long few_blocks[] = {2, 3, 5}, many_blocks[] = {1, 2, 3, 4};
	struct block_values a = {few, few_blocks, 3}, b = {many, many_blocks, 4};

	cr_assert_eq(block_values_pair(&a, &b), 2);
	cr_assert(a.count == 2 && b.count == 2);
	for (size_t i = 0; i < 2; i++) {
		cr_expect_eq(a.blocks[i], (long)i + 2);
		cr_expect_eq(b.blocks[i], (long)i + 2);
		cr_expect_float_eq(a.values[i], 10 * b.values[i], 1e-9);
	}
	a.count = 0;
	cr_expect_eq(block_values_pair(&a, &b), 0);
	cr_expect_eq(b.count, 0);
}

#define REPEATING                                                                        \
	"{\"schema\":1,\"status\":\"complete\",\"repeats\":\"blocks\",\"scenarios\":[]," \
	"\"metrics\":[{\"key\":\"m\",\"slope_of\":null}]}\n"
#define REPEATED(server, order, attempt, outcome, value)                       \
	"{\"schema\":1,\"scenario\":\"s\",\"part\":\"p\",\"server\":\"" server \
	"\",\"point\":{},\"trial\":1,\"order\":" order ",\"attempt\":" attempt \
	",\"outcome\":\"" outcome "\",\"metrics\":{\"m\":" value "}}\n"

/* What counts of a server in a run of one block, at the only point. */
static void check_counting(const char *run, const char *trials, const char *server, size_t count,
			   double value)
{
	const struct cell cell = {"s", "p", server, NULL};
	struct results results;
	struct error error;
	double *values;
	long found;

	cr_assert_eq(load_made(&results, run, trials, &error), 0, "%s", error.text);
	found = values_of(&results, &cell, "m", &values);
	cr_assert_eq(found, (long)count, "%s: %ld", server, found);
	if (count > 0)
		cr_expect_eq(values[0], value, "%s: %g", server, values[0]);
	free(values);
	results_destroy(&results);
}

Test(block_values, of_a_block_that_was_repeated_one_attempt_counts_whole)
{
	static const char twice[] = REPEATED("a", "1", "1", "ok", "1")
		REPEATED("b", "2", "1", "invalid", "2") REPEATED("a", "1", "2", "ok", "3")
			REPEATED("b", "2", "2", "ok", "4");
	static const char cut[] = REPEATED("a", "1", "1", "ok", "1")
		REPEATED("b", "2", "1", "ok", "2") REPEATED("c", "3", "1", "invalid", "5")
			REPEATED("a", "1", "2", "ok", "3");

	check_counting(REPEATING, twice, "a", 1, 3);
	check_counting(REPEATING, twice, "b", 1, 4);
	/* The attempt with the most figures. */
	check_counting(REPEATING, cut, "a", 1, 1);
	check_counting(REPEATING, cut, "b", 1, 2);
	/* A run of before repeated single trials. */
	check_counting("{\"schema\":1,\"status\":\"complete\",\"metrics\":[{\"key\":\"m\"}]}",
		       REPEATED("a", "1", "1", "ok", "1") REPEATED("b", "2", "1", "invalid", "2")
			       REPEATED("b", "2", "2", "ok", "4"),
		       "b", 1, 4);
}

Test(block_values, a_failure_is_not_undone_by_another_attempt)
{
	static const char trials[] = REPEATED("a", "1", "1", "failed", "null")
		REPEATED("b", "2", "1", "invalid", "2") REPEATED("a", "1", "2", "ok", "3")
			REPEATED("b", "2", "2", "ok", "4");
	const struct cell cell = {"s", "p", "a", NULL};
	struct results results;
	struct error error;

	check_counting(REPEATING, trials, "a", 1, 3);
	cr_assert_eq(load_made(&results, REPEATING, trials, &error), 0, "%s", error.text);
	cr_expect_eq(results_count_outcome(&results, &cell, "failed"), 1);
	cr_expect_eq(results_count_outcome(&results, &cell, "ok"), 1);
	results_destroy(&results);
}

/* How far a ladder came is the server's own end only if it gave way by itself. */
Test(block_values, the_most_of_a_ladder_is_a_bound_unless_the_server_gave_way)
{
	static const struct {
		const char *outcome, *limit;
		bool bound;
	} ends[] = {
		{"failed", "closed", false},	  {"failed", "FD_SETSIZE", false},
		{"skipped", "descriptors", true}, {"failed", "workers", true},
		{"failed", "memory", true},	  {"ok", "", true},
	};
	static const double steps[] = {200, 1000, 5000};
	struct cell cell = {.server = "epoll"};
	struct results results = {.trial_count = 3};
	json_t *trials[3];

	results.trials = trials;
	results.run = json_pack("{s:[{s:s, s:s, s:s}]}", "metrics", "key", "most", "slope_of",
				"held", "over_connections", "most");
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		double *values;

		for (size_t j = 0; j < 3; j++)
			trials[j] = json_pack("{s:s, s:s, s:[{s:s}], s:i, s:{s:f}, s:{s:f}}",
					      "server", "epoll", "outcome",
					      j < 2 ? "ok" : ends[i].outcome, "reasons", "limit",
					      j < 2 ? "" : ends[i].limit, "trial", 1, "point",
					      "connections", steps[j], "metrics", "held", steps[j]);
		cr_assert_eq(values_of(&results, &cell, "most", &values), 1, "end %zu", i);
		cr_expect_eq(values[0], strcmp(ends[i].outcome, "ok") == 0 ? 5000 : 1000);
		cr_expect_eq(results_value_is_bound(&results, &cell, "most"), ends[i].bound,
			     "end %zu", i);
		free(values);
		for (size_t j = 0; j < 3; j++)
			json_decref(trials[j]);
	}
	json_decref(results.run);
}
