#include "tests/unit/comparison_fixture.h"

#include <errno.h>

#define CPU   "server_cpu_per_request_ns"
#define RATE  "requests_per_s"
#define P50   "latency_p50_ns"
#define CALLS "system_calls_per_request"

static void compare(struct comparisons *made, const struct results *run,
		    const struct comparison_rules *rules)
{
	struct error error = {""};

	cr_assert_eq(comparisons_make(made, run, "@base", run, "@head", rules, &error), 0, "%s",
		     error.text);
}

/* What is found of one metric in one part, of pairs whose B is a factor of A. */
static void check(const char *part, const char *metric, unsigned blocks, double factor, double cv,
		  enum comparison_outcome outcome)
{
	const struct comparison *found;
	struct comparisons made;
	struct results run;

	made_run(&run, "run");
	made_blocks(&run, "s@base", &run, "s@head", part, metric, blocks, 8000, factor, cv);
	compare(&made, &run, NULL);
	found = made_find(&made, part, metric);
	cr_assert_not_null(found);
	cr_expect_eq(found->outcome, outcome, "%s x %g: %s (%s), p %g", metric, factor,
		     comparison_outcome_name(found->outcome), found->why, found->p_adjusted);
	cr_expect(found->gating && made.paired && made.gates);
	cr_expect_eq(made.outcome, outcome);
	cr_expect_eq(found->pairs, blocks);
	cr_expect_float_eq(found->change, factor - 1, 0.02);
	cr_expect_leq(found->low, found->change);
	cr_expect_geq(found->high, found->change);
	cr_expect_eq(found->why[0] == '\0', outcome != COMPARISON_INCONCLUSIVE, "%s", found->why);
	cr_expect_eq(comparison_more_is_worse(found), strcmp(metric, RATE) != 0);
	comparisons_destroy(&made);
	results_destroy(&run);
}

Test(comparison, each_outcome_of_a_ratio_whatever_drifts)
{
	check("peak", CPU, 20, 1.10, 0.02, COMPARISON_REGRESSION);
	check("peak", CPU, 20, 0.90, 0.02, COMPARISON_IMPROVEMENT);
	check("peak", CPU, 40, 1.00, 0.01, COMPARISON_OK);
	check("peak", CPU, 12, 1.02, 0.02, COMPARISON_INCONCLUSIVE);
	check("fixed", P50, 20, 1.10, 0.02, COMPARISON_REGRESSION);
}

Test(comparison, less_is_worse_of_a_rate)
{
	check("peak", RATE, 20, 0.90, 0.02, COMPARISON_REGRESSION);
	check("peak", RATE, 20, 1.10, 0.02, COMPARISON_IMPROVEMENT);
	check("peak", RATE, 40, 1.00, 0.01, COMPARISON_OK);
}

Test(comparison, few_pairs_decide_nothing_and_say_how_many_would)
{
	const struct comparison *found;
	struct comparisons made;
	struct results run;

	made_run(&run, "run");
	made_blocks(&run, "s@base", &run, "s@head", "peak", CPU, 3, 8000, 1.5, 0.01);
	compare(&made, &run, NULL);
	found = made_find(&made, "peak", CPU);
	cr_expect_eq(found->outcome, COMPARISON_INCONCLUSIVE);
	cr_expect(strstr(found->why, "3 pairs, and 10 are the fewest"), "%s", found->why);
	cr_expect_eq(found->pairs_needed, 10);
	cr_expect(isnan(found->detectable));
	comparisons_destroy(&made);
	results_destroy(&run);
}

/* A response time gates at an offered rate, a rate where none was offered. */
Test(comparison, what_is_the_same_figure_twice_does_not_gate)
{
	struct comparisons made;
	struct results run;

	made_run(&run, "run");
	made_blocks(&run, "s@base", &run, "s@head", "peak", P50, 20, 8000, 1.5, 0.02);
	made_blocks(&run, "s@base", &run, "s@head", "fixed", RATE, 20, 5000, 0.5, 0.02);
	compare(&made, &run, NULL);
	cr_assert_eq(made.count, 2);
	for (size_t i = 0; i < made.count; i++) {
		cr_expect_eq(made.items[i].outcome, COMPARISON_REGRESSION);
		cr_expect_not(made.items[i].gating);
	}
	/* With nothing that gates nothing is fine. */
	cr_expect_eq(made.outcome, COMPARISON_INCONCLUSIVE);
	comparisons_destroy(&made);
	results_destroy(&run);
}

static const struct comparison *compare_constant(struct comparisons *made, struct results *run,
						 double a, double b)
{
	made_run(run, "run");
	for (unsigned block = 1; block <= 12; block++) {
		made_trial(run, "peak", "s@base", block, CALLS, a);
		made_trial(run, "peak", "s@head", block, CALLS, b);
	}
	compare(made, run, NULL);
	return made_find(made, "peak", CALLS);
}

Test(comparison, what_is_nearly_constant_is_compared_by_difference)
{
	static const struct {
		double a, b;
		enum comparison_outcome outcome;
	} rows[] = {{2, 2, COMPARISON_OK},
		    {2, 3, COMPARISON_REGRESSION},
		    {3, 2, COMPARISON_IMPROVEMENT},
		    {0, 0, COMPARISON_OK},
		    {0, 1, COMPARISON_REGRESSION},
		    {2, 2.01, COMPARISON_OK},
		    {2, 2.045, COMPARISON_REGRESSION}};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct comparison *found;
		struct comparisons made;
		struct results run;

		found = compare_constant(&made, &run, rows[i].a, rows[i].b);
		cr_expect_eq(found->scale, COMPARISON_DIFFERENCE);
		cr_expect_eq(found->outcome, rows[i].outcome, "%g and %g: %s", rows[i].a, rows[i].b,
			     comparison_outcome_name(found->outcome));
		cr_expect_float_eq(found->change, rows[i].b - rows[i].a, 1e-12);
		cr_expect_float_eq(found->smallest, fmax(0.02, 0.02 * rows[i].a), 1e-12);
		comparisons_destroy(&made);
		results_destroy(&run);
	}
}

/* So many errors in each of B's trials, which then have failed. */
static void check_errors(double errors, enum comparison_outcome outcome)
{
	const struct comparison *found;
	struct comparisons made;
	struct results run;

	made_run(&run, "run");
	for (unsigned block = 1; block <= 20; block++) {
		json_t *trial;

		made_trial(&run, "peak", "s@base", block, "error_count", 0);
		trial = made_trial(&run, "peak", "s@head", block, "error_count", errors);
		if (errors > 0)
			json_object_set_new(trial, "outcome", json_string("failed"));
	}
	compare(&made, &run, NULL);
	found = made_find(&made, "peak", "error_count");
	cr_assert_not_null(found);
	cr_expect_eq(found->scale, COMPARISON_COUNT);
	cr_expect_eq(found->outcome, outcome, "%g errors: %s, p %g, high %g", errors,
		     comparison_outcome_name(found->outcome), found->p_adjusted, found->high);
	cr_expect_float_eq(found->b, errors / (20000 + errors), 1e-12);
	comparisons_destroy(&made);
	results_destroy(&run);
}

Test(comparison, errors_are_counted_in_trials_that_failed_too)
{
	check_errors(0, COMPARISON_OK);
	check_errors(2, COMPARISON_REGRESSION); /* 1 in 10,000 */
}

Test(comparison, a_side_that_fails_altogether_is_a_regression)
{
	struct comparisons made;
	struct results run;

	made_run(&run, "run");
	made_blocks(&run, "s@base", &run, "s@head", "peak", CPU, 12, 8000, 1, 0.01);
	for (size_t i = 0; i < run.trial_count; i++) {
		json_t *metrics = json_object_get(run.trials[i], "metrics");

		if (strcmp(json_string_value(json_object_get(run.trials[i], "server")), "s@head") ==
		    0) {
			json_object_set_new(run.trials[i], "outcome", json_string("failed"));
			json_object_set_new(run.trials[i], "latency_count", json_null());
			json_object_clear(metrics);
		} else {
			json_object_set_new(metrics, "error_count", json_integer(0));
		}
	}
	compare(&made, &run, NULL);
	cr_expect_eq(made.outcome, COMPARISON_REGRESSION);
	cr_expect_eq(made_find(&made, "peak", CPU)->outcome, COMPARISON_INCONCLUSIVE);
	cr_expect_str_eq(made_find(&made, "peak", CPU)->why,
			 "All trials of B failed: there is nothing to compare.");
	comparisons_destroy(&made);
	results_destroy(&run);
}

static void spoil(struct results *run, const char *server, const char *key, json_t *value,
		  size_t most)
{
	for (size_t i = 0; i < run->trial_count && most > 0; i++) {
		const json_t *name = json_object_get(run->trials[i], "server");

		if (strcmp(json_string_value(name), server) != 0)
			continue;
		json_object_set(run->trials[i], key, value);
		most--;
	}
	json_decref(value);
}

Test(comparison, a_cell_without_a_valid_trial_is_invalid)
{
	struct comparisons made;
	struct results run;

	made_run(&run, "run");
	made_blocks(&run, "s@base", &run, "s@head", "peak", CPU, 12, 8000, 1, 0.01);
	spoil(&run, "s@head", "outcome", json_string("invalid"), 12);
	spoil(&run, "s@head", "reasons",
	      json_pack("[{s:s, s:s}, {s:s, s:s}]", "code", "rate_not_achieved", "text", "slow",
			"code", "steal", "text", "stolen"),
	      12);
	compare(&made, &run, NULL);
	cr_expect_eq(made.outcome, COMPARISON_INVALID);
	cr_expect(strstr(made_find(&made, "peak", CPU)->why, "stolen"), "%s",
		  made_find(&made, "peak", CPU)->why);
	comparisons_destroy(&made);
	results_destroy(&run);
}

Test(comparison, blocks_of_which_one_trial_is_invalid_are_left_out)
{
	struct comparisons made;
	struct results run;

	made_run(&run, "run");
	made_blocks(&run, "s@base", &run, "s@head", "peak", CPU, 20, 8000, 1.1, 0.01);
	spoil(&run, "s@head", "outcome", json_string("invalid"), 5);
	compare(&made, &run, NULL);
	cr_expect_eq(made.outcome, COMPARISON_REGRESSION);
	cr_expect_eq(made_find(&made, "peak", CPU)->pairs, 15);
	comparisons_destroy(&made);
	results_destroy(&run);
}

Test(comparison, more_than_a_fifth_unsteady_decides_nothing)
{
	struct comparisons made;
	struct results run;

	for (size_t unsteady = 4; unsteady <= 5; unsteady++) {
		made_run(&run, "run");
		made_blocks(&run, "s@base", &run, "s@head", "peak", CPU, 20, 8000, 1.1, 0.01);
		spoil(&run, "s@head", "notes",
		      json_pack("[{s:s, s:s}]", "code", "unsteady", "text", "it drifted"),
		      unsteady);
		compare(&made, &run, NULL);
		cr_expect_eq(made.outcome,
			     unsteady == 4 ? COMPARISON_REGRESSION : COMPARISON_INCONCLUSIVE);
		comparisons_destroy(&made);
		results_destroy(&run);
	}
}

/* A rate that is "at least" decides what it can: of the base that B is worse, of B that it is not. */
static void check_bound(const char *bounded, double factor, enum comparison_outcome outcome)
{
	const struct comparison *found;
	struct comparisons made;
	struct results run;

	made_run(&run, "run");
	made_blocks(&run, "s@base", &run, "s@head", "peak", RATE, 40, 8000, factor, 0.01);
	spoil(&run, bounded, "rate_is_lower_bound", json_true(), 40);
	compare(&made, &run, NULL);
	found = made_find(&made, "peak", RATE);
	cr_expect_eq(found->outcome, outcome, "%s x %g: %s", bounded, factor,
		     comparison_outcome_name(found->outcome));
	cr_expect_eq(isinf(found->low) != 0, strcmp(bounded, "s@base") == 0);
	cr_expect_eq(isinf(found->high) != 0, strcmp(bounded, "s@head") == 0);
	comparisons_destroy(&made);
	results_destroy(&run);
}

Test(comparison, a_lower_bound_decides_what_it_can)
{
	check_bound("s@base", 0.9, COMPARISON_REGRESSION);
	check_bound("s@base", 1, COMPARISON_INCONCLUSIVE);
	check_bound("s@base", 1.1, COMPARISON_INCONCLUSIVE);
	check_bound("s@head", 0.9, COMPARISON_INCONCLUSIVE);
	check_bound("s@head", 1, COMPARISON_OK);
	check_bound("s@head", 1.1, COMPARISON_IMPROVEMENT);
}

Test(comparison, a_rate_that_is_the_generators_does_not_gate)
{
	struct comparisons made;
	struct results run;

	made_run(&run, "run");
	made_blocks(&run, "s@base", &run, "s@head", "peak", RATE, 20, 8000, 0.5, 0.01);
	made_blocks(&run, "s@base", &run, "s@head", "peak", CPU, 40, 8000, 1, 0.01);
	spoil(&run, "s@base", "rate_is_lower_bound", json_true(), 60);
	spoil(&run, "s@head", "rate_is_lower_bound", json_true(), 60);
	compare(&made, &run, NULL);
	cr_expect_not(made_find(&made, "peak", RATE)->gating);
	cr_expect_eq(made_find(&made, "peak", RATE)->outcome, COMPARISON_INCONCLUSIVE);
	cr_expect_eq(made.outcome, COMPARISON_OK);
	cr_assert_eq(made.warning_count, 1);
	cr_expect(strstr(made.warnings[0], "does not gate"), "%s", made.warnings[0]);
	comparisons_destroy(&made);
	results_destroy(&run);
}
