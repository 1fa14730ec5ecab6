/* What a report may say of a part: who is ranked, which trials count, which percentiles show. */
#include "report/answer.h"
#include "report/part.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define RUN "tests/fixtures/report-run"

#define expect_has(text, what) \
	cr_expect_not_null(strstr(text, what), "missing: %s in: %s", what, text)
#define expect_has_not(text, what) cr_expect_null(strstr(text, what), "should not be: %s", what)

static struct results results;

static void set_up(void)
{
	struct error error = {""};

	cr_assert_eq(results_load(&results, RUN, &error), 0, "%s", error.text);
}

static void tear_down(void)
{
	results_destroy(&results);
}

TestSuite(answer, .init = set_up, .fini = tear_down);

static json_t *part_json(size_t scenario, size_t part)
{
	json_t *scenarios = json_object_get(results.run, "scenarios");

	return json_array_get(json_object_get(json_array_get(scenarios, scenario), "parts"), part);
}

static void part_open(struct part *part, size_t scenario, size_t index)
{
	json_t *scenarios = json_object_get(results.run, "scenarios");

	cr_assert_eq(part_init(part, &results, json_array_get(scenarios, scenario),
			       part_json(scenario, index)),
		     0);
}

/* The answer of a part, to be freed. */
static char *answer_of(size_t scenario, size_t index)
{
	struct text_buffer text = {0};
	struct part part;

	part_open(&part, scenario, index);
	answer_append(&text, &part);
	part_destroy(&part);
	return text.text;
}

/* Changes a metric in every trial of a part and server. */
static void metric_set(const char *part, const char *server, const char *metric, double value)
{
	for (size_t i = 0; i < results.trial_count; i++) {
		json_t *trial = results.trials[i];

		if (strcmp(json_string_of(trial, "part"), part) == 0 &&
		    strcmp(json_string_of(trial, "server"), server) == 0)
			json_object_set_new(json_object_get(trial, "metrics"), metric,
					    json_real(value));
	}
}

static void bounds_set(const char *server, bool bound)
{
	for (size_t i = 0; i < results.trial_count; i++)
		if (strcmp(json_string_of(results.trials[i], "server"), server) == 0)
			json_object_set_new(results.trials[i], "rate_is_lower_bound",
					    json_boolean(bound));
}

Test(answer, lower_bound_is_neither_ranked_nor_hidden)
{
	char *answer;

	metric_set("throughput", "epoll", "requests_per_s", 60000);
	answer = answer_of(0, 0);
	expect_has(answer, "the rate is highest with libuv");
	expect_has(answer, "Not ranked: one that was not driven to its limit.");
	free(answer);
	bounds_set("libuv", true);
	bounds_set("thread-per-connection", true);
	bounds_set("epoll", true);
	answer = answer_of(0, 0);
	expect_has(answer, "from at least");
	expect_has(answer, "none was driven to its limit");
	expect_has_not(answer, "highest");
	free(answer);
}

Test(answer, nobody_leads_whom_a_lower_bound_overtakes)
{
	char *answer;

	metric_set("throughput", "epoll", "requests_per_s", 120000);
	metric_set("throughput", "libuv", "requests_per_s", 100000);
	metric_set("throughput", "thread-per-connection", "requests_per_s", 50000);
	bounds_set("epoll", true);
	answer = answer_of(0, 0);
	expect_has(
		answer,
		"goes from 50.0k/s with thread-per-connection to at least 120k/s with epoll: one was "
		"not driven to its limit.");
	expect_has_not(answer, "highest");
	expect_has_not(answer, "Not ranked");
	free(answer);
}

Test(answer, overlapping_intervals_name_no_winner)
{
	char *answer;

	bounds_set("epoll", false);
	bounds_set("libuv", false);
	bounds_set("thread-per-connection", false);
	metric_set("throughput", "epoll", "requests_per_s", 100000);
	metric_set("throughput", "libuv", "requests_per_s", 100000);
	answer = answer_of(0, 0);
	expect_has(answer, "none is ahead in every block");
	expect_has_not(answer, "highest");
	free(answer);
}

Test(answer, invalid_and_failed_trials_are_never_averaged_in)
{
	const json_t *point;
	struct summary summary;
	struct part part;

	for (size_t i = 0; i < results.trial_count; i++)
		if (!results_trial_counts(results.trials[i]))
			json_object_set_new(json_object_get(results.trials[i], "metrics"),
					    "requests_per_s", json_real(1e9));
	part_open(&part, 0, 0);
	point = part.points[1];
	summary = part_summary(&part, "libuv", point, "requests_per_s");
	cr_expect_eq(part_count(&part, "libuv", point).invalid, 1);
	cr_expect_eq(summary.count, 2);
	cr_expect_lt(summary.max, 1e9);
	part_destroy(&part);
}

Test(answer, percentile_needs_twenty_samples_beyond_it)
{
	struct part part;
	json_t *trial = NULL;

	part_open(&part, 0, 1);
	for (size_t i = 0; i < results.trial_count; i++)
		if (strcmp(json_string_of(results.trials[i], "part"), "latency") == 0 &&
		    strcmp(json_string_of(results.trials[i], "server"), "epoll") == 0)
			trial = results.trials[i];
	cr_assert_not_null(trial);
	json_object_set_new(trial, "latency_count", json_integer(2000));
	cr_expect(part_metric_shown(&part, "epoll", part.points[0], "latency_p99_ns"));
	json_object_set_new(trial, "latency_count", json_integer(1999));
	cr_expect_eq(part_tail(&part, "epoll", part.points[0], "latency_p99_ns"), RESULTS_TAIL_THIN,
		     "one short trial hides it");
	cr_expect(part_metric_shown(&part, "epoll", part.points[0], "latency_p90_ns"));
	cr_expect_eq(part_shown_summary(&part, "epoll", part.points[0], "latency_p99_ns").count, 0);
	part_destroy(&part);
}

Test(answer, one_trial_ranks_nobody)
{
	size_t kept = 0;
	char *answer;

	bounds_set("epoll", false);
	bounds_set("libuv", false);
	for (size_t i = 0; i < results.trial_count; i++) {
		if (json_number_of(results.trials[i], "trial") == 1)
			results.trials[kept++] = results.trials[i];
		else
			json_decref(results.trials[i]);
	}
	results.trial_count = kept;
	answer = answer_of(0, 0);
	expect_has(answer, "one trial of each ranks nobody");
	expect_has_not(answer, "highest");
	free(answer);
}

/* Fails every trial of a part and server with so many connections or more. */
static void fail_from(const char *part, const char *server, double connections)
{
	for (size_t i = 0; i < results.trial_count; i++) {
		json_t *trial = results.trials[i];
		const json_t *point = json_object_get(trial, "point");

		if (strcmp(json_string_of(trial, "part"), part) != 0 ||
		    strcmp(json_string_of(trial, "server"), server) != 0 ||
		    json_number_of(point, "connections") < connections)
			continue;
		json_object_set_new(trial, "outcome", json_string("failed"));
		json_object_set_new(trial, "reasons",
				    json_pack("[{s:s, s:s}]", "code", "out_of_memory", "text",
					      "its limit of memory was reached"));
	}
}

Test(answer, who_could_not_hold_its_connections_is_told_with_the_reason)
{
	char *answer = answer_of(0, 2);

	expect_has_not(answer, "failed at");
	free(answer);
	fail_from("memory", "epoll", 500);
	answer = answer_of(0, 2);
	expect_has(answer, "epoll failed at 500 connections: its limit of memory was reached.");
	expect_has_not(answer, "libuv failed");
	free(answer);
}

Test(answer, too_few_counts_for_a_slope_say_what_there_was_in_all)
{
	char *answer;

	metric_set("memory", "libuv", "total_bytes", 64 << 20);
	fail_from("memory", "libuv", 500);
	fail_from("memory", "epoll", 1);
	fail_from("memory", "thread-per-connection", 1);
	answer = answer_of(0, 2);
	expect_has(answer,
		   "250 connections take 67,108,864 with libuv, the kernel's share included");
	free(answer);
}
