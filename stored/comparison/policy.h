/*
 * What a project says of its gate, beside what metrics say of themselves: which differences matter, which
 * cells decide, which regressions are accepted and for how long. Read from a file by
 * harness/scenario/policy.h; here it becomes the rules of a comparison.
 */
#ifndef TENK_POLICY_H
#define TENK_POLICY_H

#include "stored/comparison/types.h"

#include <stdint.h>

/* Metrics and cells; each text is a pattern as of file names (fnmatch), NULL for any. All is owned. */
struct policy_pattern {
	char *metric, *scenario, *part, *server;
	json_t *point; /* values of axes that are named, by their keys in results/SCHEMA.md; NULL: any */
	size_t line; /* in the file */
};

/* How little of a metric matters: a ratio, or an amount in its unit, whichever it is compared by. */
struct policy_smallest {
	char *metric;
	double value;
};

/* A regression that is known and lived with. */
struct policy_acceptance {
	struct policy_pattern where;
	char *reason;
	char until[11]; /* "2026-12-31": its last day, UTC */
	double up_to; /* no change beyond this size is accepted, on the metric's scale; 0: any is */
};

enum policy_inconclusive { POLICY_UNSAID, POLICY_PASSES, POLICY_FAILS };

struct policy {
	char *file;
	struct policy_smallest *smallest;
	size_t smallest_count;
	struct policy_pattern *gates; /* none: all cells do */
	size_t gate_count;
	struct policy_acceptance *accepted;
	size_t accepted_count;
	uint64_t budget_ns; /* of a comparison that is measured; 0: not said */
	enum policy_inconclusive inconclusive;
};

void policy_destroy(struct policy *policy);

/* The rules that follow. The texts of some are made here; destroy them after the comparisons. */
struct policy_rules {
	struct comparison_rule *items;
	size_t count;
	char **texts; /* owned */
	size_t text_count;
	char **expired; /* a sentence for each acceptance that holds no longer; owned */
	size_t expired_count;
};

/*
 * Turns a policy into the rules of a comparison on a day ("2026-11-21"): acceptances that have expired are
 * left out and told. They borrow from the policy. 0 or -ENOMEM; destroy them in any case.
 */
int policy_make_rules(struct policy_rules *rules, const struct policy *policy, const char *today);
void policy_rules_destroy(struct policy_rules *rules);

#endif
