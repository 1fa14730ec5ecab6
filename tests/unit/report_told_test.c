/* What a report tells of a run: of its trials, its claims, and what became of it. */
#include "tests/unit/report_fixture.h"

#include "report/part.h"
#include "stored/repeats.h"

TestSuite(report_told, .init = set_up, .fini = tear_down, .timeout = 60);

Test(report_told, every_odd_trial_is_listed_with_its_reason)
{
	struct error error;
	char *markdown;

	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	markdown = content_of("r/report.md");
	expect_has(markdown, "112 trials: 108 ok, 1 saturated, 2 failed, 1 invalid.");
	expect_has(markdown, "3 connections were reset");
	expect_has(markdown, "the host took 7.1 %");
	expect_has(markdown, "4,893 of 5,000 requests a second");
	expect_has(markdown, "ended with signal 11");
	expect_has(markdown, "stack smashing");
	expect_has(markdown, "tenk run quick threads-cost --seed 7731");
	free(markdown);
}

Test(report_told, what_a_model_cannot_hold_has_not_failed)
{
	struct error error;
	char *markdown;

	for (size_t i = 0; i < results.trial_count; i++)
		if (strcmp(json_string_of(results.trials[i], "outcome"), "failed") == 0) {
			json_object_set_new(results.trials[i], "reasons",
					    json_pack("[{s:s, s:s}]", "code", "model_limit", "text",
						      "this model serves one at once"));
			break;
		}
	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	markdown = content_of("r/report.md");
	expect_has(markdown,
		   "108 ok, 1 saturated, 1 failed, 1 invalid, 1 over what a model can hold.");
	free(markdown);
}

/* Every block once more, as if a trial of each had been spoiled. */
static void make_all_again(void)
{
	size_t count = results.trial_count;

	json_object_set_new(results.run, "repeats", json_string("blocks"));
	results.trials = reallocarray(results.trials, 2 * count, sizeof *results.trials);
	cr_assert_not_null(results.trials);
	for (; results.trial_count < 2 * count; results.trial_count++) {
		json_t *again = json_deep_copy(results.trials[results.trial_count - count]);

		json_object_set_new(again, "attempt", json_integer(2));
		results.trials[results.trial_count] = again;
	}
	cr_assert_eq(repeats_mark(results.run, results.trials, results.trial_count), 0);
}

Test(report_told, a_trial_of_a_block_that_was_made_again_counts_once)
{
	json_t *scenario = json_array_get(json_object_get(results.run, "scenarios"), 0);
	struct part_outcomes once, twice;
	struct error error;
	struct part part;
	char *markdown;

	cr_assert_eq(part_init(&part, &results, scenario, part_json(0, 0)), 0);
	once = part_count(&part, NULL, NULL);
	make_all_again();
	twice = part_count(&part, NULL, NULL);
	cr_expect_gt(once.ok, 0);
	cr_expect_eq(twice.ok, once.ok, "%zu", twice.ok);
	cr_expect_eq(twice.all, once.all, "%zu", twice.all);
	part_destroy(&part);
	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	markdown = content_of("r/report.md");
	expect_has(markdown, "224 trials: 108 ok, 1 saturated, 2 failed, 1 invalid, 112 of blocks "
			     "that were made once more.");
	free(markdown);
}

Test(report_told, verdicts_stand_with_interval_and_factor)
{
	struct error error;
	char *markdown;

	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	markdown = content_of("r/report.md");
	expect_has(markdown, "| You read | That would be | We measured | Verdict |");
	expect_has(markdown, "Resident memory per connection: 9.20 KiB [9.19, 9.21]");
	expect_has(markdown, "overstated");
	expect_has(markdown, "refuted here");
	expect_has(markdown, "not testable here");
	expect_has(markdown, "tenk's own model");
	/* The server that a verdict speaks of, the range, and what it was decided from. */
	expect_has(markdown, "| 1 MB to 2 MB<br>");
	expect_has(markdown, "per connection, thread-per-connection |");
	expect_has(markdown, "1 published claim; refuted here: 1.");
	expect_has(markdown, "Decided from run 20261121T093000Z-quick, seed 7731");
	free(markdown);
}

Test(report_told, what_a_claim_is_measured_against_at_least_is_marked)
{
	json_t *claim = json_array_get(json_object_get(part_json(1, 0), "claims"), 0);
	struct error error;
	char *markdown;

	json_object_set_new(claim, "metrics", json_pack("[s]", "requests_per_s"));
	for (size_t i = 0; i < results.trial_count; i++) {
		json_object_set_new(json_object_get(results.trials[i], "metrics"), "requests_per_s",
				    json_real(5000));
		json_object_set_new(results.trials[i], "rate_is_lower_bound", json_true());
	}
	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	markdown = content_of("r/report.md");
	expect_has(markdown, "| \xe2\x89\xa5");
	expect_has(markdown, "not driven to its limit");
	free(markdown);
}

Test(report_told, a_run_that_was_stopped_says_so)
{
	struct error error;
	char *markdown;

	json_object_set_new(results.run, "status", json_string("aborted"));
	json_object_set_new(results.run, "planned_trials", json_integer(500));
	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	markdown = content_of("r/report.md");
	expect_has(markdown, "Stopped before its end.");
	expect_has(markdown, "112 trials of 500 planned");
	cr_expect_lt(strstr(markdown, "Stopped before its end."), strstr(markdown, "section-busy"),
		     "it stands above all that was found");
	free(markdown);
}

Test(report_told, a_run_without_trials_is_still_a_page)
{
	struct error error;
	char *html;

	while (results.trial_count)
		json_decref(results.trials[--results.trial_count]);
	cr_assert_eq(report_make("r", NULL, &error), 0, "%s", error.text);
	html = content_of("r/index.html");
	expect_has(html, "0 trials of 112 planned");
	free(html);
}

Test(report_told, warnings_and_late_generators_are_told)
{
	struct error error;
	char *content;

	json_object_set_new(results.run, "warnings",
			    json_pack("[s]", "libev is left out of it all"));
	for (size_t i = 0; i < results.trial_count; i++) {
		json_t *metrics = json_object_get(results.trials[i], "metrics");

		/* As of a generator that was late for one request in a hundred. */
		if (json_object_get(metrics, "latency_p99_ns")) {
			json_object_set_new(metrics, "latency_p99_ns", json_null());
			json_object_set_new(metrics, "latency_p99_9_ns", json_null());
		}
	}
	report_make("w", NULL, &error);
	content = content_of("w/report.md");
	expect_has(content, "libev is left out of it all");
	free(content);
	content = content_of("w/data/quick-latency-latency.csv");
	expect_has(content, ",0.9,");
	expect_has_not(content, ",0.99,");
	free(content);
}
