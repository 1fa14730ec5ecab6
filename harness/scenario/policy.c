#include "harness/scenario/policy.h"

#include "harness/scenario/read.h"
#include "harness/yaml/parse.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "stored/metric.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { METRICS_MAX = 128 };

static int smallest_read(const struct yaml_document *document, const struct yaml_node *node,
			 void *into);
static int gate_read(const struct yaml_document *document, const struct yaml_node *node,
		     void *into);
static int accepted_read(const struct yaml_document *document, const struct yaml_node *node,
			 void *into);
static int inconclusive_read(const struct yaml_document *document, const struct yaml_node *node,
			     void *into);

/* clang-format off */
static const struct field policy_fields[] = {
	{.key = "smallest-difference", .kind = FIELD_OWN, .read = smallest_read,
	 .example = "{server_cpu_per_request_ns: 3%}", .help = "what matters, metric by metric"},
	{.key = "gate", .kind = FIELD_OWN, .read = gate_read,
	 .example = "[{scenario: gate, server: epoll}]", .help = "the cells that decide; without it, all"},
	{.key = "accepted", .kind = FIELD_OWN, .read = accepted_read,
	 .example = "[{metric: ..., reason: ..., until: 2026-12-31}]", .help = "regressions that are known"},
	{.key = "budget", .kind = FIELD_DURATION, .offset = offsetof(struct policy, budget_ns),
	 .lowest = 10.0 * NS_PER_S, .highest = 24.0 * 3600 * NS_PER_S,
	 .example = "8m", .help = "what a comparison may take to measure"},
	{.key = "inconclusive", .kind = FIELD_OWN, .read = inconclusive_read,
	 .example = "fail", .help = "pass or fail: what becomes of what cannot be decided"},
};

/* A pattern of metrics and cells; the axes follow (axis_keys). */
static const struct field pattern_fields[] = {
	{.key = "metric", .kind = FIELD_TEXT, .offset = offsetof(struct policy_pattern, metric),
	 .example = "server_cpu_per_request_ns", .help = "a metric's key, or a pattern"},
	{.key = "scenario", .kind = FIELD_TEXT, .offset = offsetof(struct policy_pattern, scenario),
	 .example = "gate", .help = "a scenario's name, or a pattern"},
	{.key = "part", .kind = FIELD_TEXT, .offset = offsetof(struct policy_pattern, part),
	 .example = "throughput", .help = "a part's name, or a pattern"},
	{.key = "server", .kind = FIELD_TEXT, .offset = offsetof(struct policy_pattern, server),
	 .example = "\"epoll*\"", .help = "a server's name, or a pattern"},
};

static const struct field acceptance_fields[] = {
	{.key = "reason", .kind = FIELD_TEXT, .required = true,
	 .offset = offsetof(struct policy_acceptance, reason),
	 .example = "bodies are checked now", .help = "why it is accepted"},
	{.key = "until", .kind = FIELD_LATER, .required = true,
	 .example = "2026-12-31", .help = "the last day on which it is"},
	{.key = "up-to", .kind = FIELD_LATER, .example = "10%", .help = "how much of it"},
};
/* clang-format on */

enum {
	PATTERN_FIELDS = FIELDS_COUNT(pattern_fields),
	ACCEPTANCE_FIELDS = FIELDS_COUNT(acceptance_fields)
};

static const json_t *find_metric(const struct yaml_document *document, const char *key)
{
	return metric_find(document->context, key);
}

/* A metric must be there; a pattern must fit one at least. */
static int check_metric(const struct yaml_document *document, const struct yaml_node *node)
{
	const char *known[METRICS_MAX];
	size_t count = 0, i;
	json_t *metric;

	if (metric_find(document->context, node->text))
		return 0;
	json_array_foreach(document->context, i, metric)
	{
		if (fnmatch(node->text, json_string_of(metric, "key"), 0) == 0)
			return 0;
		if (count < METRICS_MAX)
			known[count++] = json_string_of(metric, "key");
	}
	return schema_unknown(document, node, "metric", NULL, known, count);
}

/* A difference on the scale on which values of the metric are compared. */
static int read_difference(const struct yaml_document *document, const struct yaml_node *node,
			   const char *metric, double *value)
{
	const json_t *descriptor = find_metric(document, metric);
	bool by_ratio = !descriptor || metric_compared_by(descriptor) == METRIC_BY_RATIO;
	enum unit_kind unit = by_ratio ? UNIT_RATIO : metric_unit(descriptor);
	struct error problem;
	int code = schema_expect(document, node, NODE_SCALAR, metric, "a difference");

	if (code < 0)
		return code;
	/* A rate of errors, or calls a request, is no whole number. */
	if (unit == UNIT_COUNT)
		unit = UNIT_RATIO;
	if (units_parse_real(unit, node->text, value, &problem) < 0) {
		yaml_complain(document, node, "%s", problem.text);
		return by_ratio ? yaml_hint(document, "for instance  %s: 3%%", metric)
				: yaml_hint(document,
					    "%s is compared by its difference: say an "
					    "amount of it, in its unit (%s)",
					    metric, json_string_of(descriptor, "unit"));
	}
	if (*value <= 0 || (by_ratio && *value >= 10))
		return yaml_complain(document, node, "%s: a difference lies above 0%s", metric,
				     by_ratio ? " and below 1000 %" : "");
	return 0;
}

static int smallest_read(const struct yaml_document *document, const struct yaml_node *node,
			 void *into)
{
	struct policy *policy = into;
	int code = schema_expect(document, node, NODE_MAPPING, "smallest-difference",
				 "a mapping of metrics to differences");

	if (code < 0)
		return code;
	policy->smallest = calloc(node->count + 1, sizeof *policy->smallest);
	if (!policy->smallest)
		return schema_no_memory(document);
	for (size_t i = 0; code == 0 && i < node->count; i++) {
		const char *metric = node->keys[i]->text;
		struct policy_smallest *smallest = &policy->smallest[i];

		if (!find_metric(document, metric))
			return check_metric(document, node->keys[i]) < 0
				       ? -EINVAL
				       : yaml_complain(document, node->keys[i],
						       "\"%s\": name one metric here", metric);
		smallest->metric = strdup(metric);
		if (!smallest->metric)
			return schema_no_memory(document);
		policy->smallest_count++;
		code = read_difference(document, node->items[i], metric, &smallest->value);
	}
	return code;
}

/* Everything that a mapping of a pattern may hold: the pattern's keys, the axes', and `more`. */
static int check_keys(const struct yaml_document *document, const struct yaml_node *node,
		      const char *where, const struct field *more, size_t more_count)
{
	struct field fields[PATTERN_FIELDS + AXIS_COUNT + ACCEPTANCE_FIELDS];
	size_t count = PATTERN_FIELDS;

	memcpy(fields, pattern_fields, sizeof pattern_fields);
	for (enum axis_kind kind = 0; kind < AXIS_COUNT; kind++)
		fields[count++] = *scenario_axis_field(kind);
	for (size_t i = 0; i < more_count; i++)
		fields[count++] = more[i];
	return schema_check_keys(document, node, where, fields, count);
}

static int read_point(const struct yaml_document *document, const struct yaml_node *node,
		      struct policy_pattern *pattern)
{
	for (enum axis_kind kind = 0; kind < AXIS_COUNT; kind++) {
		const struct field *field = scenario_axis_field(kind);
		const struct yaml_node *value = yaml_find(node, field->key);
		double number = 0;
		int code = value ? schema_number(document, value, field, &number) : 0;

		if (code < 0)
			return code;
		if (value && !pattern->point)
			pattern->point = json_object();
		if (value &&
		    json_object_set_new(pattern->point, axis_at(kind)->key, json_real(number)) < 0)
			return schema_no_memory(document);
	}
	return 0;
}

/* The mapping's keys have been checked. */
static int read_pattern(const struct yaml_document *document, const struct yaml_node *node,
			struct policy_pattern *pattern)
{
	const struct yaml_node *metric = yaml_find(node, "metric");
	int code;

	pattern->line = node->line;
	code = schema_store(document, node, pattern_fields, PATTERN_FIELDS, pattern);
	if (code == 0 && metric)
		code = check_metric(document, metric);
	return code == 0 ? read_point(document, node, pattern) : code;
}

static int gate_read(const struct yaml_document *document, const struct yaml_node *node, void *into)
{
	struct policy *policy = into;
	int code = schema_expect(document, node, NODE_LIST, "gate", "a list of cells");

	if (code == 0 && node->count == 0) {
		yaml_complain(document, node, "\"gate\" is an empty list, so nothing would decide");
		return yaml_hint(document, "leave it out, and all cells do");
	}
	if (code < 0)
		return code;
	policy->gates = calloc(node->count, sizeof *policy->gates);
	if (!policy->gates)
		return schema_no_memory(document);
	for (size_t i = 0; code == 0 && i < node->count; i++) {
		struct policy_pattern *pattern = &policy->gates[policy->gate_count++];

		code = check_keys(document, node->items[i], "gate", NULL, 0);
		if (code == 0)
			code = read_pattern(document, node->items[i], pattern);
	}
	return code;
}

/* Days that a month can have; February's 29th is one of leap years alone. */
static bool is_day(const char *text)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day;

	for (int i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? text[i] != '-' : !isdigit((unsigned char)text[i]))
			return false;
	if (text[10] || sscanf(text, "%d-%d-%d", &year, &month, &day) != 3 || month < 1 ||
	    month > 12 || day < 1)
		return false;
	return day <= days[month - 1] ||
	       (month == 2 && day == 29 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

static int read_until(const struct yaml_document *document, const struct yaml_node *node,
		      struct policy_acceptance *accepted)
{
	int code = schema_expect(document, node, NODE_SCALAR, "until", "a day");

	if (code < 0)
		return code;
	if (!is_day(node->text)) {
		yaml_complain(document, node, "\"%.40s\" is no day", node->text);
		return yaml_hint(document, "year, month and day: 2026-12-31");
	}
	memcpy(accepted->until, node->text, sizeof accepted->until);
	return 0;
}

static int read_acceptance(const struct yaml_document *document, const struct yaml_node *node,
			   struct policy_acceptance *accepted)
{
	const struct yaml_node *up_to = yaml_find(node, "up-to");
	int code = check_keys(document, node, "accepted", acceptance_fields, ACCEPTANCE_FIELDS);

	if (code == 0)
		code = read_pattern(document, node, &accepted->where);
	if (code == 0)
		code = schema_store(document, node, acceptance_fields, ACCEPTANCE_FIELDS, accepted);
	if (code == 0)
		code = read_until(document, yaml_find(node, "until"), accepted);
	if (code == 0 && up_to && !accepted->where.metric) {
		yaml_complain(document, up_to, "\"up-to\" says nothing without a metric");
		return yaml_hint(document, "name the metric that has become worse");
	}
	return code == 0 && up_to
		       ? read_difference(document, up_to, accepted->where.metric, &accepted->up_to)
		       : code;
}

static int accepted_read(const struct yaml_document *document, const struct yaml_node *node,
			 void *into)
{
	struct policy *policy = into;
	int code = schema_expect(document, node, NODE_LIST, "accepted", "a list of regressions");

	if (code < 0)
		return code;
	policy->accepted = calloc(node->count + 1, sizeof *policy->accepted);
	if (!policy->accepted)
		return schema_no_memory(document);
	for (size_t i = 0; code == 0 && i < node->count; i++)
		code = read_acceptance(document, node->items[i],
				       &policy->accepted[policy->accepted_count++]);
	return code;
}

static int inconclusive_read(const struct yaml_document *document, const struct yaml_node *node,
			     void *into)
{
	static const char *const known[] = {"pass", "fail"};
	struct policy *policy = into;
	int code = schema_expect(document, node, NODE_SCALAR, "inconclusive", "pass or fail");

	if (code < 0)
		return code;
	if (strcmp(node->text, "pass") == 0)
		policy->inconclusive = POLICY_PASSES;
	else if (strcmp(node->text, "fail") == 0)
		policy->inconclusive = POLICY_FAILS;
	else
		code = schema_unknown(document, node, "word", "inconclusive", known, 2);
	return code;
}

int policy_read(struct policy *policy, const char *file, const json_t *metrics, struct error *error)
{
	struct yaml_document document;
	int code;

	*policy = (struct policy){.file = strdup(file)};
	if (!policy->file) {
		error_set(error, "%s: %s", file, strerror(ENOMEM));
		return -ENOMEM;
	}
	code = yaml_read(&document, file, error);
	if (code < 0)
		return code;
	document.context = metrics;
	code = schema_read(&document, document.root, "the policy", policy_fields,
			   FIELDS_COUNT(policy_fields), policy);
	yaml_destroy(&document);
	return code;
}
