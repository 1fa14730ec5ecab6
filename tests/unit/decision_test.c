#include "lib/statistics/decision.h"

#include <criterion/criterion.h>
#include <math.h>

enum { PAIRS = 20, FAMILY_MOST = 40 };

static const double zeros[PAIRS];

/* Noise that is the same every time: symmetric about 0, of a few per cent. */
static void fill(double *values, double centre, double width)
{
	for (size_t i = 0; i < PAIRS; i++)
		values[i] = centre +
			    width * ((double)(i * 7 % PAIRS) - (PAIRS - 1) / 2.0) / (PAIRS / 2.0);
}

/* base, base + 1, ... up to base + steps - 1, and again. */
static void fill_steps(double *values, double base, size_t steps)
{
	for (size_t i = 0; i < PAIRS; i++)
		values[i] = base + (double)(i % steps);
}

static struct decision_series paired(const double *b, size_t count, double smallest)
{
	return (struct decision_series){.a = {zeros, NULL, count},
					.b = {b, NULL, count},
					.paired = true,
					.smallest = smallest};
}

static struct decision decide_one(struct decision_series series)
{
	struct decision decision;

	cr_assert_eq(decide(&series, 1, DECISION_LOOKS, &decision), 0);
	return decision;
}

Test(decision, the_four_outcomes)
{
	static const struct {
		double centre, width;
		enum decision_outcome outcome;
	} rows[] = {
		{0, 0.01, DECISION_OK},
		{0.008, 0.01, DECISION_OK}, /* worse, but not by what matters */
		{-0.005, 0.01, DECISION_OK},
		{0.05, 0.02, DECISION_REGRESSION},
		{-0.05, 0.02, DECISION_IMPROVEMENT},
		{0.023, 0.02, DECISION_INCONCLUSIVE},
		{0, 0.2, DECISION_INCONCLUSIVE},    /* "not significant" is not ok */
		{0.06, 0.4, DECISION_INCONCLUSIVE}, /* nor is a large estimate a regression */
	};
	double b[PAIRS];

	for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
		struct decision decision;

		fill(b, rows[row].centre, rows[row].width);
		decision = decide_one(paired(b, PAIRS, 0.02));
		cr_expect_eq(decision.outcome, rows[row].outcome, "row %zu: %d", row,
			     (int)decision.outcome);
		cr_expect_float_eq(decision.estimate, rows[row].centre, 1e-3);
		cr_expect_leq(decision.low, decision.estimate);
		cr_expect_geq(decision.high, decision.estimate);
		cr_expect_geq(decision.coverage, 1 - 2 * DECISION_ALPHA / 3 - 1e-9);
		cr_expect_eq(decision.pairs, PAIRS);
		cr_expect_eq(decision.pairs_needed > PAIRS,
			     rows[row].outcome == DECISION_INCONCLUSIVE);
		cr_expect_gt(decision.detectable, 0.02);
	}
}

Test(decision, too_few_pairs_decide_nothing)
{
	double b[PAIRS];

	fill(b, 0.5, 0.01);
	for (size_t pairs = 0; pairs < DECISION_LEAST_PAIRS; pairs++) {
		struct decision decision = decide_one(paired(b, pairs, 0.02));

		cr_expect_eq(decision.outcome, DECISION_INCONCLUSIVE, "%zu", pairs);
		cr_expect_eq(decision.pairs_needed, DECISION_LEAST_PAIRS, "%zu: %zu", pairs,
			     decision.pairs_needed);
		cr_expect(isnan(decision.detectable));
		cr_expect_eq(isnan(decision.p), pairs == 0);
	}
	/* Five pairs cannot bound at a third of .05, and do not pretend to. */
	cr_expect(isinf(decide_one(paired(b, 5, 0.02)).high));
	cr_expect_eq(decide_one(paired(b, 10, 0.02)).outcome, DECISION_REGRESSION);
}

Test(decision, a_larger_family_needs_more_pairs)
{
	cr_expect_eq(decision_least_pairs(1), 10);
	cr_expect_eq(decision_least_pairs(17), 10); /* 2^-10 is just below .05 / 51 */
	cr_expect_eq(decision_least_pairs(18), 11);
	cr_expect_eq(decision_least_pairs(100), 13);
	/* The smallest p of the fewest pairs is just enough. */
	for (size_t family = 1; family < 300; family++)
		cr_assert_leq(ldexp(1, -(int)decision_least_pairs(family)) * (double)(3 * family),
			      DECISION_ALPHA);
}

Test(decision, many_metrics_raise_the_bar_for_each)
{
	struct decision_series family[FAMILY_MOST];
	struct decision decisions[FAMILY_MOST];
	double worse[PAIRS], same[PAIRS];

	/* Enough alone, not among forty. */
	fill(worse, 0.04, 0.05);
	fill(same, 0, 0.01);
	for (size_t i = 0; i < FAMILY_MOST; i++)
		family[i] = paired(i == 7 ? worse : same, PAIRS, 0.02);
	cr_expect_eq(decide_one(family[7]).outcome, DECISION_REGRESSION);
	cr_assert_eq(decide(family, FAMILY_MOST, DECISION_LOOKS, decisions), 0);
	cr_expect_eq(decisions[7].outcome, DECISION_INCONCLUSIVE);
	cr_expect_float_eq(decisions[7].p_adjusted, fmin(1, decisions[7].p * 3 * FAMILY_MOST),
			   1e-12);
	cr_expect_eq(decisions[8].outcome, DECISION_OK);
	/* What could not be measured counts too. */
	for (size_t i = 0; i < FAMILY_MOST; i++)
		if (i != 7)
			family[i] = paired(same, 0, 0.02);
	cr_assert_eq(decide(family, FAMILY_MOST, DECISION_LOOKS, decisions), 0);
	cr_expect_eq(decisions[7].outcome, DECISION_INCONCLUSIVE);
	cr_expect_eq(decisions[0].outcome, DECISION_INCONCLUSIVE);
	cr_expect_eq(decide(NULL, 0, 1, NULL), 0);
}

Test(decision, one_look_spends_all_of_alpha)
{
	struct decision_series series;
	struct decision once, thrice;
	double b[PAIRS];

	fill(b, 0.036, 0.06);
	series = paired(b, PAIRS, 0.02);
	cr_assert_eq(decide(&series, 1, 1, &once), 0);
	cr_assert_eq(decide(&series, 1, 3, &thrice), 0);
	cr_expect_float_eq(once.p_adjusted, once.p, 1e-12);
	cr_expect_float_eq(thrice.p_adjusted, fmin(1, 3 * once.p), 1e-12);
	cr_expect_gt(once.low, thrice.low);
	cr_expect_lt(once.detectable, thrice.detectable);
}

Test(decision, what_is_called_detectable_would_have_been_a_regression)
{
	double b[PAIRS], moved[PAIRS];
	struct decision decision;

	fill(b, 0, 0.03);
	/* Three pairs whose base was slow: noise that the bulk does not tell of. */
	b[2] -= 0.3;
	b[9] -= 0.2;
	b[15] -= 0.4;
	decision = decide_one(paired(b, PAIRS, 0.02));
	cr_expect_neq(decision.outcome, DECISION_REGRESSION);
	for (size_t i = 0; i < PAIRS; i++)
		moved[i] = b[i] - decision.estimate + decision.detectable + 1e-9;
	cr_expect_eq(decide_one(paired(moved, PAIRS, 0.02)).outcome, DECISION_REGRESSION);
}

Test(decision, near_constant_metrics)
{
	double three[PAIRS], four[PAIRS];
	struct decision_series series;

	for (size_t i = 0; i < PAIRS; i++) {
		three[i] = 3;
		four[i] = i == 4 ? 3.5 : 4;
	}
	series = paired(three, PAIRS, 0.05);
	series.a.values = three;
	cr_expect_eq(decide_one(series).outcome, DECISION_OK);
	series.b.values = four;
	cr_expect_eq(decide_one(series).outcome, DECISION_REGRESSION);
	cr_expect_eq(decide_one(series).estimate, 1);
	series.a.values = four;
	series.b.values = three;
	cr_expect_eq(decide_one(series).outcome, DECISION_IMPROVEMENT);
}

Test(decision, samples_that_are_no_pairs)
{
	double a[PAIRS], b[PAIRS];
	struct decision_series series = {
		.a = {a, NULL, 15}, .b = {b, NULL, PAIRS}, .smallest = 0.02};
	struct decision decision;

	fill(a, 5, 0.01);
	fill(b, 5.1, 0.01);
	decision = decide_one(series);
	cr_expect_eq(decision.outcome, DECISION_REGRESSION);
	cr_expect_eq(decision.pairs, 15);
	cr_expect(isnan(decision.sign_p));
	cr_expect_float_eq(decision.estimate, 0.1, 2e-3);
	fill(b, 5.001, 0.01);
	cr_expect_eq(decide_one(series).outcome, DECISION_OK);
	fill(b, 5.01, 0.2);
	cr_expect_eq(decide_one(series).outcome, DECISION_INCONCLUSIVE);
	fill(b, 4.9, 0.01);
	cr_expect_eq(decide_one(series).outcome, DECISION_IMPROVEMENT);
}

Test(decision, errors_are_counted)
{
	double requests[PAIRS], none[PAIRS] = {0}, some[PAIRS], burst[PAIRS] = {0};
	struct decision_series series = {.a = {none, requests, PAIRS},
					 .b = {some, requests, PAIRS},
					 .paired = true,
					 .counted = true,
					 .smallest = log(1.02),
					 .smallest_rise = 3e-5};
	struct decision decision;

	fill_steps(requests, 20000, 1);
	fill_steps(some, 0, 5); /* one in 10,000 */
	burst[3] = 500;
	decision = decide_one(series);
	cr_expect_eq(decision.outcome, DECISION_REGRESSION);
	cr_expect_float_eq(decision.estimate, 40.0 / 400000, 1e-12);
	cr_expect(decision.low > 3e-5 && decision.high > decision.estimate);
	/* One trial that went wrong altogether is no regression, and not ok either. */
	series.b.values = burst;
	cr_expect_eq(decide_one(series).outcome, DECISION_INCONCLUSIVE);
	/* None at all: 400,000 requests bound it, 10,000 do not, and it says how many would. */
	series.b.values = none;
	cr_expect_eq(decide_one(series).outcome, DECISION_OK);
	fill_steps(requests, 500, 1);
	decision = decide_one(series);
	cr_expect_eq(decision.outcome, DECISION_INCONCLUSIVE);
	cr_expect_gt(decision.pairs_needed, PAIRS);
	cr_expect_lt(decision.high * PAIRS / (double)decision.pairs_needed, 3e-5);
	/* Without a rise that does not matter, nothing against nothing stays open. */
	series.smallest_rise = 0;
	cr_expect_eq(decide_one(series).outcome, DECISION_INCONCLUSIVE);
	cr_expect_eq(decide_one(series).pairs_needed, 0);
}

Test(decision, a_rate_of_errors_that_was_there_before_is_ok)
{
	double requests[PAIRS], errors[PAIRS], fewer[PAIRS];
	struct decision_series series = {.a = {errors, requests, PAIRS},
					 .b = {errors, requests, PAIRS},
					 .paired = true,
					 .counted = true,
					 .smallest = log(1.10),
					 .smallest_rise = 1e-5};

	fill_steps(requests, 10000, 1);
	fill_steps(errors, 990, PAIRS);
	fill_steps(fewer, 90, PAIRS);
	cr_expect_eq(decide_one(series).outcome, DECISION_OK);
	series.b.values = fewer;
	cr_expect_eq(decide_one(series).outcome, DECISION_IMPROVEMENT);
}

Test(decision, when_to_stop)
{
	struct decision decisions[3] = {{.outcome = DECISION_OK},
					{.outcome = DECISION_INCONCLUSIVE},
					{.outcome = DECISION_IMPROVEMENT}};

	cr_expect_not(decision_stops(decisions, 3));
	decisions[2].outcome = DECISION_REGRESSION;
	cr_expect(decision_stops(decisions, 3));
	decisions[2].outcome = DECISION_IMPROVEMENT;
	decisions[1].outcome = DECISION_OK;
	cr_expect(decision_stops(decisions, 3));
}
