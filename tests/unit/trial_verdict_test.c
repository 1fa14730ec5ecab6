#include "harness/trial/verdict.h"

#include "lib/clock.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

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

/* 16 threads that block for 10 ms each answer 1,600 a second, however many ask. */
Test(trial_verdict, who_has_no_thread_left_is_at_the_limit)
{
	static const struct {
		const char *target;
		uint64_t offload, workers;
		const char *report;
		bool bound;
	} cases[] = {
		{"/block/10", 16, 0, "{\"requests_per_s\":1580,\"requests\":{\"good\":1580}}",
		 false},
		{"/block/10", 0, 16, "{\"requests_per_s\":1580,\"requests\":{\"good\":1580}}",
		 false},
		{"/block/10", 64, 0, "{\"requests_per_s\":1580,\"requests\":{\"good\":1580}}",
		 true},
		{"/block/10", 0, 0, "{\"requests_per_s\":1580,\"requests\":{\"good\":1580}}", true},
		{"/wait/10", 16, 0, "{\"requests_per_s\":1580,\"requests\":{\"good\":1580}}", true},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(planned.load.target, sizeof planned.load.target, "%s", cases[i].target);
		planned.load.offload = cases[i].offload;
		planned.load.workers = cases[i].workers;
		judge(cases[i].report);
		cr_expect_eq(verdict.rate_is_lower_bound, cases[i].bound, "case %zu", i);
		json_decref(seen.load);
		seen.load = NULL;
	}
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

Test(trial_verdict, a_backlog_that_was_answered_in_the_end_is_one)
{
	planned.load.rate_per_s = 1000;
	judge("{\"requests\":{\"good\":1000,\"due\":1000,\"kept_up_ratio\":0.9}}");
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

/* What takes ten seconds takes no longer for 30 ms of the generator's; what takes one does. */
Test(trial_verdict, lateness_counts_by_what_it_adds)
{
	planned.load.rate_per_s = 1000;
	judge("{\"requests\":{\"good\":1000,\"due\":1000},\"latency\":{\"p50_ns\":1e10,\"p99_ns\":1e10},"
	      "\"send_lateness\":{\"p50_ns\":2e6,\"p99_ns\":3e7}}");
	cr_expect_eq(verdict.outcome, OUTCOME_OK);
	cr_expect_not(has(verdict.notes, "generator_late"));
	cr_expect_float_eq(metrics_value(&seen, "latency_p99_ns"), 1e10, 1);
	json_decref(seen.load);
	judge("{\"requests\":{\"good\":1000,\"due\":1000},\"latency\":{\"p50_ns\":1e9,\"p99_ns\":1e9},"
	      "\"send_lateness\":{\"p50_ns\":2e6,\"p99_ns\":3e7}}");
	cr_expect_eq(verdict.outcome, OUTCOME_OK);
	cr_expect(has(verdict.notes, "generator_late"));
	cr_expect(isnan(metrics_value(&seen, "latency_p99_ns")));
	cr_expect_float_eq(metrics_value(&seen, "latency_p50_ns"), 1e9, 1);
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

/* One second on so many cores of the server's, whose threads ran for so long. */
static void see_second(unsigned cores, size_t count, const double *ran_s)
{
	uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);
	double sum_s = 0;

	seen.has_window = true;
	seen.begin = seen.end = (struct sample){.server_cores = {.cores = cores},
						.load_cores = {.cores = 1}};
	seen.end.at_ns = NS_PER_S;
	seen.end.delay.count = count;
	for (size_t i = 0; i < count; i++) {
		seen.end.delay.threads[i] = (struct thread_times){
			.tid = (pid_t)i + 1, .ran_ns = (uint64_t)(ran_s[i] * NS_PER_S)};
		sum_s += ran_s[i];
	}
	seen.end.cpu_ns = sum_s * NS_PER_S;
	seen.end.server_cores.busy = (uint64_t)(sum_s * (double)ticks);
	seen.end.server_cores.total = cores * ticks;
	seen.end.server_cores.idle = (uint64_t)((cores - sum_s) * (double)ticks);
	seen.end.load_cores.total = seen.end.load_cores.idle = ticks;
}

static const char closed_loop[] =
	"{\"requests\":{\"good\":1000},\"window_ns\":1000000000,\"generator\":{\"cpu_ns\":0}}";

/* On four cores a loop can use one. */
Test(trial_verdict, a_server_is_at_its_limit_when_the_threads_that_serve_are)
{
	static const struct {
		size_t threads;
		double ran_s[4];
		bool at_least;
	} cases[] = {
		{1, {0.99}, false},		      /* a loop */
		{1, {0.80}, true},		      /* one that waits for more to do */
		{3, {0.97, 0.05, 0.01}, false},	      /* with helpers */
		{2, {0.98, 0.98}, false},	      /* two loops */
		{2, {0.98, 0.60}, true},	      /* one of them has little to do */
		{4, {0.97, 0.97, 0.97, 0.97}, false}, /* threads on all cores */
		{4, {0.97, 0.60, 0.60, 0.50}, true},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		see_second(4, cases[i].threads, cases[i].ran_s);
		judge(closed_loop);
		cr_expect_eq(verdict.rate_is_lower_bound, cases[i].at_least, "case %zu", i);
		cr_expect_eq(verdict.outcome, OUTCOME_OK);
		json_decref(seen.load);
		seen.load = NULL;
	}
}

/* Threads that ended in the window have taken their part with them: all cores count then. */
Test(trial_verdict, where_threads_are_not_known_all_cores_count)
{
	see_second(4, 1, (double[]){0.9});
	seen.end.cpu_ns = 2.5 * NS_PER_S;
	judge(closed_loop);
	cr_expect(verdict.rate_is_lower_bound);
}

Test(trial_verdict, what_the_cores_did_for_nobody_of_ours_was_done_for_others)
{
	uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);

	see_second(1, 1, (double[]){0.5});
	seen.end.server_cores.idle = ticks / 5; /* whose program it was cannot be seen */
	judge(closed_loop);
	cr_expect_eq(verdict.outcome, OUTCOME_INVALID);
	cr_expect(has(verdict.reasons, "others"));
}

/* Nobody outside can be in step with turns that are drawn by lot. */
Test(trial_verdict, in_slices_what_was_done_for_others_is_told)
{
	static const struct slices slices;
	uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);

	see_second(1, 1, (double[]){0.5});
	seen.end.server_cores.idle = 0;
	seen.end.server_cores.steal = ticks / 10;
	seen.slices = &slices;
	judge(closed_loop);
	cr_expect_eq(verdict.outcome, OUTCOME_OK);
	cr_assert(has(verdict.notes, "disturbed"));
	cr_expect(
		strstr(json_string_value(json_object_get(json_array_get(verdict.notes, 0), "text")),
		       "the host took 10.0 % of these cores' time and other work 40 % of a core"));
	seen.slices = NULL;
	json_decref(seen.load);
	judge(closed_loop);
	cr_expect_eq(verdict.outcome, OUTCOME_INVALID, "but a window is spoiled");
}

/* Slices that are hit alone come and go; a server that is slower and slower does not. */
Test(trial_verdict, in_slices_only_a_trend_is_unsteady)
{
	struct slice made[20];
	struct slices slices = {.made = made, .count = 20};

	for (size_t i = 0; i < slices.count; i++)
		slices.made[i].relative = i % 3 == 0 || i > 13 ? 0.6 + 0.02 * (double)(i * 7 % 20)
							       : 1;
	trial_verdict_judge_slices(&verdict, &slices);
	cr_expect_not(has(verdict.notes, "unsteady"));
	for (size_t i = 0; i < slices.count; i++)
		slices.made[i].relative = 1 - 0.01 * (double)i;
	slices.made[4].relative = NAN;
	trial_verdict_judge_slices(&verdict, &slices);
	cr_expect_not(has(verdict.notes, "unsteady"), "it is not known of all");
	slices.made[4].relative = 0.96;
	trial_verdict_judge_slices(&verdict, &slices);
	cr_assert(has(verdict.notes, "unsteady"));
	cr_expect(
		strstr(json_string_value(json_object_get(json_array_get(verdict.notes, 0), "text")),
		       "drifted by -21.0 % over its slices"));
}

/* Both work on the only core: neither is anybody else to the other. */
Test(trial_verdict, on_one_core_the_generator_is_not_others)
{
	static const char half[] = "{\"requests\":{\"good\":1000},\"window_ns\":1000000000,"
				   "\"generator\":{\"cpu_ns\":480000000}}";

	see_second(1, 1, (double[]){0.5});
	seen.end.server_cores.idle = seen.end.load_cores.idle = 0;
	seen.one_core = true;
	judge(half);
	cr_expect_eq(verdict.outcome, OUTCOME_OK);
	json_decref(seen.load);
	judge(closed_loop); /* in which the generator did nothing */
	cr_expect(has(verdict.reasons, "others"));
}

Test(trial_verdict, in_slices_no_percentile_holds_what_servers_at_rest_did)
{
	static const char rate[] =
		"{\"requests\":{\"good\":1000,\"due\":1000},\"latency\":{\"p50_ns\":1e5,"
		"\"p90_ns\":1e6,\"p99_ns\":2e6,\"max_ns\":3e6},\"window_ns\":1000000000}";
	struct slices slices = {0};

	see_second(1, 1, (double[]){0.5});
	seen.neighbours_ns = 0.01 * (double)NS_PER_S;
	seen.turns_ns = (double)NS_PER_S;
	judge(rate); /* one window: there are no turns */
	cr_expect_float_eq(metrics_value(&seen, "latency_p99_ns"), 2e6, 1);
	cr_expect_not(has(verdict.notes, "neighbours"));

	seen.slices = &slices;
	trial_verdict_judge(&verdict, &seen);
	cr_expect(isnan(metrics_value(&seen, "latency_max_ns")));
	cr_expect(isnan(metrics_value(&seen, "latency_p99_ns")));
	cr_expect_float_eq(metrics_value(&seen, "latency_p90_ns"), 1e6, 1);
	cr_expect_float_eq(metrics_value(&seen, "neighbours_ratio"), 0.01, 1e-9);
	cr_expect(has(verdict.notes, "neighbours"));

	seen.neighbours_ns = 0.0024 * (double)NS_PER_S;
	cr_expect_float_eq(metrics_value(&seen, "latency_p99_ns"), 2e6, 1);
	cr_expect(isnan(metrics_value(&seen, "latency_max_ns")));
	seen.neighbours_ns = 0;
	cr_expect_float_eq(metrics_value(&seen, "latency_max_ns"), 3e6, 1);
}

/* As in a sandbox whose /proc/stat is all zeros. */
Test(trial_verdict, backends_on_the_generators_cores_are_not_others)
{
	see_second(1, 1, (double[]){0.5});
	seen.end.load_cores.idle = 0; /* busy for all of the second */
	seen.end.backend_cpu_ns = 0.9 * (double)NS_PER_S;
	seen.backends_on_load = true;
	judge(closed_loop);
	cr_expect_eq(verdict.outcome, OUTCOME_OK);
	cr_expect_float_eq(metrics_value(&seen, "backend_cpu_per_request_ns"), 0.9e9 / 1000, 1);
	seen.backends_on_load = false; /* they have cores of their own: then it was somebody else */
	json_decref(seen.load);
	judge(closed_loop);
	cr_expect(has(verdict.reasons, "others"));
}

Test(trial_verdict, cores_of_which_nothing_is_told_were_not_taken_by_others)
{
	see_second(1, 1, (double[]){0.5});
	seen.begin.server_cores = seen.end.server_cores = (struct core_times){.cores = 1};
	seen.begin.load_cores = seen.end.load_cores = (struct core_times){.cores = 1};
	judge(closed_loop);
	cr_expect_eq(verdict.outcome, OUTCOME_OK);
	cr_expect(isnan(metrics_value(&seen, "others_ratio")));
}

Test(trial_verdict, what_the_host_took_or_the_kernel_did_for_us_is_not_others)
{
	uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);

	see_second(1, 1, (double[]){0.5});
	seen.end.server_cores.idle = ticks / 5;
	seen.end.server_cores.steal = ticks / 25;
	seen.kernel_threads_after = (struct kernel_threads){NS_PER_S, 0.2 * NS_PER_S};
	judge(closed_loop);
	cr_expect_eq(verdict.outcome, OUTCOME_OK);
}

Test(trial_verdict, interrupts_are_not_others_where_the_kernel_keeps_them_apart)
{
	uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);

	see_second(1, 1, (double[]){0.5});
	seen.end.server_cores.idle = ticks / 5;
	seen.end.server_cores.interrupts = ticks / 4;
	seen.interrupts_apart = true;
	judge(closed_loop);
	cr_expect_eq(verdict.outcome, OUTCOME_OK);
}

Test(trial_verdict, a_quota_that_was_used_up_spoils_it)
{
	see_second(1, 1, (double[]){0.5});
	seen.begin.throttling = (struct throttling){100, 9 * NS_PER_S};
	seen.end.throttling = (struct throttling){110, 9.5 * NS_PER_S};
	judge(closed_loop);
	cr_expect_eq(verdict.outcome, OUTCOME_INVALID);
	cr_assert(has(verdict.reasons, "throttled"));
	cr_expect(strstr(
		json_string_value(json_object_get(json_array_get(verdict.reasons, 0), "text")),
		"10 of its periods, for 500 ms"));
}

Test(trial_verdict, what_is_spoiled_is_invalid_whatever_else_was_found)
{
	struct trial_verdict spoiled;

	trial_verdict_init(&spoiled);
	trial_verdict_add(&spoiled, OUTCOME_FAILED, "server_died", "it is gone");
	trial_verdict_spoil(&spoiled, TRIAL_CODE_SUSPENDED, "the machine slept for %d h", 3);
	cr_assert_eq(spoiled.outcome, OUTCOME_INVALID);
	cr_assert_eq(json_array_size(spoiled.reasons), 1);
	cr_assert_str_eq(
		json_string_value(json_object_get(json_array_get(spoiled.reasons, 0), "text")),
		"the machine slept for 3 h");
	trial_verdict_destroy(&spoiled);
}
