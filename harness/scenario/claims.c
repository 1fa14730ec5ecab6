/* The claims of a scenario part: from YAML to the form that results/SCHEMA.md defines. */
#include "harness/scenario/claims.h"

#include "lib/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS_MOST = 16 };

#define CLAIM_TEXT(KEY, MEMBER, REQUIRED, EXAMPLE, HELP)                                        \
	{                                                                                       \
		.key = KEY, .kind = FIELD_TEXT, .required = REQUIRED,                           \
		.offset = offsetof(struct claim_form, MEMBER), .example = EXAMPLE, .help = HELP \
	}

/* clang-format off */
static const struct field claim_fields[] = {
	CLAIM_TEXT("id", id, true, "thread-costs-2mb", "the claim's name"),
	CLAIM_TEXT("source", source, true, "illusion", "who says so"),
	CLAIM_TEXT("says", says, true, "A thread costs 2 MB.", "the claim in one sentence"),
	CLAIM_TEXT("kind", kind_word, true, "threshold",
		   "threshold (a metric), ratio (of one cell over another), ordering (of cells), "
		   "shape (along an axis), order (of events) or untested"),
	{.key = "metric", .kind = FIELD_OWN, .read = claim_metrics_read,
	 .example = "memory_per_connection_bytes", .help = "one metric, or a list"},
	CLAIM_TEXT("means", means, false, "total_per_connection_bytes", "the metric that the source means"),
	CLAIM_TEXT("because", because, false, "It speaks of the memory that a machine must have.",
		   "why that one"),
	{.key = "of", .kind = FIELD_LATER, .example = "{server: epoll, connections: 1000}",
	 .help = "the cell that it is about"},
	{.key = "over", .kind = FIELD_LATER, .example = "{server: epoll, connections: 1000}",
	 .help = "the cell that it is set against"},
	{.key = "cells", .kind = FIELD_LATER, .example = "[{server: epoll}, {server: libuv}]",
	 .help = "cells in the order that is claimed"},
	{.key = "falling", .kind = FIELD_LATER, .example = "true",
	 .help = "each cell has more than the next"},
	{.key = "rising", .kind = FIELD_LATER, .example = "true",
	 .help = "each cell has less than the next"},
	CLAIM_TEXT("along", along_word, false, "connections", "the axis that it runs along"),
	{.key = "within", .kind = FIELD_LATER, .example = "[1 MB, 2 MB]",
	 .help = "the range that the source claims, lower end first; any: that end is open"},
	{.key = "slope", .kind = FIELD_LATER, .example = "[-0.1, 0.1]",
	 .help = "the exponent with which the metric grows along the axis"},
	{.key = "crossover", .kind = FIELD_LATER, .example = "[100, 1k]",
	 .help = "where along the axis the cell becomes the better one"},
	{.key = "expects", .kind = FIELD_LATER, .example = "\"1 2 3\"",
	 .help = "the order of events that is claimed"},
	{.key = "own-model", .kind = FIELD_FLAG, .offset = offsetof(struct claim_form, own_model),
	 .fallback = "true", .example = "true",
	 .help = "false: the cell is the very system that the source names"},
	CLAIM_TEXT("differs", differs, false, "The article used a machine of 64 cores.",
		   "how the set-up differs from the claim's"),
	CLAIM_TEXT("why", why, false, "Out of scope: tenk measures servers.",
		   "why a claim of kind untested is listed and not tested"),
	CLAIM_TEXT("explained", explained, false, "Memory is reserved, not used.",
		   "a paragraph for a reader who believed the claim"),
};
/* clang-format on */

static const struct {
	unsigned need;
	const char *key;
} need_keys[] = {
	{CLAIM_OF, "of"}, {CLAIM_OVER, "over"}, {CLAIM_CELLS, "cells"}, {CLAIM_ALONG, "along"}};

static const struct field *field_of(const char *key)
{
	size_t i = 0;

	while (strcmp(claim_fields[i].key, key) != 0)
		i++;
	return &claim_fields[i];
}

static int need_complain(const struct claim_form *form, const char *key)
{
	yaml_complain(form->document, form->node, "a claim of kind \"%s\" needs \"%s\"",
		      form->kind_word, key);
	return yaml_hint(form->document, "for instance  %s: %s", key, field_of(key)->example);
}

/* The row behind the first of a kind, if it is of the same kind; NULL: it is not. */
static const struct claim_kind *kind_second(const struct claim_kind *first)
{
	const struct claim_kind *kind;
	size_t i = 0;

	while (claim_kind_at(i) != first)
		i++;
	kind = claim_kind_at(i + 1);
	return kind && strcmp(kind->key, first->key) == 0 ? kind : NULL;
}

/* `first` is the first of the kind's rows, one for each key that its range may stand under. */
static int range_complain(const struct claim_form *form, const struct claim_kind *first)
{
	const struct claim_kind *two = kind_second(first);

	yaml_complain(form->document, form->node, "a claim of kind \"%s\" needs \"%s\"%s%s%s",
		      form->kind_word, first->by, two ? " or \"" : "", two ? two->by : "",
		      two ? "\"" : "");
	return yaml_hint(form->document, "for instance  %s: %s", first->by,
			 field_of(first->by)->example);
}

static int kind_unknown(const struct claim_form *form)
{
	const char *words[KINDS_MOST];
	const struct claim_kind *kind;
	size_t count = 0;

	for (size_t i = 0; (kind = claim_kind_at(i)) && count < KINDS_MOST; i++)
		if (count == 0 || strcmp(words[count - 1], kind->key) != 0)
			words[count++] = kind->key;
	return schema_unknown(form->document, yaml_find(form->node, "kind"), "kind", "claims",
			      words, count);
}

/* The row that the claim's kind and the key of its range say; an ordering falls where it says nothing. */
static int kind_find(struct claim_form *form)
{
	const struct claim_kind *kind, *first = NULL;
	const struct yaml_node *key;

	for (size_t i = 0; (kind = claim_kind_at(i)); i++) {
		if (strcmp(kind->key, form->kind_word) != 0)
			continue;
		first = first ? first : kind;
		key = yaml_find_key(form->node, kind->by);
		if (key && form->kind)
			return yaml_complain(form->document, key,
					     "\"%s\" stands beside \"%s\": a claim has one range",
					     kind->by, form->kind->by);
		if (key)
			form->kind = kind;
	}
	if (!first)
		return kind_unknown(form);
	if (!form->kind && !(first->needs & CLAIM_CELLS))
		return range_complain(form, first);
	form->kind = form->kind ? form->kind : first;
	return 0;
}

/* Whether some kind has the range under this key, and this one does not. */
static bool is_range_of_another(const struct claim_form *form, const char *key)
{
	const struct claim_kind *kind;

	for (size_t i = 0; (kind = claim_kind_at(i)); i++)
		if (strcmp(kind->by, key) == 0)
			return strcmp(form->kind->by, key) != 0;
	return false;
}

/* What the kind needs is there, and nothing that means nothing to it. */
static int needs_check(const struct claim_form *form)
{
	const struct yaml_node *node = form->node;

	for (size_t i = 0; i < FIELDS_COUNT(need_keys); i++)
		if (form->kind->needs & need_keys[i].need && !yaml_find(node, need_keys[i].key))
			return need_complain(form, need_keys[i].key);
	for (size_t i = 0; i < node->count; i++) {
		const char *key = node->keys[i]->text;
		bool stranger = is_range_of_another(form, key);

		for (size_t j = 0; j < FIELDS_COUNT(need_keys); j++)
			stranger = stranger || (strcmp(need_keys[j].key, key) == 0 &&
						!(form->kind->needs & need_keys[j].need));
		if (!stranger)
			continue;
		yaml_complain(form->document, node->keys[i],
			      "\"%s\" means nothing to a claim of kind \"%s\" by \"%s\"", key,
			      form->kind->key, form->kind->by);
		return yaml_hint(form->document, "leave it out, or take another kind");
	}
	return 0;
}

static json_t *range_end(double end)
{
	return isinf(end) ? json_null() : json_real(end);
}

static json_t *form_to_json(const struct claim_form *form)
{
	const struct {
		const char *key, *text;
	} texts[] = {{"because", form->because},
		     {"expects", form->expects},
		     {"differs", form->differs},
		     {"why", form->why},
		     {"explained", form->explained}};
	json_t *metrics = json_array(), *claim;
	int failed = 0;

	for (size_t i = 0; i < form->metric_count; i++)
		failed |= json_array_append_new(metrics, json_string(form->metrics[i]));
	claim = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:O?, s:O?, s:[o, o], s:b}", "id",
			  form->id, "source", form->source, "says", form->says, "kind",
			  form->kind->key, "by", form->kind->by, "metrics", metrics, "means",
			  form->means, "of", form->of, "over", form->over, "within",
			  range_end(form->within[0]), range_end(form->within[1]), "own_model",
			  (int)form->own_model);
	if (form->cells)
		failed |= json_object_set(claim, "cells", form->cells);
	if (form->along < AXIS_COUNT)
		failed |= json_object_set_new(claim, "along",
					      json_string(axis_at(form->along)->key));
	for (size_t i = 0; i < FIELDS_COUNT(texts); i++)
		if (texts[i].text)
			failed |= json_object_set_new(claim, texts[i].key,
						      json_string(texts[i].text));
	if (failed) {
		json_decref(claim);
		return NULL;
	}
	return claim;
}

/* One that is not tested is about no metric: it has a verdict, and that says why. */
static int untested_read(struct claim_form *form)
{
	schema_words_free(form->metrics, form->metric_count);
	free(form->means);
	form->metrics = calloc(1, sizeof *form->metrics);
	form->metric_count = form->metrics && (form->metrics[0] = strdup("")) ? 1 : 0;
	form->means = strdup("");
	form->within[0] = -INFINITY;
	form->within[1] = INFINITY;
	form->own_model = false;
	return form->metric_count && form->means ? 0 : schema_no_memory(form->document);
}

static int claim_read(struct claim_form *form)
{
	int code;

	schema_defaults(claim_fields, FIELDS_COUNT(claim_fields), form);
	code = schema_read(form->document, form->node, "claims", claim_fields,
			   FIELDS_COUNT(claim_fields), form);
	if (code == 0)
		code = kind_find(form);
	if (code == 0)
		code = needs_check(form);
	if (code == 0 && !form->kind->decide)
		return untested_read(form);
	if (code == 0 && form->metric_count == 0)
		code = need_complain(form, "metric");
	if (code == 0)
		code = claim_along_read(form);
	if (code == 0)
		code = claim_metrics_check(form);
	if (code == 0)
		code = claim_cells_read(form);
	return code < 0 ? code : claim_range_read(form);
}

static int claim_add(const struct claim_form *form, struct scenario_part *part)
{
	for (size_t i = 0; i < form->scenario->part_count; i++)
		if (json_find(form->scenario->parts[i].claims, "id", form->id))
			return yaml_complain(form->document, yaml_find(form->node, "id"),
					     "claim \"%.60s\" stands twice", form->id);
	if (json_array_append_new(part->claims, form_to_json(form)) < 0)
		return schema_no_memory(form->document);
	return 0;
}

static void form_destroy(struct claim_form *form)
{
	char *const texts[] = {form->id,      form->source,  form->says,     form->kind_word,
			       form->means,   form->because, form->expects,  form->along_word,
			       form->differs, form->why,     form->explained};

	for (size_t i = 0; i < FIELDS_COUNT(texts); i++)
		free(texts[i]);
	schema_words_free(form->metrics, form->metric_count);
	json_decref(form->of);
	json_decref(form->over);
	json_decref(form->cells);
}

int scenario_claims_read(const struct yaml_document *document, const struct yaml_node *node,
			 const struct scenario *scenario, struct scenario_part *part)
{
	int code;

	if (!node)
		return 0;
	code = schema_expect(document, node, NODE_LIST, "claims", "a list of claims");
	for (size_t i = 0; code == 0 && i < node->count; i++) {
		struct claim_form form = {.document = document,
					  .node = node->items[i],
					  .known_metrics = document->context,
					  .scenario = scenario,
					  .part = part};

		code = claim_read(&form);
		if (code == 0)
			code = claim_add(&form, part);
		form_destroy(&form);
	}
	return code;
}
