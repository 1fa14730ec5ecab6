/* What a scenario part has around its servers: `files` that they send, `backends` that they ask. */
#include "harness/scenario/read.h"

#include <stdlib.h>
#include <string.h>

#define FILE_HIGHEST 10737418240.0 /* 10 GiB */
enum { FILES_MOST = 64, NAME_MOST = 100 };

static const char *const backend_names[BACKENDS] = {
	[BACKEND_POSTGRESQL] = "postgresql",
	[BACKEND_DELAY] = "delay",
};

const char *scenario_backend_name(enum backend_kind kind)
{
	return backend_names[kind];
}

static enum backend_kind find_backend(const char *name)
{
	enum backend_kind kind = 0;

	while (kind < BACKENDS && strcmp(backend_names[kind], name) != 0)
		kind++;
	return kind;
}

int scenario_backends_read(const struct yaml_document *document, const struct yaml_node *node,
			   void *into)
{
	struct scenario_part *part = into;
	char **words = NULL;
	size_t count = 0;
	int code = schema_words(document, node, "backends", &words, &count);

	part->backends = 0;
	for (size_t i = 0; code == 0 && i < count; i++) {
		enum backend_kind kind = find_backend(words[i]);

		if (kind == BACKENDS)
			code = schema_unknown(document, node->items[i], "backend", NULL,
					      backend_names, BACKENDS);
		part->backends |= 1u << kind;
	}
	schema_words_free(words, count);
	return code;
}

json_t *scenario_backends_to_json(const struct scenario_part *part)
{
	json_t *names = json_array();

	for (enum backend_kind kind = 0; kind < BACKENDS; kind++)
		if (part->backends & 1u << kind)
			json_array_append_new(names, json_string(backend_names[kind]));
	return names;
}

int scenario_backends_from_json(struct scenario_part *part, const json_t *array,
				struct error *error)
{
	const json_t *name;
	size_t i;

	json_array_foreach(array, i, name)
	{
		enum backend_kind kind = json_is_string(name)
						 ? find_backend(json_string_value(name))
						 : BACKENDS;

		if (kind == BACKENDS)
			return error_set(error, "\"backends\" holds what is no backend");
		part->backends |= 1u << kind;
	}
	return 0;
}

static const struct field size_field = {.key = "files",
					.kind = FIELD_BYTES,
					.lowest = 0,
					.highest = FILE_HIGHEST,
					.example = "{1k.bin: 1 KiB, 1m.bin: 1 MiB}",
					.help = "sizes of files, by their names"};

static bool is_file_name(const char *name, size_t length)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return length > 0 && length <= NAME_MOST && *name != '.' && strspn(name, allowed) >= length;
}

int scenario_files_read(const struct yaml_document *document, const struct yaml_node *node,
			void *into)
{
	struct scenario_part *part = into;
	int code = schema_expect(document, node, NODE_MAPPING, "files",
				 "a mapping of names to sizes");

	if (code < 0)
		return code;
	if (node->count == 0 || node->count > FILES_MOST)
		return yaml_complain(document, node, "\"files\" names 1 to %d files", FILES_MOST);
	scenario_files_free(part);
	part->files = calloc(node->count, sizeof *part->files);
	if (!part->files)
		return schema_no_memory(document);
	for (size_t i = 0; code == 0 && i < node->count; i++) {
		const char *name = node->keys[i]->text;
		double bytes = 0;

		if (!is_file_name(name, strlen(name))) {
			yaml_complain(document, node->keys[i], "\"%.60s\" is no name of a file",
				      name);
			return yaml_hint(document, "letters, digits, -, _ and ., not first");
		}
		code = schema_number(document, node->items[i], &size_field, &bytes);
		part->files[i] = (struct scenario_file){strdup(name), (uint64_t)bytes};
		part->file_count = i + 1;
		if (!part->files[i].name)
			code = schema_no_memory(document);
	}
	return code;
}

int scenario_files_copy(struct scenario_part *part, const struct scenario_part *from)
{
	part->files = from->file_count ? calloc(from->file_count, sizeof *part->files) : NULL;
	if (from->file_count && !part->files)
		return -1;
	for (size_t i = 0; i < from->file_count; i++) {
		part->files[i] = (struct scenario_file){strdup(from->files[i].name),
							from->files[i].bytes};
		part->file_count = i + 1;
		if (!part->files[i].name)
			return -1;
	}
	return 0;
}

void scenario_files_free(struct scenario_part *part)
{
	for (size_t i = 0; i < part->file_count; i++)
		free(part->files[i].name);
	free(part->files);
	part->files = NULL;
	part->file_count = 0;
}

json_t *scenario_files_to_json(const struct scenario_part *part)
{
	json_t *files = json_object();

	for (size_t i = 0; i < part->file_count; i++)
		json_object_set_new(files, part->files[i].name,
				    json_integer((json_int_t)part->files[i].bytes));
	return files;
}

int scenario_files_from_json(struct scenario_part *part, const json_t *object, struct error *error)
{
	const char *name;
	json_t *bytes;

	if (!object)
		return 0;
	part->files = calloc(json_object_size(object) + 1, sizeof *part->files);
	if (!part->files)
		return error_set(error, "out of memory");
	json_object_foreach((json_t *)(uintptr_t)object, name, bytes)
	{
		if (!is_file_name(name, strlen(name)) || !json_is_integer(bytes) ||
		    json_integer_value(bytes) < 0)
			return error_set(error, "\"files\" holds what is no file");
		part->files[part->file_count++] =
			(struct scenario_file){strdup(name), (uint64_t)json_integer_value(bytes)};
	}
	return 0;
}
