#include "harness/yaml/schema.h"

#include "lib/nearest.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	KEYS_MAX = 32,
	LIST_BESIDE_GUESS = 200, /* a longer list would bury the guess */
};

static const struct {
	enum unit_kind unit;
	const char *what;
} number_kinds[] = {
	[FIELD_COUNT] = {UNIT_COUNT, "a count"},
	[FIELD_DURATION] = {UNIT_DURATION, "a duration"},
	[FIELD_BYTES] = {UNIT_BYTES, "a size"},
	[FIELD_RATE] = {UNIT_RATE, "a rate"},
};

int schema_no_memory(const struct yaml_document *document)
{
	error_set(document->error, "%s: %s", document->file, strerror(ENOMEM));
	return -ENOMEM;
}

int schema_unknown(const struct yaml_document *document, const struct yaml_node *node,
		   const char *what, const char *where, const char *const *known, size_t count)
{
	const char *nearest = nearest_word(node->text, known, count);
	char list[400];

	nearest_list(known, count, list, sizeof list);
	yaml_complain(document, node, "unknown %s \"%.60s\"%s%s", what, node->text,
		      where ? " in " : "", where ? where : "");
	if (nearest && strlen(list) > LIST_BESIDE_GUESS)
		return yaml_hint(document, "did you mean \"%s\"?", nearest);
	if (nearest)
		return yaml_hint(document, "did you mean \"%s\"?  (%ss here: %s)", nearest, what,
				 list);
	return yaml_hint(document, "%ss here: %s", what, list);
}

int schema_expect(const struct yaml_document *document, const struct yaml_node *node,
		  enum node_kind kind, const char *key, const char *what)
{
	if (node->kind == kind)
		return 0;
	return yaml_complain(document, node, "\"%s\" must be %s, not %s", key, what,
			     yaml_kind_name(node));
}

/* Whether a plain scalar says that there is nothing. The word null does not: it names a server. */
static bool is_null(const struct yaml_node *node)
{
	return !node->quoted && (node->text[0] == '\0' || strcmp(node->text, "~") == 0);
}

int schema_text(const struct yaml_document *document, const struct yaml_node *node, const char *key,
		char **text)
{
	size_t skip, length;

	if (schema_expect(document, node, NODE_SCALAR, key, "a text") < 0)
		return -EINVAL;
	skip = strspn(node->text, " \t\n");
	length = strlen(node->text + skip);
	while (length > 0 && isspace((unsigned char)node->text[skip + length - 1]))
		length--;
	if (length == 0 || is_null(node))
		return yaml_complain(document, node, "\"%s\" is empty", key);
	free(*text); /* a key read again overrides */
	*text = strndup(node->text + skip, length);
	return *text ? 0 : schema_no_memory(document);
}

void schema_words_free(char **words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(words[i]);
	free(words);
}

/* Complains about a word that stands earlier in the same list. */
static int check_unique(const struct yaml_document *document, const struct yaml_node *node,
			char *const *words, size_t index, const char *key)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(words[i], words[index]) == 0)
			return yaml_complain(document, node->items[index],
					     "\"%.60s\" stands twice in %s", words[index], key);
	return 0;
}

int schema_texts(const struct yaml_document *document, const struct yaml_node *node,
		 const char *key, bool unique, char ***words, size_t *count)
{
	char **list;
	int code = schema_expect(document, node, NODE_LIST, key, "a list, as in [a, b]");

	if (code < 0)
		return code;
	if (node->count == 0)
		return yaml_complain(document, node, "\"%s\" is an empty list", key);
	list = calloc(node->count, sizeof *list);
	if (!list)
		return schema_no_memory(document);
	for (size_t i = 0; code == 0 && i < node->count; i++) {
		code = schema_text(document, node->items[i], key, &list[i]);
		if (code == 0 && unique)
			code = check_unique(document, node, list, i, key);
	}
	if (code < 0) {
		schema_words_free(list, node->count);
		return code;
	}
	schema_words_free(*words, *count);
	*words = list;
	*count = node->count;
	return 0;
}

int schema_words(const struct yaml_document *document, const struct yaml_node *node,
		 const char *key, char ***words, size_t *count)
{
	return schema_texts(document, node, key, true, words, count);
}

/* What a value could look like, below a complaint about one. */
static int hint_example(const struct yaml_document *document, const struct field *field)
{
	return yaml_hint(document, "for instance  %s: %s   (%s)", field->key, field->example,
			 field->help);
}

/* Bounds as people write them: durations and sizes with their units, the rest in full. */
static const char *bound_format(const struct field *field, double bound, char *out, size_t size)
{
	enum unit_kind unit = number_kinds[field->kind].unit;

	if (unit == UNIT_DURATION || unit == UNIT_BYTES)
		return units_format(unit, bound, out, size);
	snprintf(out, size, "%.0f", bound);
	return out;
}

int schema_number(const struct yaml_document *document, const struct yaml_node *node,
		  const struct field *field, double *value)
{
	char lowest[32], highest[32];
	struct error problem;

	if (node->kind != NODE_SCALAR) {
		yaml_complain(document, node, "\"%s\" must be %s, not %s", field->key,
			      number_kinds[field->kind].what, yaml_kind_name(node));
		return hint_example(document, field);
	}
	if (units_parse_real(number_kinds[field->kind].unit, node->text, value, &problem) < 0) {
		yaml_complain(document, node, "%s", problem.text);
		return hint_example(document, field);
	}
	if (field->kind == FIELD_DURATION || field->kind == FIELD_BYTES)
		*value = round(*value);
	if (field->kind == FIELD_COUNT && *value != round(*value)) {
		yaml_complain(document, node, "\"%s\" must be a whole number", field->key);
		return hint_example(document, field);
	}
	if (*value >= field->lowest && *value <= field->highest)
		return 0;
	yaml_complain(document, node, "%s %s is out of range", field->key, node->text);
	return yaml_hint(document, "from %s to %s are possible here",
			 bound_format(field, field->lowest, lowest, sizeof lowest),
			 bound_format(field, field->highest, highest, sizeof highest));
}

static int flag_read(const struct yaml_document *document, const struct yaml_node *node,
		     const struct field *field, bool *flag)
{
	if (node->kind == NODE_SCALAR && !node->quoted) {
		*flag = strcmp(node->text, "true") == 0;
		if (*flag || strcmp(node->text, "false") == 0)
			return 0;
	}
	yaml_complain(document, node, "\"%s\" must be true or false", field->key);
	return hint_example(document, field);
}

void schema_set(const struct field *field, double value, void *into)
{
	char *member = (char *)into + field->offset;

	if (field->kind == FIELD_RATE)
		*(double *)(void *)member = value;
	else
		*(uint64_t *)(void *)member = (uint64_t)value;
}

static int field_read(const struct yaml_document *document, const struct yaml_node *node,
		      const struct field *field, void *into)
{
	void *member = (char *)into + field->offset;
	double value = 0;
	int code;

	switch (field->kind) {
	case FIELD_TEXT:
		return schema_text(document, node, field->key, member);
	case FIELD_FLAG:
		return flag_read(document, node, field, member);
	case FIELD_OWN:
		return field->read(document, node, into);
	case FIELD_LATER:
		return 0;
	case FIELD_COUNT:
	case FIELD_DURATION:
	case FIELD_BYTES:
	case FIELD_RATE:
		break;
	}
	code = schema_number(document, node, field, &value);
	if (code < 0)
		return code;
	schema_set(field, value, into);
	return 0;
}

void schema_defaults(const struct field *fields, size_t count, void *into)
{
	for (size_t i = 0; i < count; i++) {
		struct error error;
		struct yaml_document document = {.file = "default", .content = "", .error = &error};
		struct yaml_node node = {.kind = NODE_SCALAR, .text = (char *)fields[i].fallback};

		if (!fields[i].fallback)
			continue;
		/* Only a row of the table that contradicts itself can fail here. */
		int code = field_read(&document, &node, &fields[i], into);
		assert(code == 0 || code == -ENOMEM);
		(void)code;
	}
}

int schema_check_keys(const struct yaml_document *document, const struct yaml_node *mapping,
		      const char *where, const struct field *fields, size_t count)
{
	const char *names[KEYS_MAX];

	assert(count <= KEYS_MAX);
	if (mapping->kind != NODE_MAPPING)
		return yaml_complain(document, mapping, "%s must be a mapping of keys, not %s",
				     where, yaml_kind_name(mapping));
	for (size_t i = 0; i < count; i++)
		names[i] = fields[i].key;
	for (size_t i = 0; i < mapping->count; i++) {
		bool known = false;

		for (size_t j = 0; j < count; j++)
			known = known || strcmp(mapping->keys[i]->text, names[j]) == 0;
		if (!known)
			return schema_unknown(document, mapping->keys[i], "key", where, names,
					      count);
	}
	for (size_t i = 0; i < count; i++) {
		if (!fields[i].required || yaml_find(mapping, fields[i].key))
			continue;
		yaml_complain(document, mapping, "key \"%s\" is missing in %s", fields[i].key,
			      where);
		return hint_example(document, &fields[i]);
	}
	return 0;
}

int schema_store(const struct yaml_document *document, const struct yaml_node *mapping,
		 const struct field *fields, size_t count, void *into)
{
	int code = 0;

	for (size_t i = 0; code == 0 && i < count; i++) {
		const struct yaml_node *node = yaml_find(mapping, fields[i].key);

		if (node)
			code = field_read(document, node, &fields[i], into);
	}
	return code;
}

int schema_read(const struct yaml_document *document, const struct yaml_node *mapping,
		const char *where, const struct field *fields, size_t count, void *into)
{
	int code = schema_check_keys(document, mapping, where, fields, count);

	return code < 0 ? code : schema_store(document, mapping, fields, count, into);
}
