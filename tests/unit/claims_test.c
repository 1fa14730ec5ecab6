#include "tests/unit/claims_fixture.h"

/* The verdict on five trials of a threshold claim that says 100 to 200. */
static void check_threshold(double from, double step, enum verdict_kind kind, double factor,
			    const char *word)
{
	const struct verdict *verdict;
	struct made made;

	made_begin(&made, "threshold", 100, 200);
	for (size_t i = 0; i < 5; i++)
		made_trial(&made, "a", i + 1, from + (double)i * step);
	verdict = made_verdict(&made);
	check_kind(verdict, kind);
	cr_assert_eq(verdict->trials, 5);
	cr_assert_eq(verdict->coverage, 0.9375);
	cr_assert_eq(verdict->low, from);
	cr_assert_eq(verdict->estimate, from + 2 * step);
	cr_assert_eq(verdict->high, from + 4 * step);
	cr_assert_float_eq(verdict->factor, factor, 1e-9, "factor %g", verdict->factor);
	cr_assert_str_eq(verdict->factor_word, word);
	made_end(&made);
}

Test(claims, a_threshold_is_decided_by_the_whole_interval)
{
	check_threshold(110, 10, VERDICT_REPRODUCED, 1, "");
	check_threshold(100, 25, VERDICT_REPRODUCED, 1, ""); /* the ends belong to it */
	check_threshold(10, 1, VERDICT_REFUTED, 100.0 / 12, "overstated");
	check_threshold(600, 100, VERDICT_REFUTED, 4, "understated");
	check_threshold(60, 5, VERDICT_REFUTED, 100.0 / 70, ""); /* off, but by less than 2 */
	check_threshold(95, 2, VERDICT_INCONCLUSIVE, 100.0 / 99, "");
	check_threshold(50, 100, VERDICT_INCONCLUSIVE, 1.25, "");
}

Test(claims, four_trials_never_decide)
{
	const double values[] = {10, 11, 12, 13};
	const struct verdict *verdict;
	struct made made;

	made_begin(&made, "threshold", 100, 200);
	made_values(&made, "a", values, 4);
	verdict = made_verdict(&made);
	check_kind(verdict, VERDICT_INCONCLUSIVE);
	cr_assert(strstr(verdict->why, "4 blocks that count"), "%s", verdict->why);
	cr_assert(strstr(verdict->why, "5 are the fewest"), "%s", verdict->why);
	/* What was seen is still told. */
	cr_assert_eq(verdict->estimate, 11.5);
	cr_assert_str_eq(verdict->factor_word, "overstated");
	made_end(&made);
}

Test(claims, a_straddled_bound_says_how_many_blocks_would_decide)
{
	const double values[] = {80, 84, 90, 96, 110};
	const struct verdict *verdict;
	struct made made;

	made_begin(&made, "threshold", 100, 200);
	made_values(&made, "a", values, 5);
	verdict = made_verdict(&made);
	check_kind(verdict, VERDICT_INCONCLUSIVE);
	/* The upper half of the interval, 20, must shrink to 10: four times the trials. */
	cr_assert(strstr(verdict->why, "about 20 blocks"), "%s", verdict->why);
	cr_assert(strstr(verdict->why, "lower end"), "%s", verdict->why);
	made_end(&made);
}

Test(claims, an_estimate_on_the_bound_promises_nothing)
{
	const double values[] = {150, 175, 200, 225, 250};
	const struct verdict *verdict;
	struct made made;

	made_begin(&made, "threshold", 100, 200);
	made_values(&made, "a", values, 5);
	verdict = made_verdict(&made);
	check_kind(verdict, VERDICT_INCONCLUSIVE);
	cr_assert(strstr(verdict->why, "no reasonable number"), "%s", verdict->why);
	made_end(&made);
}

/* The verdict on a ratio claim; b is 10 in every block, so a is ten times the ratio. */
static void check_ratio(double low, double high, double from, double step, const char *metric_key,
			enum verdict_kind kind, double factor, const char *word)
{
	const struct verdict *verdict;
	struct made made;

	made_begin(&made, "ratio", low, high);
	if (metric_key) {
		json_t *metrics = json_object_get(made.results.run, "metrics");

		json_object_set_new(json_array_get(metrics, 0), "key", json_string(metric_key));
		json_array_set_new(json_object_get(made_claim(&made), "metrics"), 0,
				   json_string(metric_key));
	}
	for (size_t i = 0; i < 5; i++) {
		json_t *a = made_trial(&made, "a", i + 1, 10 * (from + (double)i * step));
		json_t *b = made_trial(&made, "b", i + 1, 10);

		if (metric_key) {
			json_t *values[] = {json_object_get(a, "metrics"),
					    json_object_get(b, "metrics")};

			for (size_t j = 0; j < 2; j++)
				json_object_set(values[j], metric_key,
						json_object_get(values[j], "m"));
		}
	}
	verdict = made_verdict(&made);
	check_kind(verdict, kind);
	cr_assert_float_eq(verdict->estimate, from + 2 * step, 1e-9);
	cr_assert_float_eq(verdict->factor, factor, 1e-9, "factor %g", verdict->factor);
	cr_assert_str_eq(verdict->factor_word, word);
	made_end(&made);
}

Test(claims, a_ratio_may_have_only_the_direction)
{
	check_ratio(187, 312, 200, 10, NULL, VERDICT_REPRODUCED, 1, "");
	check_ratio(187, 312, 40, 1, NULL, VERDICT_DIRECTION_ONLY, 187.0 / 42, "overstated");
	check_ratio(187, 312, 800, 1, NULL, VERDICT_DIRECTION_ONLY, 802.0 / 312, "understated");
	check_ratio(187, 312, 0.5, 0.1, NULL, VERDICT_REFUTED, 187.0 / 0.7, "overstated");
	check_ratio(187, 312, 0.8, 0.2, NULL, VERDICT_REFUTED, 187.0 / 1.2, "overstated"); /* any */
	check_ratio(187, 312, 150, 20, NULL, VERDICT_INCONCLUSIVE, 1, "");
}

Test(claims, a_difference_that_does_not_matter_is_no_direction)
{
	/* 1 % more is nothing for a rate, and 8 % is nothing for a 99th percentile. */
	check_ratio(1.5, 2, 1.005, 0.001, NULL, VERDICT_REFUTED, 1.5 / 1.007, "");
	check_ratio(1.5, 2, 1.05, 0.005, NULL, VERDICT_DIRECTION_ONLY, 1.5 / 1.06, "");
	check_ratio(1.5, 2, 1.05, 0.005, "latency_p99_ns", VERDICT_REFUTED, 1.5 / 1.06, "");
	check_ratio(1.5, 2, 1.05, 0.005, "latency_p50_ns", VERDICT_DIRECTION_ONLY, 1.5 / 1.06, "");
}

Test(claims, a_ratio_below_one_counts_the_other_way)
{
	/* "A twentieth of the memory." */
	check_ratio(0.04, 0.06, 0.045, 0.001, NULL, VERDICT_REPRODUCED, 1, "");
	check_ratio(0.04, 0.06, 0.5, 0.01, NULL, VERDICT_DIRECTION_ONLY, 0.52 / 0.06, "overstated");
	check_ratio(0.04, 0.06, 0.01, 0.001, NULL, VERDICT_DIRECTION_ONLY, 0.04 / 0.012,
		    "understated");
	check_ratio(0.04, 0.06, 3, 0.1, NULL, VERDICT_REFUTED, 3.2 / 0.06, "overstated");
}

Test(claims, a_ratio_of_about_one_has_no_direction)
{
	check_ratio(0.9, 1.1, 0.98, 0.01, NULL, VERDICT_REPRODUCED, 1, "");
	check_ratio(0.9, 1.1, 1.2, 0.01, NULL, VERDICT_REFUTED, 1.22 / 1.1, "");
	check_ratio(0.9, 1.1, 0.2, 0.01, NULL, VERDICT_REFUTED, 0.9 / 0.22, "overstated");
}

Test(claims, a_ratio_is_formed_within_blocks)
{
	/* Both double from block to block; only by blocks is the ratio 2 with no spread. */
	const struct verdict *verdict;
	struct made made;

	made_begin(&made, "ratio", 1.9, 2.1);
	for (size_t i = 0; i < 6; i++) {
		made_trial(&made, "a", i + 1, 2 * ldexp(10, (int)i));
		/* Block 4 of b is missing and so is paired with nothing. */
		made_trial(&made, "b", i + 1, i == 3 ? NAN : ldexp(10, (int)i));
	}
	verdict = made_verdict(&made);
	check_kind(verdict, VERDICT_REPRODUCED);
	cr_assert_eq(verdict->trials, 5);
	cr_assert_eq(verdict->low, 2);
	cr_assert_eq(verdict->high, 2);
	made_end(&made);
}

/* Five trials without a value, changed by `change`, must be not testable, with this reason. */
static void check_not_testable(void (*change)(struct made *made), const char *because)
{
	const struct verdict *verdict;
	struct made made;

	made_begin(&made, "threshold", 100, 200);
	for (size_t i = 0; i < 5; i++)
		made_trial(&made, "a", i + 1, NAN);
	change(&made);
	verdict = made_verdict(&made);
	check_kind(verdict, VERDICT_NOT_TESTABLE);
	cr_assert(strstr(verdict->why, because), "\"%s\" lacks \"%s\"", verdict->why, because);
	cr_assert(isnan(verdict->estimate));
	cr_assert_eq(verdict->trials, 0);
	made_end(&made);
}

static void change_nothing(struct made *made)
{
	cr_assert_eq(made->results.trial_count, 5);
}

static void change_unavailable(struct made *made)
{
	for (size_t i = 0; i < 5; i++)
		json_object_set_new(made->results.trials[i], "unavailable",
				    json_pack("{s:s}", "m", "the kernel does not say"));
}

static void change_failed(struct made *made)
{
	for (size_t i = 0; i < 5; i++) {
		json_t *reasons = json_pack("[{s:s, s:s}]", "code", "server_start", "text",
					    "the server did not start");

		json_object_set_new(made->results.trials[i], "outcome", json_string("failed"));
		json_object_set_new(made->results.trials[i], "reasons", reasons);
	}
}

static void change_not_run(struct made *made)
{
	for (size_t i = 0; i < 5; i++)
		json_object_set_new(made->results.trials[i], "server", json_string("b"));
}

static void change_metric(struct made *made)
{
	json_array_set_new(json_object_get(made_claim(made), "metrics"), 0, json_string("other"));
}

static void change_slope(struct made *made)
{
	json_array_set_new(json_object_get(made_claim(made), "metrics"), 0, json_string("slope"));
}

static void change_kind(struct made *made)
{
	json_object_set_new(made_claim(made), "kind", json_string("guess"));
}

static void change_server(struct made *made)
{
	json_object_set_new(made_claim(made), "of", json_true());
}

static void change_within(struct made *made)
{
	json_object_set_new(made_claim(made), "within", json_pack("[s, s]", "a", "b"));
}

Test(claims, what_is_listed_and_not_tested_says_why)
{
	struct made made;
	json_t *claim;

	made_begin(&made, "untested", 0, 0);
	claim = made_claim(&made);
	json_object_set_new(claim, "metrics", json_pack("[s]", ""));
	json_object_set_new(claim, "of", json_null());
	json_object_set_new(claim, "by", json_string("why"));
	json_object_set_new(claim, "why", json_string("Out of scope."));
	check_kind(made_verdict(&made), VERDICT_NOT_TESTABLE);
	cr_assert_str_eq(made.verdicts->why, "Out of scope.");
	cr_assert(made.verdicts->headline);
	made_end(&made);
}

Test(claims, not_testable_says_why)
{
	check_not_testable(change_nothing, "hold no m");
	check_not_testable(change_unavailable, "the kernel does not say");
	check_not_testable(change_failed, "All 5 trials of a failed or were invalid: "
					  "the server did not start");
	check_not_testable(change_not_run, "No trial of a was run");
	check_not_testable(change_metric, "no metric other");
	check_not_testable(change_slope, "4 counts of connections");
	check_not_testable(change_kind, "kind \"guess\"");
	check_not_testable(change_server, "names no server");
	check_not_testable(change_within, "no range");
}

/* Of two reasons of which one is a byte longer, one is cut within a character. */
Test(claims, a_reason_that_is_cut_stays_text)
{
	for (int odd = 0; odd <= 1; odd++) {
		char text[512] = "x";
		struct made made;
		json_t *json;

		for (int i = 0; i < 200; i++)
			memcpy(text + odd + 2 * i, "\xc3\xa4", 3);
		made_begin(&made, "threshold", 100, 200);
		json_object_set_new(made_trial(&made, "a", 1, NAN), "unavailable",
				    json_pack("{s:s}", "m", text));
		json = verdict_to_json(made_verdict(&made));
		cr_expect_not_null(json, "odd %d", odd);
		json_decref(json);
		made_end(&made);
	}
}

Test(claims, several_looks_share_alpha)
{
	static const double values[] = {140, 150, 160, 145, 155};

	for (int looks = 1; looks <= 3; looks += 2) {
		struct made made;

		made_begin(&made, "threshold", 100, 200);
		json_object_set_new(made.results.run, "looks", json_integer(looks));
		made_values(&made, "a", values, 5);
		check_kind(made_verdict(&made),
			   looks == 1 ? VERDICT_REPRODUCED : VERDICT_INCONCLUSIVE);
		made_end(&made);
	}
}

Test(claims, malformed_claims_are_passed_over)
{
	static const char *const claims[] = {"7", "[7]", "[{}]", "[{\"metrics\":7}]",
					     "[{\"metrics\":[7, null]}]"};

	for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
		struct made made;
		json_t *scenario, *part;

		made_begin(&made, "threshold", 100, 200);
		scenario = json_array_get(json_object_get(made.results.run, "scenarios"), 0);
		part = json_array_get(json_object_get(scenario, "parts"), 0);
		json_object_set_new(part, "claims", json_loads(claims[i], JSON_DECODE_ANY, NULL));
		made.count = claims_evaluate(&made.results, 1, &made.verdicts);
		cr_assert_eq(made.count, 0);
		made_end(&made);
	}
}

Test(claims, the_stored_run_is_decided)
{
	struct results results;
	struct error error = {""};
	struct verdict *verdicts;
	json_t *json;

	cr_assert_eq(results_load(&results, "tests/fixtures/run", &error), 0, "%s", error.text);
	cr_assert_eq(claims_evaluate(&results, 1, &verdicts), 4);
	/* 8 MiB and a guard page of address space, where 1 to 2 MB are claimed. */
	check_kind(&verdicts[0], VERDICT_REFUTED);
	cr_assert_float_eq(verdicts[0].estimate, 8392704, 0.01);
	cr_assert_float_eq(verdicts[0].factor, 4.196, 0.001);
	cr_assert_str_eq(verdicts[0].factor_word, "understated");
	cr_assert_str_eq(verdicts[0].metric, "virtual_per_connection_bytes");
	cr_assert_str_eq(verdicts[0].scenario, "memory");
	cr_assert_not_null(verdicts[0].descriptor);
	/* A few KiB that are really there. */
	check_kind(&verdicts[1], VERDICT_REFUTED);
	cr_assert_float_eq(verdicts[1].estimate, 9300, 0.01);
	cr_assert_float_eq(verdicts[1].low, 9200, 0.01);
	cr_assert_float_eq(verdicts[1].high, 9400, 0.01);
	cr_assert_float_eq(verdicts[1].factor, 107.53, 0.01);
	cr_assert_str_eq(verdicts[1].factor_word, "overstated");
	check_kind(&verdicts[2], VERDICT_NOT_TESTABLE);
	cr_assert(strstr(verdicts[2].why, "kernel's share"), "%s", verdicts[2].why);
	check_kind(&verdicts[3], VERDICT_DIRECTION_ONLY);
	cr_assert_float_eq(verdicts[3].estimate, 46.5, 1.5);
	json = verdict_to_json(&verdicts[1]);
	cr_assert_str_eq(json_string_value(json_object_get(json, "claim")), "thread-costs-2mb");
	cr_assert_str_eq(json_string_value(json_object_get(json, "verdict")), "refuted");
	cr_assert_eq(json_integer_value(json_object_get(json, "trials")), 5);
	json_decref(json);
	free(verdicts);
	results_destroy(&results);
}

Test(claims, every_verdict_has_its_words)
{
	cr_assert_str_eq(verdict_word(VERDICT_REFUTED), "refuted here");
	cr_assert_str_eq(verdict_key(VERDICT_REFUTED), "refuted");
	cr_assert_str_eq(verdict_word(VERDICT_NOT_TESTABLE), "not testable here");
	cr_assert_str_eq(verdict_key(VERDICT_DIRECTION_ONLY), "direction_only");
}
