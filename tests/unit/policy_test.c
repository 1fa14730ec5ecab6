#include "comparison_fixture.h"
#include "harness/scenario/policy.h"
#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define CPU "server_cpu_per_request_ns"

static char folder[256], file[300];

static void set_up(void)
{
	temporary_template(folder, sizeof folder, "tenk-policy");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(file, sizeof file, "%s/tenk.yaml", folder);
}

static void tear_down(void)
{
	temporary_remove(folder);
}

TestSuite(policy, .init = set_up, .fini = tear_down, .timeout = 20);

static json_t *metrics(void)
{
	return json_pack("[{s:s, s:s}, {s:s, s:s}, {s:s, s:s, s:s}, {s:s, s:s, s:s}]", "key",
			 "requests_per_s", "unit", "per_s", "key", CPU, "unit", "ns", "key",
			 "total_per_connection_bytes", "unit", "bytes", "slope_of", "total_bytes",
			 "key", "error_count", "unit", "count", "compared_by", "count");
}

static int read_text(struct policy *policy, const char *text, struct error *error)
{
	json_t *known = metrics();
	FILE *out = fopen(file, "we");
	int code;

	cr_assert_not_null(out);
	cr_assert(fputs(text, out) >= 0);
	cr_assert_eq(fclose(out), 0);
	*error = (struct error){""};
	code = policy_read(policy, file, known, error);
	json_decref(known);
	return code;
}

Test(policy, is_read_whole)
{
	struct policy policy;
	struct error error;

	cr_assert_eq(read_text(&policy,
			       "smallest-difference:\n"
			       "  requests_per_s: 3%\n"
			       "  total_per_connection_bytes: 1 KiB\n"
			       "  error_count: 0.001\n"
			       "gate:\n"
			       "  - {scenario: quick, server: \"epoll*\", connections: 64}\n"
			       "  - metric: error_*\n"
			       "accepted:\n"
			       "  - metric: " CPU "\n"
			       "    part: fixed\n"
			       "    up-to: 10%\n"
			       "    reason: bodies are checked\n"
			       "    until: 2028-02-29\n"
			       "budget: 8m\n"
			       "inconclusive: pass\n",
			       &error),
		     0, "%s", error.text);
	cr_assert_eq(policy.smallest_count, 3);
	cr_expect_float_eq(policy.smallest[0].value, 0.03, 1e-9);
	cr_expect_float_eq(policy.smallest[1].value, 1024, 1e-9);
	cr_expect_float_eq(policy.smallest[2].value, 0.001, 1e-9);
	cr_assert_eq(policy.gate_count, 2);
	cr_expect_str_eq(policy.gates[0].server, "epoll*");
	cr_expect_eq(json_number_value(json_object_get(policy.gates[0].point, "connections")), 64);
	cr_expect_eq(policy.gates[0].line, 6);
	cr_expect_null(policy.gates[1].scenario);
	cr_assert_eq(policy.accepted_count, 1);
	cr_expect_str_eq(policy.accepted[0].until, "2028-02-29");
	cr_expect_float_eq(policy.accepted[0].up_to, 0.1, 1e-9);
	cr_expect_str_eq(policy.accepted[0].where.part, "fixed");
	cr_expect_eq(policy.budget_ns, 480000000000);
	cr_expect_eq(policy.inconclusive, POLICY_PASSES);
	policy_destroy(&policy);
}

Test(policy, wrong_content_is_named_with_its_place_and_what_would_be_right)
{
	static const struct {
		const char *text, *place, *hint;
	} cases[] = {
		{"budgt: 8m\n", "tenk.yaml:1:1: unknown key \"budgt\"", "did you mean \"budget\"?"},
		{"budget: 8\n", "tenk.yaml:1:9: ", "for instance  budget: 8m"},
		{"budget: 1s\n", "tenk.yaml:1:9: budget 1s is out of range", "from 10"},
		{"inconclusive: ok\n", "tenk.yaml:1:15: unknown word \"ok\"", "pass, fail"},
		{"smallest-difference:\n  requests_per_second: 3%\n",
		 "tenk.yaml:2:3: unknown metric \"requests_per_second\"",
		 "did you mean \"requests_per_s\"?"},
		{"smallest-difference:\n  requests_per_s: 3 B\n",
		 "tenk.yaml:2:19: ", "for instance  requests_per_s: 3%"},
		{"smallest-difference:\n  requests_per_s: 0%\n", "tenk.yaml:2:19: ", "above 0"},
		{"smallest-difference:\n  total_per_connection_bytes: 3%\n",
		 "tenk.yaml:2:31: ", "an amount of it, in its unit (bytes)"},
		{"smallest-difference:\n  requests*: 3%\n", "tenk.yaml:2:3: ", "name one metric"},
		{"gate: []\n", "tenk.yaml:1:7: ", "leave it out"},
		{"gate:\n  - {sever: epoll}\n", "tenk.yaml:2:6: unknown key \"sever\" in gate",
		 "did you mean \"server\"?"},
		{"gate:\n  - {metric: cpu}\n", "tenk.yaml:2:14: unknown metric \"cpu\"", ""},
		{"gate:\n  - {connections: many}\n", "tenk.yaml:2:19: ", "for instance"},
		{"accepted:\n  - {metric: " CPU ", until: 2026-12-31}\n",
		 "tenk.yaml:2:5: key \"reason\" is missing in accepted", "why it is accepted"},
		{"accepted:\n  - {reason: so, until: 2026-02-30}\n",
		 "tenk.yaml:2:25: \"2026-02-30\" is no day", "2026-12-31"},
		{"accepted:\n  - {reason: so, until: 2027-02-29}\n", "is no day", ""},
		{"accepted:\n  - {reason: so, until: 31.12.2026}\n", "is no day", ""},
		{"accepted:\n  - {reason: so, until: 2026-12-31, up-to: 5%}\n",
		 "tenk.yaml:2:44: ", "name the metric"},
		{"- a\n", "tenk.yaml:1:1: ", ""},
		{"", "tenk.yaml", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct policy policy;
		struct error error;

		cr_expect_eq(read_text(&policy, cases[i].text, &error), -EINVAL, "%s",
			     cases[i].text);
		cr_expect(strstr(error.text, cases[i].place) && strstr(error.text, cases[i].hint),
			  "%s", error.text);
		policy_destroy(&policy);
	}
}

/* B needs 10 % more CPU, 20 pairs, at both parts; compared on a day under a policy. */
static void compare(struct comparisons *made, struct results *run, const char *text,
		    const char *today, struct policy_rules *rules, struct policy *policy)
{
	struct comparison_rules all = {0};
	struct error error;

	cr_assert_eq(read_text(policy, text, &error), 0, "%s", error.text);
	cr_assert_eq(policy_make_rules(rules, policy, today), 0);
	all.items = rules->items;
	all.count = rules->count;
	made_run(run, "run");
	made_blocks(run, "s@base", run, "s@head", "peak", CPU, 20, 8000, 1.1, 0.02);
	made_blocks(run, "s@base", run, "s@head", "fixed", CPU, 20, 8000, 1.1, 0.02);
	cr_assert_eq(comparisons_make(made, run, "@base", run, "@head", &all, &error), 0);
}

static void expect_outcome(const char *text, const char *today, enum comparison_outcome outcome,
			   size_t gating, size_t accepted, size_t expired, const char *warning)
{
	struct comparisons made;
	struct results run;
	struct policy_rules rules;
	struct policy policy;
	bool warned = !*warning;

	compare(&made, &run, text, today, &rules, &policy);
	cr_expect_eq(made.outcome, outcome, "%s: %s", text, comparison_outcome_name(made.outcome));
	for (size_t i = 0; i < made.count; i++) {
		gating -= made.items[i].gating;
		accepted -= made.items[i].accepted;
	}
	cr_expect_eq(gating, 0, "%s", text);
	cr_expect_eq(accepted, 0, "%s", text);
	cr_expect_eq(rules.expired_count, expired, "%s", text);
	for (size_t i = 0; i < made.warning_count; i++)
		warned |= *warning && strstr(made.warnings[i], warning);
	cr_expect(warned, "%s", text);
	comparisons_destroy(&made);
	results_destroy(&run);
	policy_rules_destroy(&rules);
	policy_destroy(&policy);
}

Test(policy, says_what_matters)
{
	expect_outcome("inconclusive: fail\n", "2026-11-21", COMPARISON_REGRESSION, 2, 0, 0, "");
	expect_outcome("smallest-difference: {" CPU ": 20%}\n", "2026-11-21", COMPARISON_OK, 2, 0,
		       0, "");
}

Test(policy, says_which_cells_gate)
{
	expect_outcome("gate: [{part: peak}]\n", "2026-11-21", COMPARISON_REGRESSION, 1, 0, 0, "");
	expect_outcome("gate: [{part: \"*e*\", server: s}]\n", "2026-11-21", COMPARISON_REGRESSION,
		       2, 0, 0, "");
	/* Nothing decides: that is not ok. */
	expect_outcome("gate:\n  - {server: epol}\n", "2026-11-21", COMPARISON_INCONCLUSIVE, 0, 0,
		       0, "tenk.yaml:2 fits nothing of what is compared");
	expect_outcome("gate: [{part: peak, connections: 64}]\n", "2026-11-21",
		       COMPARISON_INCONCLUSIVE, 0, 0, 0, "fits nothing");
}

#define ACCEPTED(MORE) "accepted:\n  - {metric: " CPU MORE ", reason: known, until: 2026-12-31}\n"

Test(policy, accepts_a_regression_until_a_day_and_up_to_a_size)
{
	expect_outcome(ACCEPTED(""), "2026-12-31", COMPARISON_OK, 2, 2, 0, "");
	expect_outcome(ACCEPTED(""), "2027-01-01", COMPARISON_REGRESSION, 2, 0, 1, "");
	expect_outcome(ACCEPTED(", part: peak"), "2026-12-31", COMPARISON_REGRESSION, 2, 1, 0, "");
	expect_outcome(ACCEPTED(", up-to: 15%"), "2026-12-31", COMPARISON_OK, 2, 2, 0, "");
	expect_outcome(ACCEPTED(", up-to: 5%"), "2026-12-31", COMPARISON_REGRESSION, 2, 0, 0, "");
	expect_outcome(ACCEPTED(", scenario: other"), "2026-12-31", COMPARISON_REGRESSION, 2, 0, 0,
		       "fits nothing");
}

Test(policy, what_has_expired_is_told)
{
	struct policy policy;
	struct policy_rules rules;
	struct error error;

	cr_assert_eq(read_text(&policy, ACCEPTED(""), &error), 0);
	cr_assert_eq(policy_make_rules(&rules, &policy, "2027-03-01"), 0);
	cr_assert_eq(rules.expired_count, 1);
	cr_expect_eq(rules.count, 0);
	cr_expect_not_null(strstr(rules.expired[0],
				  "tenk.yaml:2: accepts nothing any more, it expired on "
				  "2026-12-31 (known)"),
			   "%s", rules.expired[0]);
	policy_rules_destroy(&rules);
	policy_destroy(&policy);
}
