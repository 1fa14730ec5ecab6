/* What a value that is near zero, or only a bound, can decide. */
#include "tests/unit/claims_fixture.h"

Test(claims_bounds, a_denominator_near_zero_gives_at_least)
{
	const double over[] = {-1, 0, 1, 2, 2};
	const struct verdict *verdict;
	struct made made;
	json_t *json;

	made_begin(&made, "ratio", 187, 312);
	for (size_t i = 0; i < 5; i++)
		made_trial(&made, "a", i + 1, 1000 + (double)i);
	made_values(&made, "b", over, 5);
	verdict = made_verdict(&made);
	/* At least 1000 / 2: beyond the claim, the claimed way. */
	check_kind(verdict, VERDICT_DIRECTION_ONLY);
	cr_assert_eq(verdict->low, 500);
	cr_assert(isnan(verdict->high));
	cr_assert(isfinite(verdict->factor));
	cr_assert(strstr(verdict->why, "t least this"), "%s", verdict->why);
	json = verdict_to_json(verdict);
	cr_assert(json_is_null(json_object_get(json, "high")));
	json_decref(json);
	made_end(&made);
}

Test(claims_bounds, at_least_does_not_decide_what_lies_above)
{
	const double over[] = {-1, 0, 1, 2, 4};
	const struct verdict *verdict;
	struct made made;

	made_begin(&made, "ratio", 187, 312);
	for (size_t i = 0; i < 5; i++)
		made_trial(&made, "a", i + 1, 1000);
	made_values(&made, "b", over, 5);
	verdict = made_verdict(&made);
	check_kind(verdict, VERDICT_INCONCLUSIVE);
	cr_assert(strstr(verdict->why, "at least this"), "%s", verdict->why);
	made_end(&made);
}

Test(claims_bounds, a_denominator_below_zero_divides_nothing)
{
	const double over[] = {-1, -2, 0, -3, -4}, of[] = {5, 5, 5, 5, 5};
	const struct verdict *verdict;
	struct made made;

	made_begin(&made, "ratio", 187, 312);
	made_values(&made, "a", of, 5);
	made_values(&made, "b", over, 5);
	verdict = made_verdict(&made);
	check_kind(verdict, VERDICT_INCONCLUSIVE);
	cr_assert(isnan(verdict->estimate));
	cr_assert(strstr(verdict->why, "not above zero"), "%s", verdict->why);
	made_end(&made);
}

Test(claims_bounds, an_estimate_below_zero_has_no_infinite_factor)
{
	const double some[] = {-5, -1, 0, 2, 4}, none[] = {-5, -4, -3, -2, -1};
	const struct verdict *verdict;
	struct made made;
	json_t *json;

	made_begin(&made, "threshold", 100, 200);
	made_values(&made, "a", some, 5);
	verdict = made_verdict(&made);
	check_kind(verdict, VERDICT_REFUTED);
	cr_assert_eq(verdict->factor, 25); /* at least, by the upper end */
	cr_assert_str_eq(verdict->factor_word, "overstated");
	made_end(&made);

	made_begin(&made, "threshold", 100, 200);
	made_values(&made, "a", none, 5);
	verdict = made_verdict(&made);
	check_kind(verdict, VERDICT_REFUTED);
	cr_assert(isnan(verdict->factor));
	cr_assert_str_eq(verdict->factor_word, "overstated");
	json = verdict_to_json(verdict);
	cr_assert(json_is_null(json_object_get(json, "factor")));
	json_decref(json);
	made_end(&made);
}

/* The verdict on a claim about a rate, of which each server may not have been driven to its limit. */
static void check_rate(const char *kind, double low, double high, double of, bool of_bound,
		       double over, bool over_bound, enum verdict_kind expected)
{
	const struct verdict *verdict;
	struct made made;
	json_t *claim;

	made_begin(&made, kind, low, high);
	claim = made_claim(&made);
	json_object_set_new(claim, "metrics", json_pack("[s]", "requests_per_s"));
	json_array_append_new(json_object_get(made.results.run, "metrics"),
			      json_pack("{s:s, s:s}", "key", "requests_per_s", "unit", "per_s"));
	for (size_t i = 0; i < 10; i++) {
		bool is_of = i % 2 == 0;
		json_t *trial = made_trial(&made, is_of ? "a" : "b", i / 2 + 1, 0);

		json_object_set_new(json_object_get(trial, "metrics"), "requests_per_s",
				    json_real((is_of ? of : over) * (1 + 0.001 * (double)(i / 2))));
		json_object_set_new(trial, "rate_is_lower_bound",
				    json_boolean(is_of ? of_bound : over_bound));
	}
	verdict = made_verdict(&made);
	check_kind(verdict, expected);
	if (of_bound != over_bound)
		cr_expect(strstr(verdict->why, "not driven to its limit"), "%s", verdict->why);
	if (expected == VERDICT_INCONCLUSIVE)
		cr_expect_str_eq(verdict->factor_word, "");
	made_end(&made);
}

Test(claims_bounds, a_rate_that_is_a_lower_bound_decides_only_what_it_can)
{
	/* A server that could do more than was measured may do what is claimed. */
	check_rate("threshold", 1000, 2000, 100, false, 1, false, VERDICT_REFUTED);
	check_rate("threshold", 1000, 2000, 100, true, 1, false, VERDICT_INCONCLUSIVE);
	check_rate("threshold", 1000, 2000, 1500, true, 1, false, VERDICT_INCONCLUSIVE);
	/* But not less than was measured. */
	check_rate("threshold", 1000, 2000, 9000, true, 1, false, VERDICT_REFUTED);
	/* "Three times as fast". */
	check_rate("ratio", 3, 4, 1000, false, 1000, false, VERDICT_REFUTED);
	check_rate("ratio", 3, 4, 1000, true, 1000, false, VERDICT_INCONCLUSIVE);
	check_rate("ratio", 3, 4, 3500, true, 1000, false, VERDICT_INCONCLUSIVE);
	check_rate("ratio", 3, 4, 9000, true, 1000, false, VERDICT_DIRECTION_ONLY);
	/* The other one could do more: the quotient is at most that. */
	check_rate("ratio", 3, 4, 9000, false, 1000, true, VERDICT_INCONCLUSIVE);
	check_rate("ratio", 3, 4, 500, false, 1000, true, VERDICT_REFUTED);
	/* Of both nothing is known. */
	check_rate("ratio", 3, 4, 1000, true, 1000, true, VERDICT_INCONCLUSIVE);
	check_rate("ratio", 3, 4, 9000, true, 1000, true, VERDICT_INCONCLUSIVE);
}

/* A ladder of three steps, of which the last ended so, in five blocks. */
static void check_ladder(const char *outcome, const char *code, const char *limit, double low,
			 double high, enum verdict_kind kind, const char *words)
{
	const struct verdict *verdict;
	struct made made;
	json_t *trial;

	made_begin(&made, "threshold", low, high);
	json_array_append_new(json_object_get(made.results.run, "metrics"),
			      json_pack("{s:s, s:s, s:s, s:s}", "key", "most", "unit", "count",
					"slope_of", "m", "over_connections", "most"));
	json_array_set_new(json_object_get(made_claim(&made), "metrics"), 0, json_string("most"));
	for (size_t block = 1; block <= 5; block++)
		for (int step = 1; step <= 3; step++) {
			trial = made_trial(&made, "a", block,
					   step < 3 ? step * 1000.0 : (double)NAN);
			json_object_set_new(json_object_get(trial, "point"), "connections",
					    json_integer(step * 1000));
			json_object_set_new(trial, "order",
					    json_integer((json_int_t)block * 3 + step));
			if (step == 3) {
				json_object_set_new(trial, "outcome", json_string(outcome));
				json_object_set_new(trial, "reasons",
						    json_pack("[{s:s, s:s, s:s, s:s}]", "code",
							      code, "text", "no more", "limit",
							      limit, "remedy", "ulimit -Hn"));
			}
		}
	verdict = made_verdict(&made);
	check_kind(verdict, kind);
	cr_expect_eq(verdict->estimate, 2000);
	/* What cannot be decided is nobody's overstatement. */
	cr_expect_eq(*verdict->factor_word != '\0', kind == VERDICT_REFUTED && low > 4000);
	cr_expect(strstr(verdict->why, words), "%s", verdict->why);
	made_end(&made);
}

Test(claims_bounds, how_far_a_ladder_came_decides_what_its_end_lets_it)
{
	check_ladder("failed", "errors", "closed", 1500, 2500, VERDICT_REPRODUCED, "");
	check_ladder("failed", "errors", "closed", 5000, 1e9, VERDICT_REFUTED, "");
	check_ladder(
		"skipped", "limits", "descriptors", 5000, 9000, VERDICT_NOT_TESTABLE,
		"2,000 connections were held, and what ended that, descriptors, is no limit of "
		"its own: no more; to lift that: ulimit -Hn.");
	check_ladder("skipped", "limits", "descriptors", 500, 1500, VERDICT_REFUTED,
		     "t least this");
	check_ladder("failed", "model_limit", "workers", 5000, 9000, VERDICT_NOT_TESTABLE,
		     "workers, is no limit of its own");
}

/* Thirteen answers have six or seven beyond their median, which the report does not show either. */
Test(claims_bounds, a_percentile_with_few_beyond_it_decides_nothing)
{
	static const char key[] = "latency_p50_ns";

	for (int answers = 13; answers <= 40; answers += 27) {
		const struct verdict *verdict;
		struct made made;

		made_begin(&made, "threshold", 90, 110);
		json_object_set_new(json_array_get(json_object_get(made.results.run, "metrics"), 0),
				    "key", json_string(key));
		json_array_set_new(json_object_get(made_claim(&made), "metrics"), 0,
				   json_string(key));
		for (size_t i = 0; i < 5; i++) {
			json_t *trial = made_trial(&made, "a", i + 1, 100);

			json_object_set_new(json_object_get(trial, "metrics"), key, json_real(100));
			json_object_set_new(trial, "latency_count",
					    json_integer(i == 3 ? answers : 4000));
		}
		verdict = made_verdict(&made);
		check_kind(verdict, answers < 40 ? VERDICT_NOT_TESTABLE : VERDICT_REPRODUCED);
		if (answers < 40)
			cr_assert(strstr(verdict->why, "only 6 response times lie beyond"), "%s",
				  verdict->why);
		made_end(&made);
	}
}

/* Where the load generator was late the p99 is not the server's; who has one had the machine for himself. */
Test(claims_bounds, a_percentile_that_most_trials_lack_decides_nothing)
{
	static const char key[] = "latency_p99_ns";

	for (size_t lacking = 6; lacking <= 7; lacking++) {
		const struct verdict *verdict;
		struct made made;

		made_begin(&made, "threshold", 90, 110);
		json_object_set_new(json_array_get(json_object_get(made.results.run, "metrics"), 0),
				    "key", json_string(key));
		json_array_set_new(json_object_get(made_claim(&made), "metrics"), 0,
				   json_string(key));
		for (size_t i = 0; i < lacking + 6; i++) {
			json_t *trial = made_trial(&made, "a", i + 1, 100);

			json_object_set_new(json_object_get(trial, "metrics"), key,
					    i < lacking ? json_null() : json_real(100));
			json_object_set_new(trial, "latency_count", json_integer(4000));
		}
		verdict = made_verdict(&made);
		check_kind(verdict, lacking == 7 ? VERDICT_NOT_TESTABLE : VERDICT_REPRODUCED);
		if (lacking == 7)
			cr_assert(strstr(verdict->why, "generator's or the machine's doing"), "%s",
				  verdict->why);
		made_end(&made);
	}
}

/* Where nothing counts the reason is why, not how few answers there were. */
Test(claims_bounds, a_percentile_of_trials_that_failed_is_missing_for_their_reason)
{
	static const char key[] = "latency_p99_ns";
	const struct verdict *verdict;
	struct made made;

	made_begin(&made, "threshold", 90, 110);
	json_object_set_new(json_array_get(json_object_get(made.results.run, "metrics"), 0), "key",
			    json_string(key));
	json_array_set_new(json_object_get(made_claim(&made), "metrics"), 0, json_string(key));
	for (size_t i = 0; i < 6; i++) {
		json_t *trial = made_trial(&made, "a", i + 1, 100);

		json_object_set_new(trial, "outcome", json_string("failed"));
		json_object_set_new(trial, "reasons",
				    json_pack("[{s:s, s:s}]", "code", "server_died", "text",
					      "it ended with signal 11"));
	}
	verdict = made_verdict(&made);
	check_kind(verdict, VERDICT_NOT_TESTABLE);
	cr_assert(strstr(verdict->why, "signal 11"), "%s", verdict->why);
	made_end(&made);
}
