/* Each verdict forced for each kind of claim; shapes have a file of their own. */
#include "tests/unit/claims_blocks_fixture.h"

Test(claims_kinds, threshold)
{
	static const struct forced cases[] = {
		{VERDICT_REPRODUCED, false, {{{150}}, 0.01, 0, BLOCKS}, 150},
		{VERDICT_REPRODUCED, false, {{{200}}, 0, 0, BLOCKS}, 200},
		{VERDICT_REFUTED, false, {{{300}}, 0.01, 0, BLOCKS}, 300},
		{VERDICT_REFUTED, false, {{{50}}, 0.01, 0, BLOCKS}, 50},
		{VERDICT_INCONCLUSIVE, true, {{{205}}, 0.001, 0, BLOCKS}, 205},
		{VERDICT_INCONCLUSIVE, true, {{{97}}, 0.001, 0, BLOCKS}, 97},
		{VERDICT_INCONCLUSIVE, false, {{{180}}, 0.5, 0, BLOCKS}, 0},
		{VERDICT_INCONCLUSIVE, false, {{{150}}, 0.01, 0, 1}, 150},
		{VERDICT_INCONCLUSIVE, false, {{{150}}, 0.01, 0, 4}, 0},
		{VERDICT_NOT_TESTABLE, false, {{{0}}, 0, 0, BLOCKS}, 0},
		{VERDICT_NOT_TESTABLE, false, {{{NAN}}, 0, 0, BLOCKS}, 0},
	};

	CHECK("{" CLAIM "'kind':'threshold','of':" CELL("a") ",'within':[100,200]}", cases);
	CHECK("{" CLAIM "'kind':'order','by':'within','of':" CELL("a") ",'within':[100,200]}",
	      cases);
}

Test(claims_kinds, a_range_may_be_open)
{
	static const struct forced cases[] = {
		{VERDICT_REPRODUCED, false, {{{1e9}}, 0.01, 0, BLOCKS}, 1e9},
		{VERDICT_REFUTED, false, {{{50}}, 0.01, 0, BLOCKS}, 50},
		{VERDICT_INCONCLUSIVE, true, {{{98}}, 0.001, 0, BLOCKS}, 98},
	};

	CHECK("{" CLAIM "'kind':'threshold','of':" CELL("a") ",'within':[100,null]}", cases);
}

Test(claims_kinds, ratio)
{
	static const struct forced cases[] = {
		{VERDICT_REPRODUCED, false, AT_TEN(250, 100, 0, 0.01), 2.5},
		{VERDICT_REPRODUCED, false, AT_TEN(200, 100, 0, 0),
		 2}, /* each block alike, on the end */
		{VERDICT_DIRECTION_ONLY, false, AT_TEN(150, 100, 0, 0.01), 1.5},
		{VERDICT_DIRECTION_ONLY, false, AT_TEN(400, 100, 0, 0.01), 4},
		{VERDICT_DIRECTION_ONLY, true, AT_TEN(195, 100, 0, 0.001), 1.95},
		{VERDICT_REFUTED, false, AT_TEN(90, 100, 0, 0.01), 0.9},
		{VERDICT_REFUTED, false, AT_TEN(101, 100, 0, 0), 1.01},
		{VERDICT_INCONCLUSIVE, false, AT_TEN(190, 100, 0, 0.5), 0},
		{VERDICT_REFUTED, false, AT_TEN(102, 100, 0, 0.02),
		 0}, /* no way is told, but not 2 times */
		{VERDICT_INCONCLUSIVE, false, AT_TEN(250, -100, 0, 0),
		 0}, /* nothing to divide by */
		{VERDICT_NOT_TESTABLE, false, AT_TEN(250, 0, 0, 0.01), 0},
		{VERDICT_NOT_TESTABLE, false, AT_TEN(250, NAN, 0, 0.01), 0},
	};

	CHECK("{" CLAIM "'kind':'ratio','of':" CELL("a") ",'over':" CELL("b") ",'within':[2,3]}",
	      cases);
}

Test(claims_kinds, ordering)
{
	static const struct forced falling[] = {
		{VERDICT_REPRODUCED, false, AT_TEN(300, 200, 100, 0.01), 1.5},
		{VERDICT_DIRECTION_ONLY, false, AT_TEN(300, 200, 199.9, 0.002), 1},
		{VERDICT_DIRECTION_ONLY, false, AT_TEN(300, 300, 200, 0.002), 1},
		{VERDICT_REFUTED, false, AT_TEN(300, 100, 200, 0.01), 0.5},
		{VERDICT_REFUTED, false, AT_TEN(100, 100, 100, 0.002), 1},
		{VERDICT_INCONCLUSIVE, false, AT_TEN(300, 200, 195, 0.3), 0},
		{VERDICT_INCONCLUSIVE, false, {{{300}, {200}, {100}}, 0, 0, 4}, 0},
		{VERDICT_NOT_TESTABLE, false, AT_TEN(300, 0, 100, 0.01), 0},
	};
	/* With two steps one of them soon goes the other way by chance: five blocks are too few for that. */
	static const struct forced few[] = {
		{VERDICT_INCONCLUSIVE, false, {{{300}, {100}, {200}}, 0.01, 0.5, 5}, 0.5},
		{VERDICT_REFUTED, false, {{{300}, {100}, {200}}, 0.01, 0.5, 6}, 0.5},
		{VERDICT_REFUTED, false, {{{200}, {100}, {300}}, 0.01, 0.5, 5}, 0.33},
		{VERDICT_REPRODUCED, false, {{{300}, {200}, {100}}, 0.01, 0.5, 5}, 1.5},
	};
	static const struct forced rising[] = {
		{VERDICT_REPRODUCED, false, AT_TEN(100, 200, 300, 0.01), 1.5},
		{VERDICT_REFUTED, false, AT_TEN(300, 200, 100, 0.01), 0},
	};
	static const char cells[] = "{" CLAIM "'kind':'ordering','by':'%s','within':[null,null],"
				    "'cells':[" CELL("a") "," CELL("b") "," CELL("c") "]}";
	char claim[512];

	snprintf(claim, sizeof claim, cells, "falling");
	CHECK(claim, falling);
	CHECK(claim, few);
	snprintf(claim, sizeof claim, cells, "rising");
	CHECK(claim, rising);
}

/* Blocks in which `others` of 1,000 repeats showed another order. */
static struct verdict *observe(struct results *results, size_t blocks, json_int_t others,
			       size_t in_block)
{
	run_make(results, "{" CLAIM "'kind':'order','by':'expects','expects':'1 2 3','of':" ALL(
				  "a") ",'within':[1,1]}");
	for (size_t i = 1; i <= blocks; i++) {
		json_int_t other = in_block == 0 || in_block == i ? others : 0;
		json_t *added = trial("a", i, 1, 0);

		json_object_set_new(added, "observed_order",
				    json_pack("{s:I, s:I}", "1 2 3", 1000 - other, "2 1 3", other));
		add_trial(results, added);
	}
	return decide(results);
}

Test(claims_kinds, an_order_that_is_expected)
{
	static const struct {
		size_t blocks, in_block;
		json_int_t others;
		enum verdict_kind kind;
		bool at_edge;
	} cases[] = {
		{5, 0, 0, VERDICT_REPRODUCED, false},	{5, 0, 1000, VERDICT_REFUTED, false},
		{5, 0, 400, VERDICT_REFUTED, false},	{5, 3, 1, VERDICT_INCONCLUSIVE, true},
		{4, 0, 0, VERDICT_INCONCLUSIVE, false}, {0, 0, 0, VERDICT_NOT_TESTABLE, false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct results results;
		struct verdict *verdict = observe(&results, cases[i].blocks, cases[i].others,
						  cases[i].in_block);

		cr_expect_eq(verdict->kind, cases[i].kind, "case %zu: %s", i, verdict->why);
		cr_expect_eq(verdict->at_edge, cases[i].at_edge, "case %zu", i);
		if (cases[i].in_block)
			cr_expect_str_eq(
				verdict->why,
				"1 of 5000 repeats showed another order, most often \"2 1 3\".");
		free(verdict);
		results_destroy(&results);
	}
}

Test(claims_kinds, cells_of_one_server_are_told_apart)
{
	static const char *const claims[] = {
		"{" CLAIM "'kind':'ordering','by':'falling','within':[null,null],'cells':["
		"{'server':'a','point':{'connections':1000,'workers':1}},"
		"{'server':'a','point':{'connections':1000,'workers':4}}," CELL("b") "]}",
		"{" CLAIM "'kind':'ratio','by':'within','within':[1,2],'of':" ALL(
			"a") ",'over':{'server':'a','part':'q','point':{}}}",
	};
	static const char *const names[] = {"a (--workers 1) > a (--workers 4) > b",
					    "a (part p) over a (part q)"};

	for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
		struct results results;
		struct verdict *verdict;

		run_make(&results, claims[i]);
		verdict = decide(&results);
		cr_expect_str_eq(verdict->servers, names[i]);
		free(verdict);
		results_destroy(&results);
	}
}

/* The same of a metric that is a rate: more is better, and of this server every value is a lower bound. */
static void check_rate(const char *claim, const char *bound, const struct made_up *made,
		       enum verdict_kind kind, const char *because)
{
	struct results results;
	struct verdict *verdict;
	json_t *descriptor;

	run_make(&results, claim);
	descriptor = json_array_get(json_object_get(results.run, "metrics"), 0);
	json_object_set_new(descriptor, "better", json_string("higher"));
	json_object_set_new(descriptor, "may_be_lower_bound", json_true());
	run_fill(&results, made);
	for (size_t i = 0; i < results.trial_count; i++)
		if (strcmp(json_string_value(json_object_get(results.trials[i], "server")),
			   bound) == 0)
			json_object_set_new(results.trials[i], "rate_is_lower_bound", json_true());
	verdict = decide(&results);
	cr_expect_eq(verdict->kind, kind, "%s, \"%s\": %s: %s", verdict->of_kind->by, bound,
		     verdict_key(verdict->kind), verdict->why);
	cr_expect(strstr(verdict->why, because), "%s", verdict->why);
	free(verdict);
	results_destroy(&results);
}

Test(claims_kinds, a_lower_bound_decides_only_what_it_can)
{
	static const struct made_up down = AT_TEN(300, 200, 100, 0.01);
	static const struct made_up up = AT_TEN(100, 200, 300, 0.01);
	static const struct made_up curve = POWER(10, 0.01);
	static const struct made_up crossing = AGAINST(200, 125, 80, 50, 0.01);
	static const char falling[] = "{" CLAIM
				      "'kind':'ordering','by':'falling','within':[null,null],"
				      "'cells':[" CELL("a") "," CELL("b") "," CELL("c") "]}";
	static const char slope[] = "{" CLAIM "'kind':'shape','by':'slope','along':'connections',"
				    "'of':" ALL("a") ",'within':[0.9,1.1]}";
	static const char crossover[] =
		"{" CLAIM "'kind':'shape','by':'crossover','along':'connections','of':" ALL(
			"a") ",'over':" ALL("b") ",'within':[240,340]}";

	check_rate(falling, "", &down, VERDICT_REPRODUCED, "");
	/* The first could do more yet, so it has more than the next in any case; the last could, too. */
	check_rate(falling, "a", &down, VERDICT_REPRODUCED, "");
	check_rate(falling, "c", &down, VERDICT_INCONCLUSIVE, "bound");
	/* What is wrong between two others stays wrong, whatever the one could do. */
	check_rate(falling, "a", &up, VERDICT_REFUTED, "From b to c");
	check_rate(falling, "c", &up, VERDICT_REFUTED, "From a to b");
	check_rate(slope, "", &curve, VERDICT_REPRODUCED, "");
	check_rate(slope, "a", &curve, VERDICT_INCONCLUSIVE, "no shape");
	/* Of a rate more is better: a's curve is flat, and b's falls below it. */
	check_rate(crossover, "", &crossing, VERDICT_REPRODUCED, "");
	check_rate(crossover, "b", &crossing, VERDICT_INCONCLUSIVE, "no shape");
}

/* How often the interval of a claim's verdict holds the truth, over runs of six blocks with noise that differs. */
/* With a standard error of 0.025 about 0.9; noise of 20 % and more, so that crossings are far apart. */
