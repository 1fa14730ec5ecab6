/* Each verdict forced for each kind of claim, with blocks that are made up. */
#include "lib/random.h"
#include "stored/claims/claims.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 4, SERVERS = 3, BLOCKS = 8 };

static const double connections[POINTS] = {10, 100, 1000, 10000};

/* What three servers show at four points; 0: no trial. Blocks vary about it by `noise`, all alike by `drift`. */
struct made_up {
	double at[SERVERS][POINTS];
	double noise, drift;
	size_t blocks;
};

static json_t *trial(const char *server, size_t block, double x, double value)
{
	return json_pack("{s:i, s:s, s:s, s:s, s:I, s:s, s:{s:o}, s:{s:I}}", "schema", 1,
			 "scenario", "s", "part", "p", "server", server, "trial", (json_int_t)block,
			 "outcome", "ok", "metrics", "m",
			 isnan(value) ? json_null() : json_real(value), "point", "connections",
			 (json_int_t)x);
}

static void add_trial(struct results *results, json_t *added)
{
	results->trials = reallocarray(results->trials, results->trial_count + 1,
				       sizeof *results->trials);
	cr_assert(results->trials && added);
	results->trials[results->trial_count++] = added;
}

/* A run of one claim, in JSON with ' for ". */
static void run_make(struct results *results, const char *claim)
{
	char text[2048], quoted[1024];
	size_t length = strlen(claim);

	cr_assert_lt(length, sizeof quoted);
	for (size_t i = 0; i <= length; i++)
		quoted[i] = (char)(claim[i] == '\'' ? '"' : claim[i]);
	snprintf(
		text, sizeof text,
		"{\"schema\":1,\"seed\":7,\"id\":\"made\",\"environment\":{\"fingerprint\":\"f\"},"
		"\"metrics\":[{\"key\":\"m\",\"unit\":\"ns\",\"better\":\"lower\",\"smallest_difference\":0.02},"
		"{\"key\":\"observed_order\",\"unit\":\"ratio\"}],"
		"\"scenarios\":[{\"name\":\"s\",\"parts\":[{\"name\":\"p\",\"claims\":[%s]}]}]}",
		quoted);
	*results = (struct results){.run = json_loads(text, 0, NULL)};
	cr_assert_not_null(results->run, "%s", text);
}

static void run_fill(struct results *results, const struct made_up *made)
{
	static const char *const names[SERVERS] = {"a", "b", "c"};
	struct random random;

	random_seed(&random, 1);
	for (size_t block = 1; block <= made->blocks; block++) {
		double drift = 1 + made->drift * (double)block;

		for (size_t i = 0; i < (size_t)SERVERS * POINTS; i++) {
			double value = made->at[i / POINTS][i % POINTS];
			double noise = 2 * random_unit(&random) - 1;

			if (value != 0)
				add_trial(results,
					  trial(names[i / POINTS], block, connections[i % POINTS],
						value * drift * exp(made->noise * noise)));
		}
	}
}

static struct verdict *decide(struct results *results)
{
	struct verdict *verdicts;

	cr_assert_eq(claims_evaluate(results, 1, &verdicts), 1);
	return verdicts;
}

struct forced {
	enum verdict_kind kind;
	bool at_edge;
	struct made_up made;
	double estimate; /* 0: whatever */
};

static void check(const char *claim, const struct forced *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct results results;
		struct verdict *verdict;

		run_make(&results, claim);
		run_fill(&results, &cases[i].made);
		verdict = decide(&results);
		cr_expect_eq(verdict->kind, cases[i].kind, "%s, case %zu: %s instead of %s: %s",
			     verdict->of_kind->by, i, verdict_key(verdict->kind),
			     verdict_key(cases[i].kind), verdict->why);
		cr_expect_eq(verdict->at_edge, cases[i].at_edge, "%s, case %zu: [%g, %g]",
			     verdict->of_kind->by, i, verdict->low, verdict->high);
		if (cases[i].estimate != 0)
			cr_expect_float_eq(verdict->estimate / cases[i].estimate, 1, 0.02,
					   "%s, case %zu: %g", verdict->of_kind->by, i,
					   verdict->estimate);
		cr_expect(verdict->kind < VERDICT_INCONCLUSIVE || verdict->why[0] != '\0');
		json_decref(verdict_to_json(verdict));
		free(verdict);
		results_destroy(&results);
	}
}

#define CHECK(claim, cases) check(claim, cases, sizeof(cases) / sizeof *(cases))
#define CLAIM		    "'id':'x','source':'somebody','says':'so','metrics':['m'],'own_model':true,"
#define CELL(server)	    "{'server':'" server "','point':{'connections':10}}"
#define ALL(server)	    "{'server':'" server "','point':{}}"

/* Of `a`, `b` and `c` at 10 connections. */
#define AT_TEN(A, B, C, NOISE)                      \
	{                                           \
		{{A}, {B}, {C}}, NOISE, 0.5, BLOCKS \
	}

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
		{VERDICT_INCONCLUSIVE, false, AT_TEN(102, 100, 0, 0.02), 0},
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

/* A curve of a, c / 10 of its value at 10 connections to the power. */
#define POWER(E, NOISE)                                                            \
	{                                                                          \
		{{100, 100 * E, 100 * E * E, 100 * E * E * E}}, NOISE, 0.5, BLOCKS \
	}

Test(claims_kinds, slope)
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

/* a is flat at 100; b is so much at each point: where it is over 100, a is the better one. */
#define AGAINST(B, C, D, E, NOISE)                                       \
	{                                                                \
		{{100, 100, 100, 100}, {B, C, D, E}}, NOISE, 0.5, BLOCKS \
	}

Test(claims_kinds, crossover)
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

Test(claims_kinds, beyond_the_axis_nothing_is_decided)
{
	static const struct forced cases[] = {
		{VERDICT_INCONCLUSIVE, false, AGAINST(50, 50, 50, 50, 0.01), 10000},
		{VERDICT_DIRECTION_ONLY, false, AGAINST(50, 80, 125, 200, 0.01), 316},
	};

	CHECK("{" CLAIM "'kind':'shape','by':'crossover','along':'connections','of':" ALL(
		      "a") ",'over':" ALL("b") ",'within':[20000,40000]}",
	      cases);
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

Test(claims_kinds, an_interval_is_the_same_for_the_same_seed)
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
