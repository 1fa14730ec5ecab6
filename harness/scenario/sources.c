#include "harness/scenario/sources.h"

#include "harness/yaml/parse.h"
#include "harness/yaml/schema.h"
#include "lib/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

enum { KEY_MOST = 48, YEAR_FIRST = 1950, YEAR_LAST = 2100 };

struct source {
	char *title, *kind, *found, *reported_by;
	uint64_t year; /* 0: not known */
};

static int kind_read(const struct yaml_document *document, const struct yaml_node *node,
		     void *into);
static int found_read(const struct yaml_document *document, const struct yaml_node *node,
		      void *into);

/* clang-format off */
static const struct field source_fields[] = {
	{.key = "title", .kind = FIELD_TEXT, .required = true, .offset = offsetof(struct source, title),
	 .example = "Why Events Are a Bad Idea", .help = "what it is called, and who wrote it"},
	{.key = "kind", .kind = FIELD_OWN, .required = true, .read = kind_read,
	 .example = "paper", .help = "what kind of text it is"},
	{.key = "year", .kind = FIELD_COUNT, .lowest = YEAR_FIRST, .highest = YEAR_LAST,
	 .offset = offsetof(struct source, year), .example = "2003", .help = "when it appeared"},
	{.key = "found", .kind = FIELD_OWN, .read = found_read,
	 .example = "https://doi.org/10.1145/945445.945471", .help = "its address, where it is public"},
	{.key = "reported-by", .kind = FIELD_TEXT, .offset = offsetof(struct source, reported_by),
	 .example = "its abstract", .help = "through whom its figures are known"},
};
/* clang-format on */

static const char *const kinds[] = {"article",	     "blog",	       "paper",	  "talk",
				    "documentation", "benchmark page", "folklore"};

static int kind_read(const struct yaml_document *document, const struct yaml_node *node, void *into)
{
	struct source *source = into;
	int code = schema_text(document, node, "kind", &source->kind);

	for (size_t i = 0; code == 0 && i < COUNT_OF(kinds); i++)
		if (strcmp(kinds[i], source->kind) == 0)
			return 0;
	return code < 0 ? code
			: schema_unknown(document, node, "kind", "sources", kinds, COUNT_OF(kinds));
}

static int found_read(const struct yaml_document *document, const struct yaml_node *node,
		      void *into)
{
	struct source *source = into;
	int code = schema_text(document, node, "found", &source->found);

	if (code < 0 || strncmp(source->found, "https://", 8) == 0 ||
	    strncmp(source->found, "http://", 7) == 0)
		return code;
	yaml_complain(document, node, "\"found\" must be an address");
	return yaml_hint(document, "for instance  found: https://doi.org/10.1145/945445.945471; "
				   "leave it out where none is known");
}

static void source_destroy(struct source *source)
{
	free(source->title);
	free(source->kind);
	free(source->found);
	free(source->reported_by);
}

static int source_add(const struct yaml_document *document, const struct yaml_node *key,
		      const struct source *source, json_t *sources)
{
	json_t *one = json_pack("{s:s, s:s, s:s}", "key", key->text, "title", source->title, "kind",
				source->kind);
	int result = one ? 0 : -1;

	if (one && source->year)
		result |= json_object_set_new(one, "year", json_integer((json_int_t)source->year));
	if (one && source->found)
		result |= json_object_set_new(one, "found", json_string(source->found));
	if (one && source->reported_by)
		result |= json_object_set_new(one, "reported_by", json_string(source->reported_by));
	result |= json_object_set_new(sources, key->text, one);
	return result == 0 ? 0 : schema_no_memory(document);
}

static int source_read(const struct yaml_document *document, const struct yaml_node *key,
		       const struct yaml_node *node, json_t *sources)
{
	struct source source = {0};
	char where[KEY_MOST + 16];
	size_t length = strlen(key->text);
	int code;

	if (length == 0 || length > KEY_MOST ||
	    strspn(key->text, "abcdefghijklmnopqrstuvwxyz0123456789-") != length) {
		yaml_complain(document, key, "\"%.60s\" is no short name of a source", key->text);
		return yaml_hint(document, "small letters, digits and -, at most %d", KEY_MOST);
	}
	snprintf(where, sizeof where, "source \"%s\"", key->text);
	code = schema_read(document, node, where, source_fields, COUNT_OF(source_fields), &source);
	if (code == 0)
		code = source_add(document, key, &source, sources);
	source_destroy(&source);
	return code;
}

json_t *sources_read(const char *file, struct error *error)
{
	struct yaml_document document;
	json_t *sources = json_object();
	int code = yaml_read(&document, file, error);

	if (code < 0) {
		json_decref(sources);
		return NULL;
	}
	code = sources ? schema_expect(&document, document.root, NODE_MAPPING, "sources",
				       "a mapping of short names to sources")
		       : schema_no_memory(&document);
	for (size_t i = 0; code == 0 && i < document.root->count; i++)
		code = source_read(&document, document.root->keys[i], document.root->items[i],
				   sources);
	yaml_destroy(&document);
	if (code == 0)
		return sources;
	json_decref(sources);
	return NULL;
}

/* Goes on with the text of the last entry if that is no known source, else begins one. */
static int append_text(json_t *list, const char *text, size_t length)
{
	json_t *last = json_array_get(list, json_array_size(list) - 1);
	const char *before = json_string_of(last, "title");
	json_t *whole;

	if (json_object_get(last, "key") || !*before)
		return json_array_append_new(list, json_pack("{s:s%}", "title", text, length));
	whole = json_sprintf("%s, %.*s", before, (int)length, text);
	return json_object_set_new(last, "title", whole);
}

json_t *sources_expand(const json_t *sources, const char *text)
{
	json_t *list = json_array();
	int result = list ? 0 : -1;

	while (result == 0 && *text) {
		size_t skip = strspn(text, " ,\t\n"), length = strcspn(text + skip, ",");
		const char *word = text + skip;
		json_t *known;
		char key[KEY_MOST + 1] = "";

		text = word + length;
		while (length > 0 && strchr(" \t\n", word[length - 1]))
			length--;
		if (length > 0 && length <= KEY_MOST)
			memcpy(key, word, length);
		known = json_object_get(sources, key);
		if (known)
			result = json_array_append(list, known);
		else if (length > 0)
			result = append_text(list, word, length);
	}
	if (result == 0)
		return list;
	json_decref(list);
	return NULL;
}

int sources_attach(struct scenario *scenario, const json_t *sources)
{
	json_t *claim;
	size_t i;

	for (size_t part = 0; part < scenario->part_count; part++)
		json_array_foreach(scenario->parts[part].claims, i, claim)
		{
			json_t *list = sources_expand(sources, json_string_of(claim, "source"));

			if (!list || json_object_set_new(claim, "sources", list) < 0)
				return -ENOMEM;
		}
	return 0;
}
