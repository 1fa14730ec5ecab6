/* The claims of a scenario part: from YAML to the form that results/SCHEMA.md defines. */
#include "harness/scenario/read.h"
#include "lib/json.h"
#include "stored/axis.h"
#include "stored/metric.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Fewer counts of connections than this give no slope: see stored/blocks/blocks.h. */
enum { SLOPE_VALUES = 4, METRICS_MAX = 128 };

/* Stands for the three shares of memory that a claim about memory is decided on, each. */
#define MEMORY_WORD "memory_per_connection_bytes"

struct claim_form {
	const json_t *known_metrics; /* their descriptors, borrowed */
	const struct scenario_part *part;
	char *id, *source, *says, *kind;
	bool own_model;
	char **metrics;
	size_t metric_count;
	double within[2];
	json_t *of, *over;
};

static int metrics_read(const struct yaml_document *document, const struct yaml_node *node,
			void *into);

#define CLAIM_TEXT(KEY, MEMBER, EXAMPLE, HELP)                                                  \
	{                                                                                       \
		.key = KEY, .kind = FIELD_TEXT, .required = true,                               \
		.offset = offsetof(struct claim_form, MEMBER), .example = EXAMPLE, .help = HELP \
	}

/* clang-format off */
static const struct field claim_fields[] = {
	CLAIM_TEXT("id", id, "thread-costs-2mb", "the claim's name"),
	CLAIM_TEXT("source", source, "illusion", "who says so"),
	CLAIM_TEXT("says", says, "A thread costs 2 MB.", "the claim in one sentence"),
	CLAIM_TEXT("kind", kind, "threshold",
		   "threshold (a metric) or ratio (of one cell over another)"),
	{.key = "metric", .kind = FIELD_OWN, .required = true, .read = metrics_read,
	 .example = "memory_per_connection_bytes", .help = "one metric, or a list"},
	{.key = "of", .kind = FIELD_LATER, .required = true,
	 .example = "{server: epoll, connections: 1000}", .help = "the cell that it is about"},
	{.key = "over", .kind = FIELD_LATER, .example = "{server: libuv, connections: 1000}",
	 .help = "for a ratio: the cell to divide by"},
	{.key = "within", .kind = FIELD_LATER, .required = true, .example = "[1 MB, 2 MB]",
	 .help = "the range that the source claims, lower end first"},
	{.key = "own-model", .kind = FIELD_FLAG, .offset = offsetof(struct claim_form, own_model),
	 .fallback = "true", .example = "true",
	 .help = "false: the cell is the very system that the source names"},
};

/* What `of` and `over` may hold. The rows after the first are the axes, in their order. */
static const struct field cell_fields[] = {
	{.key = "server", .kind = FIELD_LATER, .required = true, .example = "epoll",
	 .help = "a server of this part"},
	{.key = "connections", .kind = FIELD_LATER},
	{.key = "rate", .kind = FIELD_LATER},
	{.key = "wait", .kind = FIELD_LATER},
	{.key = "body", .kind = FIELD_LATER},
};
/* clang-format on */

static const char *const kinds_now[] = {"threshold", "ratio"};
static const char *const kinds_later[] = {"ordering", "shape", "order"};

static bool word_is_in(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* The word for memory's shares and their sum, spelt out. */
static int metrics_expand(struct claim_form *form)
{
	static const char *const shares[] = {
		"virtual_per_connection_bytes", "resident_per_connection_bytes",
		"kernel_per_connection_bytes", "total_per_connection_bytes"};
	char **expanded;

	if (form->metric_count != 1 || strcmp(form->metrics[0], MEMORY_WORD) != 0)
		return 0;
	expanded = calloc(FIELDS_COUNT(shares), sizeof *expanded);
	if (!expanded)
		return -ENOMEM;
	schema_words_free(form->metrics, form->metric_count);
	form->metrics = expanded;
	form->metric_count = FIELDS_COUNT(shares);
	for (size_t i = 0; i < FIELDS_COUNT(shares); i++) {
		expanded[i] = strdup(shares[i]);
		if (!expanded[i])
			return -ENOMEM;
	}
	return 0;
}

static const json_t *descriptor_find(const struct claim_form *form, const char *metric)
{
	return metric_find(form->known_metrics, metric);
}

static int metric_check(const struct yaml_document *document, const struct yaml_node *node,
			const struct claim_form *form, const char *metric)
{
	const char *known[METRICS_MAX] = {MEMORY_WORD};
	size_t count = 1, index;
	json_t *descriptor;

	if (form->metric_count == 1 && strcmp(metric, MEMORY_WORD) == 0)
		return 0;
	if (strcmp(metric, MEMORY_WORD) == 0)
		return yaml_complain(document, node,
				     "%s stands for several metrics: write it alone", MEMORY_WORD);
	if (descriptor_find(form, metric))
		return scenario_kind_check(document, node, form->part, metric);
	json_array_foreach(form->known_metrics, index, descriptor) if (count < METRICS_MAX)
		known[count++] = json_string_value(json_object_get(descriptor, "key"));
	return schema_unknown(document, node, "metric", NULL, known, count);
}

static int metrics_read(const struct yaml_document *document, const struct yaml_node *node,
			void *into)
{
	struct claim_form *form = into;
	int code;

	if (node->kind == NODE_LIST) {
		code = schema_words(document, node, "metric", &form->metrics, &form->metric_count);
	} else {
		form->metrics = calloc(1, sizeof *form->metrics);
		form->metric_count = form->metrics ? 1 : 0;
		code = form->metrics ? schema_text(document, node, "metric", form->metrics)
				     : schema_no_memory(document);
	}
	for (size_t i = 0; code == 0 && i < form->metric_count; i++)
		code = metric_check(document, node->kind == NODE_LIST ? node->items[i] : node, form,
				    form->metrics[i]);
	if (code == 0 && metrics_expand(form) < 0)
		code = schema_no_memory(document);
	return code;
}

static bool is_ratio(const struct claim_form *form)
{
	return strcmp(form->kind, "ratio") == 0;
}

static int within_read(const struct yaml_document *document, const struct yaml_node *node,
		       struct claim_form *form)
{
	enum unit_kind unit = is_ratio(form) ? UNIT_RATIO
					     : metric_unit(descriptor_find(form, form->metrics[0]));
	struct error problem;

	for (size_t i = 1; !is_ratio(form) && i < form->metric_count; i++)
		if (metric_unit(descriptor_find(form, form->metrics[i])) != unit)
			return yaml_complain(document, node,
					     "one range for metrics of different units: %s, %s",
					     form->metrics[0], form->metrics[i]);
	if (node->kind != NODE_LIST || node->count != 2) {
		yaml_complain(document, node,
			      "\"within\" must be a list of two: [lowest, highest]");
		return yaml_hint(document, "a single figure becomes a range of 25 %% either way");
	}
	for (size_t i = 0; i < 2; i++) {
		const struct yaml_node *item = node->items[i];

		if (item->kind != NODE_SCALAR)
			return yaml_complain(document, item, "\"within\" must hold values, not %s",
					     yaml_kind_name(item));
		if (units_parse_real(unit, item->text, &form->within[i], &problem) < 0)
			return yaml_complain(document, item, "%s", problem.text);
	}
	if (form->within[0] > form->within[1])
		return yaml_complain(document, node, "\"within\" begins with its higher end");
	return 0;
}

/* A value per connection is a slope over counts of connections, all of them together. */
static bool is_slope(const struct claim_form *form)
{
	for (size_t i = 0; i < form->metric_count; i++)
		if (!metric_slope_of(descriptor_find(form, form->metrics[i])))
			return false;
	return true;
}

/* Adds one axis of a cell to its point, if the part has been given that value. */
static int point_read(const struct yaml_document *document, const struct yaml_node *key,
		      const struct yaml_node *node, const struct axis *axis, json_t *point)
{
	double value = 0;
	int code;

	if (!axis) {
		yaml_complain(document, key, "\"%s\" is not varied in this part", key->text);
		return yaml_hint(document, "leave it out: the part has one value for it");
	}
	code = schema_number(document, node, scenario_axis_field(axis->kind), &value);
	if (code < 0)
		return code;
	for (size_t i = 0; i < axis->count; i++) {
		if (axis->values[i] != value)
			continue;
		json_t *number = axis->kind == AXIS_RATE ? json_real(value)
							 : json_integer((json_int_t)value);
		if (json_object_set_new(point, axis_at(axis->kind)->key, number) < 0)
			return schema_no_memory(document);
		return 0;
	}
	yaml_complain(document, node, "%s is no value of %s in this part", node->text, key->text);
	return yaml_hint(document, "the values stand in vary");
}

static int server_read(const struct yaml_document *document, const struct yaml_node *node,
		       const struct scenario_part *part, json_t *cell)
{
	char *server = NULL;
	int code = schema_text(document, node, "server", &server);
	bool known = code == 0 &&
		     word_is_in(server, (const char *const *)part->servers, part->server_count);

	if (code == 0 && !known)
		code = schema_unknown(document, node, "server", "this part",
				      (const char *const *)part->servers, part->server_count);
	if (code == 0 && json_object_set_new(cell, "server", json_string(server)) < 0)
		code = schema_no_memory(document);
	free(server);
	return code;
}

/* Reads `of` or `over` into {"server":...,"point":{...}}. */
static int cell_read(const struct yaml_document *document, const struct yaml_node *node,
		     const char *name, const struct scenario_part *part,
		     const struct claim_form *form, json_t **cell)
{
	json_t *point = json_object();
	int code = schema_check_keys(document, node, name, cell_fields, FIELDS_COUNT(cell_fields));

	*cell = json_pack("{s:O?}", "point", point);
	if (code == 0 && (!point || !*cell))
		code = schema_no_memory(document);
	if (code == 0)
		code = server_read(document, yaml_find(node, "server"), part, *cell);
	for (enum axis_kind kind = 0; code == 0 && kind < AXIS_COUNT; kind++) {
		const char *key = scenario_axis_field(kind)->key;
		const struct axis *axis = scenario_part_axis(part, kind);

		if (yaml_find(node, key)) {
			code = point_read(document, yaml_find_key(node, key), yaml_find(node, key),
					  axis, point);
		} else if (axis && !(kind == AXIS_CONNECTIONS && is_slope(form))) {
			yaml_complain(document, node, "\"%s\" does not say which %s", name, key);
			code = yaml_hint(document, "%s is varied in this part: name one value",
					 key);
		}
	}
	json_decref(point);
	return code;
}

static int kind_check(const struct yaml_document *document, const struct yaml_node *node,
		      const struct claim_form *form)
{
	const struct yaml_node *kind = yaml_find(node, "kind");
	const struct yaml_node *over = yaml_find_key(node, "over");

	if (word_is_in(form->kind, kinds_later, FIELDS_COUNT(kinds_later))) {
		yaml_complain(document, kind, "claims of kind \"%s\" cannot be decided yet",
			      form->kind);
		return yaml_hint(document, "kinds that this version decides: threshold, ratio");
	}
	if (!word_is_in(form->kind, kinds_now, FIELDS_COUNT(kinds_now)))
		return schema_unknown(document, kind, "kind", "claims", kinds_now,
				      FIELDS_COUNT(kinds_now));
	if (is_ratio(form) && !over) {
		yaml_complain(document, node, "a ratio needs \"over\"");
		return yaml_hint(document,
				 "for instance  over: {server: epoll, connections: 1000}");
	}
	if (!is_ratio(form) && over) {
		yaml_complain(document, over, "\"over\" belongs to a ratio, not to a %s",
			      form->kind);
		return yaml_hint(document, "kind: ratio, or leave it out");
	}
	return 0;
}

static int slope_check(const struct yaml_document *document, const struct yaml_node *node,
		       const struct scenario_part *part, const struct claim_form *form)
{
	const struct axis *axis = scenario_part_axis(part, AXIS_CONNECTIONS);

	if (!is_slope(form) || (axis && axis->count >= SLOPE_VALUES))
		return 0;
	yaml_complain(document, yaml_find_key(node, "metric"),
		      "a value per connection is a slope over %d counts of connections or more",
		      SLOPE_VALUES);
	return yaml_hint(document, "vary connections, for instance  connections: "
				   "[1k, 2k, 4k, 10k]");
}

static json_t *form_to_json(const struct claim_form *form)
{
	json_t *metrics = json_array();

	for (size_t i = 0; i < form->metric_count; i++)
		if (json_array_append_new(metrics, json_string(form->metrics[i])) < 0) {
			json_decref(metrics);
			return NULL;
		}
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:O, s:O?, s:[f, f], s:b}", "id", form->id,
			 "source", form->source, "says", form->says, "kind", form->kind, "metrics",
			 metrics, "of", form->of, "over", form->over, "within", form->within[0],
			 form->within[1], "own_model", (int)form->own_model);
}

static int claim_read(const struct yaml_document *document, const struct yaml_node *node,
		      const struct scenario_part *part, struct claim_form *form)
{
	const struct yaml_node *over = yaml_find(node, "over");
	int code;

	schema_defaults(claim_fields, FIELDS_COUNT(claim_fields), form);
	code = schema_read(document, node, "claims", claim_fields, FIELDS_COUNT(claim_fields),
			   form);
	if (code == 0)
		code = kind_check(document, node, form);
	if (code == 0)
		code = slope_check(document, node, part, form);
	if (code == 0)
		code = cell_read(document, yaml_find(node, "of"), "of", part, form, &form->of);
	if (code == 0 && over)
		code = cell_read(document, over, "over", part, form, &form->over);
	if (code == 0)
		code = within_read(document, yaml_find(node, "within"), form);
	return code;
}

static int claim_add(const struct yaml_document *document, const struct yaml_node *node,
		     struct scenario_part *part, const struct claim_form *form)
{
	if (json_find(part->claims, "id", form->id))
		return yaml_complain(document, yaml_find(node, "id"),
				     "claim \"%.60s\" stands twice", form->id);
	if (json_array_append_new(part->claims, form_to_json(form)) < 0)
		return schema_no_memory(document);
	return 0;
}

static void form_destroy(struct claim_form *form)
{
	free(form->id);
	free(form->source);
	free(form->says);
	free(form->kind);
	schema_words_free(form->metrics, form->metric_count);
	json_decref(form->of);
	json_decref(form->over);
}

int scenario_claims_read(const struct yaml_document *document, const struct yaml_node *node,
			 void *into)
{
	struct scenario_part *part = into;
	int code = schema_expect(document, node, NODE_LIST, "claims", "a list of claims");

	for (size_t i = 0; code == 0 && i < node->count; i++) {
		struct claim_form form = {.known_metrics = document->context, .part = part};

		code = claim_read(document, node->items[i], part, &form);
		if (code == 0)
			code = claim_add(document, node->items[i], part, &form);
		form_destroy(&form);
	}
	return code;
}
