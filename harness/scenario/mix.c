/* Several kinds of request in one load: `mix`, read, copied, and as run.json has it, and back. */
#include "harness/scenario/read.h"
#include "stored/metric.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHT_HIGHEST 1e6
enum { KINDS_FEWEST = 2, KINDS_MOST = 16, KIND_FIELDS = SCENARIO_REQUEST_FIELDS + 2 };

/* One entry of the list. The load comes first: rows of requests read into it. */
struct kind_form {
	struct load load;
	char *name;
	uint64_t weight;
};

/* An entry may hold a request as a load does, and two more. */
static void fill_fields(struct field fields[KIND_FIELDS])
{
	static const struct field own[] = {
		{.key = "weight",
		 .kind = FIELD_COUNT,
		 .offset = offsetof(struct kind_form, weight),
		 .lowest = 1,
		 .highest = WEIGHT_HIGHEST,
		 .fallback = "1",
		 .example = "99",
		 .help = "how many of these there are, beside the weights of the others"},
		{.key = "name",
		 .kind = FIELD_TEXT,
		 .offset = offsetof(struct kind_form, name),
		 .example = "quick",
		 .help = "what its figures are called"},
	};
	size_t count;

	memcpy(fields, scenario_load_fields(&count), SCENARIO_REQUEST_FIELDS * sizeof *fields);
	memcpy(fields + SCENARIO_REQUEST_FIELDS, own, sizeof own);
}

/* "block" from "/block/{wait_ms}", "post-echo" from a POST. */
static void make_name(struct load_kind *kind)
{
	char whole[sizeof kind->method + sizeof kind->target];
	size_t length = 0;
	bool braces = false;

	snprintf(whole, sizeof whole, "%s%s", strcmp(kind->method, "GET") == 0 ? "" : kind->method,
		 kind->target);
	for (const char *p = whole; *p && length + 1 < sizeof kind->name; p++) {
		bool usable = isalnum((unsigned char)*p);

		braces = *p == '{' || (braces && *p != '}');
		if (braces || *p == '}' ||
		    (!usable && (length == 0 || kind->name[length - 1] == '-')))
			continue;
		kind->name[length++] = usable ? (char)tolower((unsigned char)*p) : '-';
	}
	while (length > 0 && kind->name[length - 1] == '-')
		length--;
	kind->name[length] = '\0';
	if (length == 0)
		snprintf(kind->name, sizeof kind->name, "root");
}

static bool is_kind_name(const char *name)
{
	return *name && strlen(name) < sizeof((struct load_kind *)0)->name && *name != '-' &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.")];
}

static const struct load_kind *find_kind(const struct scenario_part *part, const char *name)
{
	for (size_t i = 0; i < part->kind_count; i++)
		if (strcmp(part->kinds[i].name, name) == 0)
			return &part->kinds[i];
	return NULL;
}

/* An entry that was read becomes the part's next kind. */
static int kind_add(const struct yaml_document *document, const struct yaml_node *node,
		    const struct kind_form *form, struct scenario_part *part)
{
	struct load_kind kind = {.weight = form->weight};

	memcpy(kind.method, form->load.method, sizeof kind.method);
	memcpy(kind.target, form->load.target, sizeof kind.target);
	if (form->name && !is_kind_name(form->name)) {
		yaml_complain(document, yaml_find(node, "name"), "\"%.60s\" is no name of a kind",
			      form->name);
		return yaml_hint(document, "small letters, digits, -, _ and ., at most %zu",
				 sizeof kind.name - 1);
	}
	if (form->name)
		memcpy(kind.name, form->name, strlen(form->name) + 1);
	else
		make_name(&kind);
	if (find_kind(part, kind.name)) {
		yaml_complain(document, node, "two kinds of request have the name \"%s\"",
			      kind.name);
		return yaml_hint(document, "give this one another:  name: ...");
	}
	part->kinds[part->kind_count++] = kind;
	return 0;
}

static int kind_read(const struct yaml_document *document, const struct yaml_node *node,
		     struct scenario_part *part)
{
	struct field fields[KIND_FIELDS];
	struct kind_form form = {.name = NULL};
	int code = schema_expect(document, node, NODE_MAPPING, "mix",
				 "a list of requests, each  {get: /plaintext, weight: 99}");

	fill_fields(fields);
	schema_defaults(fields, KIND_FIELDS, &form);
	if (code == 0)
		code = schema_read(document, node, "mix", fields, KIND_FIELDS, &form);
	if (code == 0)
		code = scenario_check_one_request(document, node);
	if (code == 0 && !*form.load.method) {
		yaml_complain(document, node, "this entry of \"mix\" names no request");
		code = yaml_hint(document, "for instance  {get: /plaintext, weight: 99}");
	}
	if (code == 0)
		code = kind_add(document, node, &form, part);
	free(form.name);
	return code;
}

int scenario_mix_read(const struct yaml_document *document, const struct yaml_node *node,
		      struct scenario_part *part)
{
	int code = schema_expect(document, node, NODE_LIST, "mix",
				 "a list of requests, each  {get: /plaintext, weight: 99}");

	if (code < 0)
		return code;
	if (node->count < KINDS_FEWEST || node->count > KINDS_MOST) {
		yaml_complain(document, node, "a mix is of %d to %d kinds of request", KINDS_FEWEST,
			      KINDS_MOST);
		return yaml_hint(document,
				 "for instance  mix: [{get: /plaintext, weight: 99}, {get: "
				 "/block/50, weight: 1, name: slow}]");
	}
	scenario_mix_free(part);
	part->kinds = calloc(node->count, sizeof *part->kinds);
	if (!part->kinds)
		return schema_no_memory(document);
	for (size_t i = 0; code == 0 && i < node->count; i++)
		code = kind_read(document, node->items[i], part);
	if (code == 0) {
		memcpy(part->load.method, part->kinds[0].method, sizeof part->load.method);
		memcpy(part->load.target, part->kinds[0].target, sizeof part->load.target);
	}
	return code;
}

int scenario_kind_check(const struct yaml_document *document, const struct yaml_node *node,
			const struct scenario_part *part, const char *metric)
{
	const char *kind = metric_kind(metric), *known[KINDS_MOST];
	size_t count = 0;

	if (!kind)
		return 0;
	for (; count < part->kind_count && count < FIELDS_COUNT(known); count++) {
		known[count] = part->kinds[count].name;
		if (strcmp(known[count], kind) == 0)
			return 0;
	}
	if (count > 0)
		return schema_unknown(document, node, "kind of request", NULL, known, count);
	yaml_complain(document, node, "\"%.60s\" is of a kind of request, and this part has no mix",
		      metric);
	return yaml_hint(document, "for instance  metric: %.*s", (int)strcspn(metric, "@"), metric);
}

int scenario_mix_copy(struct scenario_part *part, const struct scenario_part *from)
{
	part->kinds = from->kind_count ? calloc(from->kind_count, sizeof *part->kinds) : NULL;
	if (from->kind_count && !part->kinds)
		return -1;
	if (from->kind_count)
		memcpy(part->kinds, from->kinds, from->kind_count * sizeof *part->kinds);
	part->kind_count = from->kind_count;
	return 0;
}

void scenario_mix_free(struct scenario_part *part)
{
	free(part->kinds);
	part->kinds = NULL;
	part->kind_count = 0;
}

bool scenario_part_names(const struct scenario_part *part, const char *placeholder)
{
	for (size_t i = 0; i < part->kind_count; i++)
		if (strstr(part->kinds[i].target, placeholder))
			return true;
	return strstr(part->load.target, placeholder) != NULL;
}

bool scenario_part_posts(const struct scenario_part *part)
{
	for (size_t i = 0; i < part->kind_count; i++)
		if (strcmp(part->kinds[i].method, "POST") == 0)
			return true;
	return strcmp(part->load.method, "POST") == 0;
}

json_t *scenario_mix_to_json(const struct scenario_part *part)
{
	json_t *list = json_array();

	for (size_t i = 0; i < part->kind_count; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s, s:I}", "name", part->kinds[i].name,
						"method", part->kinds[i].method, "target",
						part->kinds[i].target, "weight",
						(json_int_t)part->kinds[i].weight));
	return list;
}

static bool take_text(char *out, size_t size, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (!text || !*text || strlen(text) >= size)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

int scenario_mix_from_json(struct scenario_part *part, const json_t *list, struct error *error)
{
	const json_t *entry;
	size_t i;

	if (!list)
		return 0;
	if (json_array_size(list) < KINDS_FEWEST || json_array_size(list) > KINDS_MOST)
		return error_set(error, "\"mix\" of \"load\" is no list of kinds");
	part->kinds = calloc(json_array_size(list), sizeof *part->kinds);
	if (!part->kinds)
		return error_set(error, "out of memory");
	json_array_foreach(list, i, entry)
	{
		struct load_kind *kind = &part->kinds[i];
		json_int_t weight = json_integer_value(json_object_get(entry, "weight"));

		if (!take_text(kind->name, sizeof kind->name, entry, "name") ||
		    !take_text(kind->method, sizeof kind->method, entry, "method") ||
		    !take_text(kind->target, sizeof kind->target, entry, "target") ||
		    !is_kind_name(kind->name) || weight < 1)
			return error_set(error, "\"mix\" of \"load\" holds what is no kind");
		kind->weight = (uint64_t)weight;
		part->kind_count = i + 1;
	}
	return 0;
}
