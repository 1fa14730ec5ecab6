#include "stored/comparison/policy.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void pattern_destroy(struct policy_pattern *pattern)
{
	free(pattern->metric);
	free(pattern->scenario);
	free(pattern->part);
	free(pattern->server);
	json_decref(pattern->point);
}

void policy_destroy(struct policy *policy)
{
	for (size_t i = 0; i < policy->smallest_count; i++)
		free(policy->smallest[i].metric);
	for (size_t i = 0; i < policy->gate_count; i++)
		pattern_destroy(&policy->gates[i]);
	for (size_t i = 0; i < policy->accepted_count; i++) {
		pattern_destroy(&policy->accepted[i].where);
		free(policy->accepted[i].reason);
	}
	free(policy->smallest);
	free(policy->gates);
	free(policy->accepted);
	free(policy->file);
	*policy = (struct policy){0};
}

/* Adds a text to one of the lists of rules, which have room for it. NULL: no memory. */
static const char *add_text(char **texts, size_t *count, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static const char *add_text(char **texts, size_t *count, const char *format, ...)
{
	va_list values;
	int length;

	va_start(values, format);
	length = vasprintf(&texts[*count], format, values);
	va_end(values);
	return length < 0 ? NULL : texts[(*count)++];
}

/* A rule that says nothing yet, of what a pattern names. */
static struct comparison_rule rule_of(const struct policy_pattern *pattern, const char *origin)
{
	return (struct comparison_rule){
		.metric = pattern->metric,
		.scenario = pattern->scenario,
		.part = pattern->part,
		.server = pattern->server,
		.point = pattern->point,
		.smallest = NAN,
		.origin = origin,
	};
}

/* Where there are cells that gate, all others only advise. */
static int add_gates(struct policy_rules *rules, const struct policy *policy)
{
	if (policy->gate_count > 0)
		rules->items[rules->count++] = (struct comparison_rule){.smallest = NAN,
									.gate = COMPARISON_ADVISES};
	for (size_t i = 0; i < policy->gate_count; i++) {
		const struct policy_pattern *pattern = &policy->gates[i];
		const char *origin = add_text(rules->texts, &rules->text_count, "%s:%zu",
					      policy->file, pattern->line);
		struct comparison_rule rule = rule_of(pattern, origin);

		if (!origin)
			return -ENOMEM;
		rule.gate = pattern->metric ? COMPARISON_GATES : COMPARISON_GATES_AS_DESCRIBED;
		rules->items[rules->count++] = rule;
	}
	return 0;
}

static int add_acceptances(struct policy_rules *rules, const struct policy *policy,
			   const char *today)
{
	for (size_t i = 0; i < policy->accepted_count; i++) {
		const struct policy_acceptance *accepted = &policy->accepted[i];
		struct comparison_rule rule;
		const char *origin;

		if (strcmp(accepted->until, today) < 0) {
			if (!add_text(rules->expired, &rules->expired_count,
				      "%s:%zu: accepts nothing any more, it expired on %s (%s)",
				      policy->file, accepted->where.line, accepted->until,
				      accepted->reason))
				return -ENOMEM;
			continue;
		}
		origin = add_text(rules->texts, &rules->text_count, "%s:%zu", policy->file,
				  accepted->where.line);
		rule = rule_of(&accepted->where, origin);
		rule.accepted = add_text(rules->texts, &rules->text_count, "Accepted until %s: %s",
					 accepted->until, accepted->reason);
		rule.accepted_up_to = accepted->up_to;
		if (!origin || !rule.accepted)
			return -ENOMEM;
		rules->items[rules->count++] = rule;
	}
	return 0;
}

int policy_make_rules(struct policy_rules *rules, const struct policy *policy, const char *today)
{
	size_t most = policy->smallest_count + 1 + policy->gate_count + policy->accepted_count;
	int code;

	*rules = (struct policy_rules){
		.items = calloc(most, sizeof *rules->items),
		.texts = calloc(policy->gate_count + 2 * policy->accepted_count + 1,
				sizeof *rules->texts),
		.expired = calloc(policy->accepted_count + 1, sizeof *rules->expired),
	};
	if (!rules->items || !rules->texts || !rules->expired)
		return -ENOMEM;
	for (size_t i = 0; i < policy->smallest_count; i++)
		rules->items[rules->count++] =
			(struct comparison_rule){.metric = policy->smallest[i].metric,
						 .smallest = policy->smallest[i].value};
	code = add_gates(rules, policy);
	return code == 0 ? add_acceptances(rules, policy, today) : code;
}

void policy_rules_destroy(struct policy_rules *rules)
{
	for (size_t i = 0; i < rules->text_count; i++)
		free(rules->texts[i]);
	for (size_t i = 0; i < rules->expired_count; i++)
		free(rules->expired[i]);
	free(rules->items);
	free(rules->texts);
	free(rules->expired);
	*rules = (struct policy_rules){0};
}
