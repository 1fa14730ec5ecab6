/* Comparisons of two runs, of several subjects, and under a policy. */
#include "tests/unit/comparison_fixture.h"

#include <errno.h>

#define CPU "server_cpu_per_request_ns"

/* Two runs of twelve trials each, B 10 % slower. */
static void made_two(struct results *a, struct results *b)
{
	made_run(a, "one");
	made_run(b, "two");
	made_blocks(a, "epoll", a, "other", "peak", CPU, 12, 8000, 1, 0.02);
	made_blocks(b, "other", b, "epoll", "peak", CPU, 12, 8000, 3, 0.02);
}

Test(comparison, two_runs_are_compared_and_do_not_gate)
{
	const struct comparison_rules allowed = {.looks = 1, .unpaired_gates = true};
	const struct comparison *found;
	struct comparisons made;
	struct error error = {""};
	struct results a, b;

	made_two(&a, &b);
	cr_assert_eq(comparisons_make(&made, &a, "epoll", &b, "epoll", NULL, &error), 0, "%s",
		     error.text);
	found = made_find(&made, "peak", CPU);
	cr_expect_eq(found->outcome, COMPARISON_REGRESSION);
	cr_expect_eq(made.outcome, COMPARISON_REGRESSION);
	cr_expect_not(made.gates || made.paired || found->gating);
	cr_expect(isnan(found->sign_p));
	cr_expect(strstr(made.warnings[0], "not measured side by side"), "%s", made.warnings[0]);
	cr_expect_str_eq(made.a_label, "epoll of one");
	comparisons_destroy(&made);
	cr_assert_eq(comparisons_make(&made, &a, NULL, &b, NULL, &allowed, &error), 0);
	cr_expect(made.gates);
	cr_assert_eq(made.count, 2);
	cr_expect(made_find(&made, "epoll, peak", CPU)->gating);
	cr_expect_not_null(made_find(&made, "other, peak", CPU));
	cr_expect_str_eq(made.b_label, "two");
	comparisons_destroy(&made);
	results_destroy(&a);
	results_destroy(&b);
}

Test(comparison, other_machines_are_refused_unless_allowed)
{
	const struct comparison_rules any = {.looks = 1, .any_machine = true};
	struct comparisons made;
	struct error error = {""};
	struct results a, b;

	made_two(&a, &b);
	json_object_set_new(json_object_get(b.run, "environment"), "kernel", json_string("6.12"));
	cr_expect_eq(comparisons_make(&made, &a, NULL, &b, NULL, NULL, &error), -EINVAL);
	cr_expect(strstr(error.text, "kernel 6.1 -> 6.12"), "%s", error.text);
	comparisons_destroy(&made);
	cr_expect_eq(comparisons_make(&made, &a, NULL, &b, NULL, &any, &error), 0);
	cr_expect(strstr(made.warnings[0], "kernel 6.1 -> 6.12"), "%s", made.warnings[0]);
	comparisons_destroy(&made);
	results_destroy(&a);
	results_destroy(&b);
}

static void expect_error(const struct results *a, const char *a_subject, const struct results *b,
			 const char *b_subject, const char *text)
{
	struct comparisons made;
	struct error error = {""};

	cr_expect_eq(comparisons_make(&made, a, a_subject, b, b_subject, NULL, &error), -EINVAL);
	cr_expect(strstr(error.text, text), "%s", error.text);
	comparisons_destroy(&made);
}

Test(comparison, what_is_not_there_is_said)
{
	struct results a, b;

	made_two(&a, &b);
	expect_error(&a, "epol", &b, "epoll",
		     "one has no trial of \"epol\"; did you mean \"epoll\"?");
	expect_error(&a, "epoll", &b, "@head", "two has no trial of \"@head\"");
	expect_error(&a, NULL, &a, NULL, "A and B are the same");
	expect_error(&a, "epoll", &a, "epoll", "A and B are the same");
	for (size_t i = 0; i < b.trial_count; i++)
		json_object_set_new(b.trials[i], "part", json_string("elsewhere"));
	expect_error(&a, NULL, &b, NULL, "nothing in common");
	results_destroy(&a);
	results_destroy(&b);
}

Test(comparison, a_label_alone_means_all_servers_that_have_it)
{
	struct comparisons made;
	struct error error = {""};
	struct results run;

	made_run(&run, "run");
	made_blocks(&run, "s@base", &run, "s@head", "peak", CPU, 12, 8000, 1.2, 0.02);
	made_blocks(&run, "t/x@base", &run, "t/x@head", "peak", CPU, 12, 8000, 0.8, 0.02);
	made_blocks(&run, "s@base", &run, "s@head", "fixed", CPU, 12, 8000, 1, 0.001);
	made_trial(&run, "peak", "alone@head", 1, CPU, 1);
	json_object_set_new(run.run, "builds",
			    json_pack("[{s:s, s:n}, {s:s, s:s}]", "label", "base", "revision",
				      "label", "head", "revision", "7ab5d2d436ded5e48a0a"));
	cr_assert_eq(comparisons_make(&made, &run, "@base", &run, "@head", NULL, &error), 0);
	cr_assert_eq(made.count, 3);
	cr_expect_eq(made_find(&made, "s, peak", CPU)->outcome, COMPARISON_REGRESSION);
	cr_expect_eq(made_find(&made, "t/x, peak", CPU)->outcome, COMPARISON_IMPROVEMENT);
	cr_expect_eq(made_find(&made, "s, fixed", CPU)->outcome, COMPARISON_OK);
	cr_expect_str_eq(made.a_label, "base");
	cr_expect_str_eq(made.b_label, "head (7ab5d2d436)");
	cr_expect_eq(made.outcome, COMPARISON_REGRESSION);
	comparisons_destroy(&made);
	results_destroy(&run);
}

Test(comparison, points_are_cells_of_their_own)
{
	struct comparisons made;
	struct error error = {""};
	struct results run;

	made_run(&run, "run");
	made_blocks(&run, "s@base", &run, "s@head", "peak", CPU, 24, 8000, 1.2, 0.02);
	for (size_t i = 0; i < run.trial_count; i++)
		json_object_set_new(run.trials[i], "point",
				    json_pack("{s:i}", "connections", i < 24 ? 1 : 2000));
	cr_assert_eq(comparisons_make(&made, &run, "@base", &run, "@head", NULL, &error), 0);
	cr_assert_eq(made.count, 2);
	cr_expect_eq(made_find(&made, "peak, 1 connection", CPU)->pairs, 12);
	cr_expect_eq(made_find(&made, "peak, 2,000 connections", CPU)->pairs, 12);
	comparisons_destroy(&made);
	results_destroy(&run);
}

/* Trials are shuffled; what is read is not. */
Test(comparison, cells_come_in_the_order_of_the_run)
{
	static const int connections[] = {64, 1, 2000};
	struct comparisons made;
	struct error error = {""};
	struct results run;

	made_run(&run, "run");
	made_blocks(&run, "s@base", &run, "s@head", "fixed", CPU, 12, 8000, 1, 0.02);
	made_blocks(&run, "s@base", &run, "s@head", "peak", CPU, 36, 8000, 1, 0.02);
	for (size_t i = 24; i < run.trial_count; i++)
		json_object_set_new(run.trials[i], "point",
				    json_pack("{s:i}", "connections", connections[i / 2 % 3]));
	cr_assert_eq(comparisons_make(&made, &run, "@base", &run, "@head", NULL, &error), 0);
	cr_assert_eq(made.count, 4);
	cr_expect_str_eq(made.items[0].cell, "peak, 1 connection");
	cr_expect_str_eq(made.items[1].cell, "peak, 64 connections");
	cr_expect_str_eq(made.items[2].cell, "peak, 2,000 connections");
	cr_expect_str_eq(made.items[3].cell, "fixed");
	comparisons_destroy(&made);
	results_destroy(&run);
}

/* What grows by so many bytes with each connection, from noisy totals; the last row of its table is a slope. */
static void made_memory(struct results *run, const char *server, unsigned block,
			double per_connection)
{
	static const unsigned counts[] = {1000, 2000, 4000, 8000};

	for (size_t i = 0; i < 4; i++) {
		json_t *trial = made_trial(run, "peak", server, block, "resident_bytes",
					   1e6 + per_connection * counts[i] + 100.0 * block);

		json_object_set_new(trial, "point", json_pack("{s:i}", "connections", counts[i]));
	}
}

Test(comparison, memory_per_connection_is_one_cell_over_all_connections)
{
	const struct comparison *found;
	struct comparisons made;
	struct error error = {""};
	struct results run;

	made_run(&run, "run");
	json_array_append_new(json_object_get(run.run, "metrics"),
			      json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s}", "key",
					"resident_per_connection_bytes", "title", "Memory", "unit",
					"bytes", "better", "lower", "gating", 1, "group", "memory",
					"slope_of", "resident_bytes"));
	for (unsigned block = 1; block <= 12; block++) {
		made_memory(&run, "s@base", block, 4000);
		made_memory(&run, "s@head", block, 4200);
	}
	cr_assert_eq(comparisons_make(&made, &run, "@base", &run, "@head", NULL, &error), 0);
	cr_assert_eq(made.count, 1);
	found = made_find(&made, "peak", "resident_per_connection_bytes");
	cr_assert_not_null(found);
	cr_expect_eq(found->scale, COMPARISON_DIFFERENCE);
	cr_expect_eq(found->outcome, COMPARISON_REGRESSION);
	cr_expect_float_eq(found->change, 200, 1e-6);
	cr_expect_float_eq(found->smallest, 80, 1e-6); /* 2 % of 4,000 */
	comparisons_destroy(&made);
	results_destroy(&run);
}

/* B 10 % slower, under these rules. */
static void compare_slower(struct comparisons *made, struct results *run,
			   const struct comparison_rules *rules)
{
	struct error error = {""};

	made_run(run, "run");
	made_blocks(run, "s@base", run, "s@head", "peak", CPU, 20, 8000, 1.1, 0.02);
	cr_assert_eq(comparisons_make(made, run, "@base", run, "@head", rules, &error), 0);
}

Test(comparison, a_policy_says_what_matters_what_gates_and_what_is_accepted)
{
	static const struct comparison_rule items[] = {
		{.metric = CPU, .smallest = 0.2},
		{.metric = CPU, .cell = "elsewhere", .smallest = 0.001},
		{.smallest = NAN, .server = "s", .gate = COMPARISON_ADVISES},
		{.metric = CPU, .cell = "peak", .smallest = NAN, .accepted = "it is worth it"},
	};
	const struct comparison_rules wide = {.items = items, .count = 2};
	const struct comparison_rules advising = {.items = items + 2, .count = 1};
	const struct comparison_rules accepting = {.items = items + 3, .count = 1};
	struct comparisons made;
	struct results run;

	compare_slower(&made, &run, &wide);
	cr_expect_eq(made.outcome, COMPARISON_OK);
	cr_expect_eq(made.items[0].smallest, 0.2);
	comparisons_destroy(&made);
	results_destroy(&run);
	compare_slower(&made, &run, &advising);
	cr_expect_eq(made.items[0].outcome, COMPARISON_REGRESSION);
	cr_expect_not(made.items[0].gating);
	comparisons_destroy(&made);
	results_destroy(&run);
	compare_slower(&made, &run, &accepting);
	cr_expect_eq(made.items[0].outcome, COMPARISON_REGRESSION);
	cr_expect(made.items[0].accepted && made.items[0].gating);
	cr_expect_str_eq(made.items[0].why, "it is worth it");
	cr_expect_eq(made.outcome, COMPARISON_OK);
	comparisons_destroy(&made);
	results_destroy(&run);
}

Test(comparison, is_never_tighter_than_the_noise_floor)
{
	json_t *noise = json_loads("{\"metrics\":[{\"key\":\"" CPU "\",\"floors\":["
				   "{\"pairs\":10,\"change\":0.3},{\"pairs\":20,\"change\":0.15},"
				   "{\"pairs\":40,\"change\":0.01}]}]}",
				   0, NULL);
	const struct comparison_rules rules = {.noise = noise};
	struct comparisons made;
	struct results run;

	cr_assert_not_null(noise);
	compare_slower(&made, &run, &rules);
	cr_expect_eq(made.items[0].smallest, 0.15);
	cr_expect_eq(made.outcome, COMPARISON_OK);
	cr_assert_eq(made.warning_count, 1);
	cr_expect(strstr(made.warnings[0], "15.0 %"), "%s", made.warnings[0]);
	comparisons_destroy(&made);
	results_destroy(&run);
	json_decref(noise);
}

Test(comparison, a_change_in_steadiness_is_reported)
{
	struct comparisons made;
	struct error error = {""};
	struct results run;
	struct random random;

	made_run(&run, "run");
	random_seed(&random, 3);
	for (unsigned block = 1; block <= 40; block++) {
		made_trial(&run, "peak", "s@base", block, CPU,
			   8000 * exp(0.01 * made_noise(&random)));
		made_trial(&run, "peak", "s@head", block, CPU,
			   8000 * exp(0.06 * made_noise(&random)));
	}
	cr_assert_eq(comparisons_make(&made, &run, "@base", &run, "@head", NULL, &error), 0);
	cr_assert_eq(made.warning_count, 1);
	cr_expect(strstr(made.warnings[0], "times as much as that of A (peak)"), "%s",
		  made.warnings[0]);
	comparisons_destroy(&made);
	results_destroy(&run);
}

Test(comparison, a_program_against_itself_is_named_so)
{
	struct comparisons made;
	struct results run;
	struct error error = {""};

	made_run(&run, "run");
	made_blocks(&run, "s@base", &run, "s@head", "peak", CPU, 12, 8000, 1, 0.02);
	json_object_set_new(json_array_get(json_object_get(run.run, "servers"), 1), "build",
			    json_string("1"));
	cr_assert_eq(comparisons_make(&made, &run, "@base", &run, "@head", NULL, &error), 0);
	cr_assert_eq(made.warning_count, 1);
	cr_expect(strstr(made.warnings[0], "the same program"), "%s", made.warnings[0]);
	comparisons_destroy(&made);
	results_destroy(&run);
}
