#include "harness/trial/verdict.h"

#include <criterion/criterion.h>
#include <string.h>

static struct scenario_part part;
static struct planned_trial planned = {.part = &part};
static struct observation seen = {.planned = &planned};
static struct trial_verdict verdict;

static void setup(void)
{
	planned.load.connections = 64;
	trial_verdict_init(&verdict);
}

static void teardown(void)
{
	json_decref(seen.load);
	trial_verdict_destroy(&verdict);
}

TestSuite(trial_verdict, .init = setup, .fini = teardown);

/* Judges what a generator reported. */
static void judge(const char *report)
{
	seen.load = json_loads(report, 0, NULL);
	cr_assert_not_null(seen.load);
	trial_verdict_judge(&verdict, &seen);
}

static bool has(const json_t *list, const char *code)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (strcmp(json_string_value(json_object_get(item, "code")), code) == 0)
			return true;
	}
	return false;
}

Test(trial_verdict, answers_to_all_are_ok)
{
	judge("{\"requests\":{\"good\":1000},\"fairness\":{\"connections\":64,\"unused\":0}}");
	cr_expect_eq(verdict.outcome, OUTCOME_OK);
	cr_expect_not(has(verdict.notes, "starved"));
}

Test(trial_verdict, connections_without_an_answer_are_told)
{
	judge("{\"requests\":{\"good\":1000},\"fairness\":{\"connections\":64,\"unused\":2}}");
	cr_expect_eq(verdict.outcome, OUTCOME_OK);
	cr_assert(has(verdict.notes, "starved"));
	cr_expect(
		strstr(json_string_value(json_object_get(json_array_get(verdict.notes, 0), "text")),
		       "2 of 64 connections"));
}

Test(trial_verdict, errors_fail_it_wherever_they_are)
{
	judge("{\"requests\":{\"good\":1000},\"errors\":{\"status\":1},"
	      "\"errors_outside\":{\"reset\":3}}");
	cr_expect_eq(verdict.outcome, OUTCOME_FAILED);
	cr_expect(has(verdict.reasons, "wrong_answers"));
	cr_expect(has(verdict.reasons, "errors"));
}

/* Which limit it was, and what would lift it, by the gravest class. */
Test(trial_verdict, errors_say_what_was_reached)
{
	static const struct {
		const char *report, *limit, *remedy;
	} cases[] = {
		{"{\"errors\":{\"timeout\":9,\"status\":1}}", "refusal", "own settings"},
		{"{\"errors_outside\":{\"connect\":3}}", "not accepted", "somaxconn"},
		{"{\"errors_outside\":{\"reset\":3,\"timeout\":1}}", "closed", "stderr"},
		{"{\"errors\":{\"timeout\":1}}", "deadline", "timeout"},
		{"{\"outcome\":\"no_answers\"}", "deadline", "timeout"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const json_t *reason;

		judge(cases[i].report);
		reason = json_array_get(verdict.reasons, 0);
		cr_expect_str_eq(json_string_value(json_object_get(reason, "limit")),
				 cases[i].limit);
		cr_expect_not_null(strstr(json_string_value(json_object_get(reason, "remedy")),
					  cases[i].remedy));
		json_decref(seen.load);
		seen.load = NULL;
		trial_verdict_destroy(&verdict);
		trial_verdict_init(&verdict);
	}
}

Test(trial_verdict, a_server_that_vanished_has_died)
{
	judge("{\"outcome\":\"server_vanished\",\"requests\":{\"good\":1000}}");
	cr_expect_eq(verdict.outcome, OUTCOME_FAILED);
	cr_expect(has(verdict.reasons, "server_died"));
}

Test(trial_verdict, an_open_loop_that_falls_behind_is_saturated_and_no_failure)
{
	planned.load.rate_per_s = 1000;
	judge("{\"requests\":{\"good\":900,\"due\":1000}}");
	cr_expect_eq(verdict.outcome, OUTCOME_SATURATED);
	cr_expect(has(verdict.reasons, "rate_not_achieved"));
}

Test(trial_verdict, a_generator_that_was_late_with_half_of_it_is_none_of_the_servers_doing)
{
	planned.load.rate_per_s = 1000;
	judge("{\"requests\":{\"good\":1000,\"due\":1000},"
	      "\"send_lateness\":{\"p50_ns\":2e6,\"p99_ns\":3e6}}");
	cr_expect_eq(verdict.outcome, OUTCOME_INVALID);
	cr_expect(has(verdict.reasons, "generator_late"));
}

Test(trial_verdict, a_generator_that_waited_for_a_core_was_busy)
{
	planned.load.rate_per_s = 1000;
	judge("{\"requests\":{\"good\":900,\"due\":1000},"
	      "\"generator\":{\"utilisation_ratio\":0.5,\"occupied_ratio\":0.97}}");
	cr_expect_eq(verdict.outcome, OUTCOME_INVALID);
	cr_expect(has(verdict.reasons, "generator_busy"));
	cr_expect_not(has(verdict.reasons, "rate_not_achieved"), "the server is not to blame");
}

Test(trial_verdict, where_the_kernel_tells_no_waits_the_cpu_decides)
{
	planned.load.rate_per_s = 1000;
	judge("{\"requests\":{\"good\":1000,\"due\":1000},"
	      "\"generator\":{\"utilisation_ratio\":0.95,\"occupied_ratio\":null}}");
	cr_expect(has(verdict.reasons, "generator_busy"));
}
