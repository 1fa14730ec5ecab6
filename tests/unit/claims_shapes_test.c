/* Each verdict forced for slopes and crossovers, and how often their intervals are right. */
#include "tests/unit/claims_blocks_fixture.h"

Test(claims_shapes, slope)
{
	static const struct forced cases[] = {
		{VERDICT_REPRODUCED, false, POWER(10, 0.05), 1},
		{VERDICT_REPRODUCED, false, POWER(7.9433, 0), 0.9}, /* on the end */
		{VERDICT_DIRECTION_ONLY, false, POWER(3.16, 0.05), 0.5},
		{VERDICT_DIRECTION_ONLY, true, POWER(13.5, 0.01), 1.13},
		{VERDICT_REFUTED, false, POWER(0.316, 0.05), -0.5},
		{VERDICT_REFUTED, false, POWER(1, 0.001), 0},
		{VERDICT_INCONCLUSIVE, false, POWER(8, 1.5), 0},
		{VERDICT_INCONCLUSIVE, false, {{{100, 1e3, 1e4, 1e5}}, 0.01, 0, 4}, 0},
		/* At the last point nothing is above zero, and there the shape may change. */
		{VERDICT_INCONCLUSIVE, false, {{{100, 1e3, 1e4, -1}}, 0.01, 0, BLOCKS}, 1},
		{VERDICT_NOT_TESTABLE, false, {{{100, 1000}}, 0, 0, BLOCKS}, 0},
		{VERDICT_NOT_TESTABLE, false, {{{0}}, 0, 0, BLOCKS}, 0},
		{VERDICT_NOT_TESTABLE, false, {{{-1, -1, -1, -1}}, 0, 0, BLOCKS}, 0},
	};
	static const struct forced falling[] = {
		{VERDICT_REPRODUCED, false, POWER(0.316, 0.01), -0.5},
		{VERDICT_DIRECTION_ONLY, false, POWER(0.1, 0.01), -1},
		{VERDICT_REFUTED, false, POWER(3.16, 0.01), 0.5},
	};

	CHECK("{" CLAIM "'kind':'shape','by':'slope','along':'connections','of':" ALL(
		      "a") ",'within':[0.9,1.1]}",
	      cases);
	CHECK("{" CLAIM "'kind':'shape','by':'slope','along':'connections','of':" ALL(
		      "a") ",'within':[-0.6,-0.4]}",
	      falling);
}

Test(claims_shapes, crossover)
{
	static const struct forced cases[] = {
		{VERDICT_REPRODUCED, false, AGAINST(50, 80, 125, 200, 0.01), 316},
		{VERDICT_DIRECTION_ONLY, false, AGAINST(50, 125, 200, 300, 0.01), 0},
		{VERDICT_DIRECTION_ONLY, true, AGAINST(50, 76, 125, 200, 0), 353},
		{VERDICT_REFUTED, false, AGAINST(50, 50, 50, 50, 0.01), 10000}, /* nowhere */
		{VERDICT_REFUTED, false, AGAINST(200, 200, 200, 200, 0.01),
		 10}, /* from the first on */
		{VERDICT_REFUTED, false, AGAINST(100, 100, 100, 100, 0), 10000},
		{VERDICT_INCONCLUSIVE, false, AGAINST(90, 95, 105, 110, 0.5), 0},
		{VERDICT_INCONCLUSIVE, false, {{{100, 100, 100}, {50, 80, 125}}, 0.01, 0, 3}, 0},
		{VERDICT_NOT_TESTABLE, false, AGAINST(0, 0, 0, 0, 0), 0},
	};

	CHECK("{" CLAIM "'kind':'shape','by':'crossover','along':'connections','of':" ALL(
		      "a") ",'over':" ALL("b") ",'within':[240,340]}",
	      cases);
}

Test(claims_shapes, beyond_the_axis_nothing_is_decided)
{
	static const struct forced cases[] = {
		{VERDICT_INCONCLUSIVE, false, AGAINST(50, 50, 50, 50, 0.01), 10000},
		{VERDICT_DIRECTION_ONLY, false, AGAINST(50, 80, 125, 200, 0.01), 316},
	};

	CHECK("{" CLAIM "'kind':'shape','by':'crossover','along':'connections','of':" ALL(
		      "a") ",'over':" ALL("b") ",'within':[20000,40000]}",
	      cases);
}

Test(claims_shapes, an_interval_is_the_same_for_the_same_seed)
{
	static const struct made_up made = POWER(10, 0.5);
	double low[3];

	for (size_t i = 0; i < 3; i++) {
		struct results results;
		struct verdict *verdict;

		run_make(&results,
			 "{" CLAIM "'kind':'shape','by':'slope','along':'connections','of':" ALL(
				 "a") ",'within':[0.9,1.1]}");
		if (i == 2)
			json_object_set_new(results.run, "seed", json_integer(8));
		run_fill(&results, &made);
		verdict = decide(&results);
		low[i] = verdict->low;
		free(verdict);
		results_destroy(&results);
	}
	cr_expect_eq(low[0], low[1]);
	cr_expect_neq(low[0], low[2]);
}

static double share_right(const char *claim, const struct made_up *made, double truth)
{
	enum { TIMES = 150 };
	size_t right = 0;

	for (size_t i = 0; i < TIMES; i++) {
		struct results results;
		struct verdict *verdict;

		run_make(&results, claim);
		json_object_set_new(results.run, "seed", json_integer((json_int_t)i));
		run_fill_seeded(&results, made, i);
		verdict = decide(&results);
		right += verdict->low <= truth && truth <= verdict->high;
		free(verdict);
		results_destroy(&results);
	}
	return (double)right / TIMES;
}

Test(claims_shapes, intervals_of_shapes_are_right_as_often_as_they_say)
{
	static const struct made_up slope = {{{100, 1000, 10000, 100000}}, 0.4, 0.1, 6};
	static const struct made_up crossing = {
		{{100, 100, 100, 100}, {25, 50, 200, 400}}, 0.2, 0.1, 6};
	double share = share_right("{" CLAIM
				   "'kind':'shape','by':'slope','along':'connections','of':" ALL(
					   "a") ",'within':[0.9,1.1]}",
				   &slope, 1);

	cr_expect_float_eq(share, 0.9, 0.07, "slope: %g", share);
	share = share_right("{" CLAIM
			    "'kind':'shape','by':'crossover','along':'connections','of':" ALL(
				    "a") ",'over':" ALL("b") ",'within':[240,340]}",
			    &crossing, sqrt(100 * 1000));
	cr_expect_float_eq(share, 0.9, 0.07, "crossover: %g", share);
}
