/* Claims whose cells stand in other parts and other runs, and what a verdict says of where it is from. */
#include "stored/claims/claims.h"

#include "lib/text_buffer.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 6 };

/* A run of one scenario with one part of its name, in JSON with ' for "; its claims are a list. */
static void run_make(struct results *results, const char *scenario, const char *fingerprint,
		     const char *claims)
{
	char text[2048];

	snprintf(text, sizeof text,
		 "{'schema':1,'seed':7,'id':'run-%s','environment':{'fingerprint':'%s'},"
		 "'warnings':['nginx is left out of other: it answers no /query/ID',"
		 "'nginx is left out of one: nginx is not installed (apt-get install nginx)',"
		 "'far is left out: no database (apt-get install postgresql)'],"
		 "'metrics':[{'key':'m','unit':'ns'},{'key':'n','unit':'ns'}],"
		 "'scenarios':[{'name':'%s','parts':[{'name':'%s','claims':%s}]}]}",
		 scenario, fingerprint, scenario, scenario, claims);
	for (char *at = text; *at; at++)
		*at = (char)(*at == '\'' ? '"' : *at);
	*results = (struct results){.run = json_loads(text, 0, NULL)};
	cr_assert_not_null(results->run, "%s", text);
}

static void run_add(struct results *results, const char *scenario, const char *server, size_t block,
		    const char *outcome, double value)
{
	results->trials = reallocarray(results->trials, results->trial_count + 1,
				       sizeof *results->trials);
	cr_assert_not_null(results->trials);
	results->trials[results->trial_count++] =
		json_pack("{s:i, s:s, s:s, s:s, s:I, s:s, s:{s:f, s:f}, s:{}, s:[{s:s, s:s}]}",
			  "schema", 1, "scenario", scenario, "part", scenario, "server", server,
			  "trial", (json_int_t)block, "outcome", outcome, "metrics", "m", value,
			  "n", value, "point", "reasons", "code", "x", "text", "so it is");
}

static void run_fill(struct results *results, const char *scenario, const char *server,
		     double value)
{
	for (size_t i = 1; i <= BLOCKS; i++)
		run_add(results, scenario, server, i, "ok", value * (1 + 0.001 * (double)i));
}

#define CLAIM \
	"'id':'x','source':'somebody','says':'so','own_model':true,'differs':'It was elsewhere.',"
#define RATIO_ACROSS                                               \
	"[{" CLAIM "'kind':'ratio','by':'within','metrics':['m']," \
	"'of':{'server':'a','point':{}},"                          \
	"'over':{'server':'b','scenario':'two','part':'two','point':{}},'within':[1.9,2.1]}]"

static void check_across(const char *fingerprint, bool run_two, enum verdict_kind kind,
			 const char *because)
{
	struct results runs[2];
	struct verdict *verdicts;

	run_make(&runs[0], "one", "f", RATIO_ACROSS);
	run_fill(&runs[0], "one", "a", 200);
	run_make(&runs[1], "two", fingerprint, "[]");
	run_fill(&runs[1], "two", "b", 100);
	cr_assert_eq(claims_evaluate(runs, run_two ? 2 : 1, &verdicts), 1);
	cr_expect_eq(verdicts->kind, kind, "%s", verdicts->why);
	cr_expect(strstr(verdicts->why, because), "%s", verdicts->why);
	cr_expect_str_eq(verdicts->servers, "a over b");
	if (kind == VERDICT_REPRODUCED) {
		cr_expect_float_eq(verdicts->estimate, 2, 0.001);
		cr_expect(verdicts->low < verdicts->high);
		cr_expect_eq(verdicts->run_count, 2);
		cr_expect_eq(verdicts->validity.ok, 2 * BLOCKS);
	}
	free(verdicts);
	results_destroy(&runs[0]);
	results_destroy(&runs[1]);
}

Test(claims_runs, a_cell_of_another_scenario_is_found_in_another_run)
{
	check_across("f", true, VERDICT_REPRODUCED, "");
	check_across("f", false, VERDICT_NOT_TESTABLE, "tenk run two");
	check_across("g", true, VERDICT_NOT_TESTABLE, "different conditions");
}

Test(claims_runs, of_several_runs_the_one_of_the_same_conditions_is_taken)
{
	static const char *const conditions[] = {"f", "f", "g"};
	struct results runs[3];
	struct verdict *verdicts;

	run_make(&runs[0], "one", conditions[0], RATIO_ACROSS);
	run_fill(&runs[0], "one", "a", 200);
	for (size_t i = 1; i < 3; i++) {
		run_make(&runs[i], "two", conditions[i], "[]");
		run_fill(&runs[i], "two", "b", 100);
	}
	cr_assert_eq(claims_evaluate(runs, 3, &verdicts), 1);
	cr_expect_eq(verdicts->kind, VERDICT_REPRODUCED, "%s", verdicts->why);
	cr_expect_eq(verdicts->runs[1], &runs[1]);
	free(verdicts);
	for (size_t i = 0; i < 3; i++)
		results_destroy(&runs[i]);
}

Test(claims_runs, a_claim_that_no_run_has_is_decided_from_what_is_there)
{
	struct results run;
	struct verdict *verdicts;
	json_t *claims =
		json_loads("[{\"id\":\"x\",\"kind\":\"threshold\",\"by\":\"within\","
			   "\"metrics\":[\"n\",\"m\"],\"means\":\"m\",\"within\":[100,200],"
			   "\"of\":{\"server\":\"a\",\"point\":{}}}]",
			   0, NULL);

	run_make(&run, "one", "f", "[]");
	run_fill(&run, "one", "a", 150);
	cr_assert_eq(
		claims_evaluate_one(json_array_get(claims, 0), "one", "one", &run, 1, &verdicts),
		2);
	cr_expect_eq(verdicts[0].kind, VERDICT_REPRODUCED);
	/* What the source means comes first; the others are notes. */
	cr_expect_str_eq(verdicts[0].metric, "m");
	cr_expect(verdicts[0].headline && !verdicts[1].headline);
	free(verdicts);
	cr_assert_eq(
		claims_evaluate_one(json_array_get(claims, 0), "two", "two", &run, 1, &verdicts),
		2);
	cr_expect_eq(verdicts[0].kind, VERDICT_NOT_TESTABLE);
	free(verdicts);
	cr_assert_eq(
		claims_evaluate_one(json_array_get(claims, 0), "two", "two", NULL, 0, &verdicts),
		0);
	free(verdicts);
	json_decref(claims);
	results_destroy(&run);
}

/* A threshold claim about a server, of which there are so many trials that ended so. */
static void check_missing(const char *server, const char *outcome, size_t trials,
			  const char *because)
{
	char claims[512];
	struct results run;
	struct verdict *verdicts;

	snprintf(claims, sizeof claims,
		 "[{" CLAIM "'kind':'threshold','by':'within','metrics':['m'],'within':[1,2],"
		 "'of':{'server':'%s','point':{}}}]",
		 server);
	run_make(&run, "one", "f", claims);
	for (size_t i = 1; i <= trials; i++)
		run_add(&run, "one", server, i, outcome, 1);
	cr_assert_eq(claims_evaluate(&run, 1, &verdicts), 1);
	cr_expect_eq(verdicts->kind, VERDICT_NOT_TESTABLE, "%s", verdicts->why);
	cr_expect(strstr(verdicts->why, because), "%s", verdicts->why);
	cr_expect_eq(verdicts->validity.failed + verdicts->validity.invalid +
			     verdicts->validity.skipped,
		     trials);
	free(verdicts);
	results_destroy(&run);
}

Test(claims_runs, what_is_missing_is_named)
{
	check_missing("nginx", "", 0, "apt-get install nginx");
	check_missing("a", "", 0, "No trial of a was run");
	check_missing("a", "failed", 5, "All 5 trials of a failed or were invalid: so it is");
	check_missing("a", "failed", 1, "The only trial of a failed or was invalid: so it is");
	check_missing("a", "invalid", 5, "so it is");
	check_missing("a", "skipped", 5, "so it is");
}

Test(claims_runs, a_part_that_left_its_run_is_named)
{
	struct results run;
	struct verdict *verdicts;

	run_make(&run, "one", "f",
		 "[{" CLAIM "'kind':'threshold','by':'within','metrics':['m'],'within':[1,2],"
		 "'of':{'server':'a','part':'far','point':{}}}]");
	cr_assert_eq(claims_evaluate(&run, 1, &verdicts), 1);
	cr_expect_eq(verdicts->kind, VERDICT_NOT_TESTABLE);
	cr_expect(strstr(verdicts->why, "apt-get install postgresql"), "%s", verdicts->why);
	free(verdicts);
	results_destroy(&run);
}

Test(claims_runs, trials_that_failed_leave_the_others_to_decide)
{
	struct results run;
	struct verdict *verdicts;

	run_make(&run, "one", "f",
		 "[{" CLAIM "'kind':'threshold','by':'within','metrics':['m'],'within':[100,200],"
		 "'of':{'server':'a','point':{}}}]");
	run_fill(&run, "one", "a", 150);
	run_add(&run, "one", "a", BLOCKS + 1, "failed", 1e9);
	run_add(&run, "one", "a", BLOCKS + 2, "invalid", 1e9);
	cr_assert_eq(claims_evaluate(&run, 1, &verdicts), 1);
	cr_expect_eq(verdicts->kind, VERDICT_REPRODUCED);
	cr_expect_eq(verdicts->trials, BLOCKS);
	cr_expect_eq(verdicts->validity.ok, BLOCKS);
	cr_expect_eq(verdicts->validity.failed, 1);
	cr_expect_eq(verdicts->validity.invalid, 1);
	free(verdicts);
	results_destroy(&run);
}

static const json_t *of_claim(const json_t *verdicts, const char *claim, const char *metric)
{
	const json_t *verdict;
	size_t i;

	json_array_foreach(
		verdicts, i,
		verdict) if (strcmp(json_string_value(json_object_get(verdict, "claim")), claim) ==
				     0 &&
			     strcmp(json_string_value(json_object_get(verdict, "metric")),
				    metric) == 0) return verdict;
	cr_assert_fail("no verdict on %s, %s", claim, metric);
	return NULL;
}

/* A run of before claims said what they mean, without what its verdicts do not need: decided as when it was published. */
Test(claims_runs, an_old_run_is_decided_as_before)
{
	static const struct {
		const char *claim, *metric, *verdict;
		double estimate, factor;
	} expected[] = {
		{"thread-costs-2mb", "virtual_per_connection_bytes", "refuted", 8392705, 4.196},
		{"thread-costs-2mb", "resident_per_connection_bytes", "refuted", 8540, 117.1},
		{"thread-costs-2mb", "total_per_connection_bytes", "refuted", 39407, 25.38},
		{"loop-costs-8kb", "virtual_per_connection_bytes", "reproduced", 7035, 1},
		{"loop-costs-8kb", "total_per_connection_bytes", "refuted", 11162, 1.395},
		{"loop-250x-leaner", "resident_per_connection_bytes", "direction_only", 133, 1.406},
		{"loop-250x-leaner", "total_per_connection_bytes", "direction_only", 10.0, 18.7},
		/* 3 % beyond the range is no refusal any more. */
		{"3kb-kernel-per-socket", "kernel_per_connection_bytes", "inconclusive", 3863,
		 1.030},
	};
	struct results run;
	struct error error = {""};
	json_t *verdicts;

	cr_assert_eq(results_load(&run, "tests/fixtures/old-claims", &error), 0, "%s", error.text);
	verdicts = claims_to_json(&run, 1);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		const json_t *found = of_claim(verdicts, expected[i].claim, expected[i].metric);
		double estimate = json_number_value(json_object_get(found, "estimate"));
		double factor = json_number_value(json_object_get(found, "factor"));

		cr_expect_str_eq(json_string_value(json_object_get(found, "verdict")),
				 expected[i].verdict);
		cr_expect_float_eq(estimate / expected[i].estimate, 1, 0.005, "%zu: %g", i,
				   estimate);
		cr_expect_float_eq(factor / expected[i].factor, 1, 0.005, "%zu: %g", i, factor);
	}
	json_decref(verdicts);
	results_destroy(&run);
}

Test(claims_runs, a_verdict_leads_back_to_its_trials)
{
	static const char *const keys[] = {
		"claim",       "scenario", "part",     "servers",  "metric",	    "headline",
		"verdict",     "reads",	   "at_edge",  "accepted", "unit",	    "estimate",
		"low",	       "high",	   "coverage", "trials",   "blocks_needed", "factor",
		"factor_word", "why",	   "validity", "differs",  "runs"};
	char command[] = "sha256sum tests/fixtures/run/trials.jsonl", sum[65] = "";
	struct results run;
	struct error error = {""};
	json_t *verdicts, *from;
	const char *told;
	FILE *pipe;

	cr_assert_eq(results_load(&run, "tests/fixtures/run", &error), 0, "%s", error.text);
	verdicts = claims_to_json(&run, 1);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		cr_expect_not_null(json_object_get(json_array_get(verdicts, 0), keys[i]), "%s",
				   keys[i]);
	cr_expect_eq(json_object_size(json_array_get(verdicts, 0)), sizeof keys / sizeof *keys);
	from = json_array_get(json_object_get(json_array_get(verdicts, 0), "runs"), 0);
	cr_expect_eq(json_integer_value(json_object_get(from, "seed")), 7731);
	told = json_string_value(json_object_get(from, "trials_sha256"));
	pipe = popen(command, "r");
	cr_assert_not_null(pipe);
	cr_assert_eq(fscanf(pipe, "%64s", sum), 1);
	pclose(pipe);
	if (told) /* tenk was built with libcrypto */
		cr_expect_str_eq(told, sum);
	json_decref(verdicts);
	results_destroy(&run);
}

/* What a person may make of a run.json, or a newer tenk: each has a verdict, and none is more than "not testable". */
Test(claims_runs, odd_claims_are_not_testable)
{
	static const char *const odd[] = {
		"'kind':'threshold','of':7,'within':[1,2]",
		"'kind':'threshold','of':{'server':7},'within':[1,2]",
		"'kind':'threshold','of':{'server':'a','point':7},'within':[1]",
		"'kind':'threshold','of':{'server':'a','point':{'connections':'many'}},'within':7",
		"'kind':'ratio','of':{'server':'a'},'within':[1,2]",
		"'kind':'ordering','by':'falling','cells':7,'within':[null,null]",
		"'kind':'ordering','by':'falling','cells':[],'within':[null,null]",
		"'kind':'ordering','by':'falling','cells':[7, 7],'within':[null,null]",
		"'kind':'ordering','by':'sideways','cells':[],'within':[null,null]",
		"'kind':'shape','by':'slope','of':{'server':'a'},'within':[1,2]",
		"'kind':'shape','by':'slope','along':'length','of':{'server':'a'},'within':[1,2]",
		"'kind':'shape','by':'slope','along':'connections','of':{'server':'a'},'within':[1,2]",
		"'kind':'shape','by':'crossover','along':'connections','of':{'server':'a'},'within':[1,2]",
		"'kind':'order','by':'expects','of':{'server':'a'},'within':[1,1]",
		"'kind':7,'of':{'server':'a'},'within':[1,2]",
		"'within':[1,2]",
	};

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		char claims[512];
		struct results run;
		struct verdict *verdicts;
		json_t *json;

		snprintf(claims, sizeof claims, "[{" CLAIM "'metrics':['m'],%s}]", odd[i]);
		run_make(&run, "one", "f", claims);
		run_fill(&run, "one", "b", 1);
		cr_assert_eq(claims_evaluate(&run, 1, &verdicts), 1);
		cr_expect_eq(verdicts->kind, VERDICT_NOT_TESTABLE, "%s: %s", odd[i], verdicts->why);
		cr_expect(verdicts->why[0] != '\0', "%s", odd[i]);
		json = verdict_to_json(verdicts);
		cr_expect_not_null(json, "%s", odd[i]);
		json_decref(json);
		free(verdicts);
		results_destroy(&run);
	}
}

Test(claims_runs, more_cells_than_a_claim_has_are_refused)
{
	struct text_buffer claims = {0};
	struct results run;
	struct verdict *verdicts;

	text_append(&claims, "[{" CLAIM "'kind':'ordering','by':'falling','metrics':['m'],"
			     "'within':[null,null],'cells':[{'server':'a'}");
	for (size_t i = 0; i < CLAIM_CELLS_MOST; i++)
		text_append(&claims, ",{'server':'a'}");
	text_append(&claims, "]}]");
	run_make(&run, "one", "f", text_string(&claims));
	text_destroy(&claims);
	cr_assert_eq(claims_evaluate(&run, 1, &verdicts), 1);
	cr_expect_eq(verdicts->kind, VERDICT_NOT_TESTABLE);
	cr_expect(strstr(verdicts->why, "too many"), "%s", verdicts->why);
	free(verdicts);
	results_destroy(&run);
}
