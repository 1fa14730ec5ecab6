/* Which rows of the suite a manifest's server is known to fail: the list "known". */
#include "harness/catalogue/manifest_parts.h"

#include "harness/check/rows.h"
#include "harness/yaml/parse.h"
#include "lib/json.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct known_entry {
	struct manifest_profile *profile;
	char **rows;
	size_t row_count;
	char *reason;
	bool sometimes;
};

static int rows_read(const struct yaml_document *, const struct yaml_node *, void *);

static const char what[] = "a list of mappings, as in [{rows: [a], reason: b}], or a file with one";

/* clang-format off */
static const struct field known_fields[] = {
	{.key = "rows", .kind = FIELD_OWN, .read = rows_read, .required = true,
	 .example = "[version-0.9]", .help = "of tenk check"},
	{.key = "reason", .kind = FIELD_TEXT, .offset = offsetof(struct known_entry, reason),
	 .required = true, .example = "HTTP/0.9 is served", .help = "one sentence: why"},
	{.key = "sometimes", .kind = FIELD_FLAG, .offset = offsetof(struct known_entry, sometimes),
	 .example = "true", .help = "it is a matter of chance whether they fail"},
};
/* clang-format on */

static bool is_listed(const struct manifest_profile *profile, const char *row)
{
	return json_find(profile->known, "row", row) != NULL;
}

static int complain_of_row(const struct yaml_document *document, const struct yaml_node *node)
{
	size_t count = check_row_count();
	const char **names = calloc(count, sizeof *names);
	int code;

	if (!names)
		return schema_no_memory(document);
	for (size_t i = 0; i < count; i++)
		names[i] = check_row_name(check_row_at(i));
	code = schema_unknown(document, node, "row", NULL, names, count);
	free(names);
	return code;
}

static int rows_read(const struct yaml_document *document, const struct yaml_node *node, void *into)
{
	struct known_entry *entry = into;
	int code = schema_words(document, node, "rows", &entry->rows, &entry->row_count);

	for (size_t i = 0; code == 0 && i < node->count; i++) {
		if (!check_row_find(entry->rows[i]))
			code = complain_of_row(document, node->items[i]);
		else if (is_listed(entry->profile, entry->rows[i]))
			code = yaml_complain(document, node->items[i], "row \"%s\" is listed twice",
					     entry->rows[i]);
	}
	return code;
}

static int entry_read(const struct yaml_document *document, const struct yaml_node *node,
		      struct manifest_profile *profile)
{
	struct known_entry entry = {.profile = profile};
	int code = schema_expect(document, node, NODE_MAPPING, "known", what);

	if (code == 0)
		code = schema_read(document, node, "known", known_fields,
				   FIELDS_COUNT(known_fields), &entry);
	for (size_t i = 0; code == 0 && i < entry.row_count; i++)
		if (json_array_append_new(profile->known,
					  json_pack("{s:s, s:s, s:b}", "row", entry.rows[i],
						    "reason", entry.reason, "sometimes",
						    entry.sometimes)) < 0)
			code = schema_no_memory(document);
	schema_words_free(entry.rows, entry.row_count);
	free(entry.reason);
	return code;
}

/* What several servers have in common: the list stands in a file, named from the manifest's folder. */
static int file_read(const struct yaml_document *document, const struct yaml_node *node,
		     struct manifest_profile *profile)
{
	const char *slash = strrchr(document->file, '/');
	struct yaml_document other;
	char path[PATH_MAX];
	int code, length = snprintf(path, sizeof path, "%.*s%s",
				    slash ? (int)(slash + 1 - document->file) : 0, document->file,
				    node->text);

	if (length >= (int)sizeof path || access(path, R_OK) != 0)
		return yaml_complain(document, node, "there is no file \"%.100s\"", node->text);
	code = yaml_read(&other, path, document->error);
	if (code < 0)
		return code;
	code = schema_expect(&other, other.root, NODE_LIST, "known", what);
	for (size_t i = 0; code == 0 && i < other.root->count; i++)
		code = entry_read(&other, other.root->items[i], profile);
	yaml_destroy(&other);
	return code;
}

int manifest_known_read(const struct yaml_document *document, const struct yaml_node *node,
			void *into)
{
	struct manifest_profile *profile = into;
	int code;

	profile->known = json_array();
	if (node->kind == NODE_SCALAR)
		return file_read(document, node, profile);
	code = schema_expect(document, node, NODE_LIST, "known", what);
	for (size_t i = 0; code == 0 && i < node->count; i++)
		code = node->items[i]->kind == NODE_SCALAR
			       ? file_read(document, node->items[i], profile)
			       : entry_read(document, node->items[i], profile);
	return code;
}
