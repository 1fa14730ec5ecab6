/* tenk compare: what a policy says of it, and what fits into its budget. */
#include "harness/command/compare_request.h"

#include "harness/measure/metrics.h"
#include "harness/scenario/policy.h"
#include "lib/clock.h"
#include "lib/statistics/decision.h"
#include "lib/statistics/power.h"
#include "lib/units.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DAY_LENGTH = 10 }; /* "2026-11-21" of a time */

int compare_read_policy(struct compare_request *request, struct error *error)
{
	const char *file = request->policy_file;
	char today[STORE_TIME_BYTES];
	json_t *metrics;
	int code;

	if (!file && access(POLICY_FILE, F_OK) < 0)
		return 0;
	metrics = metrics_describe();
	code = policy_read(&request->policy, file ? file : POLICY_FILE, metrics, error);
	json_decref(metrics);
	if (code < 0)
		return code;
	store_time(today, true)[DAY_LENGTH] = '\0';
	if (policy_make_rules(&request->rules, &request->policy, today) < 0) {
		error_set(error, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	if (!request->budget_ns)
		request->budget_ns = request->policy.budget_ns;
	if (!request->inconclusive_said)
		request->inconclusive_passes = request->policy.inconclusive == POLICY_PASSES;
	return 0;
}

void compare_forget_policy(struct compare_request *request)
{
	policy_rules_destroy(&request->rules);
	policy_destroy(&request->policy);
}

int compare_warn_of_policy(const struct compare_request *request, struct comparisons *comparisons)
{
	int code = 0;

	for (size_t i = 0; code == 0 && i < request->rules.expired_count; i++)
		code = comparisons_warn(comparisons, "%s", request->rules.expired[i]);
	return code;
}

/* The change that so many pairs find where these differ by so much among each other. */
static double detectable(double spread, size_t pairs)
{
	static const double matters = 0.02;
	double gap = power_gap(spread, (double)pairs, DECISION_ALPHA / DECISION_LOOKS,
			       DECISION_POWER);

	return expm1(log1p(matters) + gap);
}

void compare_tell_budget(const struct compare_request *request, double block_s)
{
	double budget_s = (double)request->budget_ns / (double)NS_PER_S;
	size_t most = request->blocks ? request->blocks : decision_look_pairs[DECISION_LOOKS - 1];
	size_t blocks = block_s > 0 ? (size_t)fmin(budget_s / block_s, (double)most) : most;
	char budget[32], block[32];

	if (!request->budget_ns)
		return;
	units_format(UNIT_DURATION, (double)request->budget_ns, budget, sizeof budget);
	units_format(UNIT_DURATION, block_s * (double)NS_PER_S, block, sizeof block);
	fprintf(stderr, "  budget    %s: room for %zu block%s of about %s%s\n", budget, blocks,
		blocks == 1 ? "" : "s", block, blocks == most ? ", as many as are needed" : "");
	if (blocks < DECISION_LEAST_PAIRS)
		fprintf(stderr,
			"warning: fewer than %d blocks decide nothing: give it more time, fewer "
			"servers, or a shorter scenario\n",
			DECISION_LEAST_PAIRS);
	else
		fprintf(stderr,
			"            in one metric so many find a change of %.1f %% where pairs differ "
			"by 1 %% among each other, %.1f %% at 2 %%, %.0f %% at 5 %%\n",
			100 * detectable(0.01, blocks), 100 * detectable(0.02, blocks),
			100 * detectable(0.05, blocks));
}

bool compare_budget_is_spent(const struct compare_request *request, uint64_t began_ns,
			     unsigned blocks)
{
	double spent_ns = (double)(clock_now_ns() - began_ns);

	return request->budget_ns && blocks > 0 &&
	       spent_ns * (blocks + 1) / blocks > (double)request->budget_ns;
}
