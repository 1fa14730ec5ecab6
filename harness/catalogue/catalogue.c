#include "harness/catalogue/catalogue.h"

#include "harness/catalogue/foreign.h"
#include "lib/nearest.h"
#include "harness/machine/paths.h"
#include "harness/process/kept_program.h"
#include "lib/hash.h"
#include "lib/text_buffer.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_SHOWN = 64 };
static const char prefix[] = "server-";

/* Runs `server-NAME --describe`, one of our own programs, and reads its JSON. */
static json_t *describe(const char *executable, struct error *error)
{
	struct text_buffer command = {0};
	json_error_t problem;
	json_t *description = NULL;
	FILE *output;

	text_append_shell(&command, executable);
	text_append(&command, " --describe");
	output = popen(text_string(&command), "re");
	text_destroy(&command);
	if (output) {
		description = json_loadf(output, 0, &problem);
		if (pclose(output) != 0) {
			json_decref(description);
			description = NULL;
		}
	}
	if (!description)
		error_set(error, "%s does not describe itself (--describe): rebuild it with make",
			  executable);
	return description;
}

bool catalogue_hash_build(const char *path, char hash[17])
{
	FILE *file = fopen(path, "re");
	uint64_t value = HASH_START;
	char block[16384];
	size_t count;
	bool good;

	if (!file)
		return false;
	while ((count = fread(block, 1, sizeof block, file)) > 0)
		value = hash_bytes(value, block, count);
	good = !ferror(file);
	fclose(file);
	snprintf(hash, 17, "%016" PRIx64, value);
	return good;
}

static void entry_destroy(struct server_entry *entry)
{
	free(entry->name);
	free(entry->label);
	free(entry->executable);
	free(entry->variant);
	free(entry->missing);
	if (entry->kept)
		kept_program_close(entry->kept);
	free(entry->kept);
	json_decref(entry->description);
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(((const struct server_entry *)left)->name,
		      ((const struct server_entry *)right)->name);
}

void catalogue_begin_build(struct catalogue *catalogue, const struct server_build *build)
{
	catalogue->build = build;
}

/* Without memory it has no name, or no label. */
static void label_entry(const struct server_build *build, struct server_entry *entry)
{
	char *name = entry->name;

	entry->label = strdup(build->label);
	if (!name || !entry->label || asprintf(&entry->name, "%s@%s", name, build->label) < 0)
		entry->name = NULL;
	free(name);
}

int catalogue_add(struct catalogue *catalogue, struct server_entry *entry, struct error *error)
{
	struct server_entry *entries = NULL;
	int result = -ENOMEM;

	if (catalogue->build)
		label_entry(catalogue->build, entry);
	if (entry->name && catalogue_find(catalogue, entry->name)) {
		error_set(error, "there is a server \"%s\" already: give this one another name",
			  entry->name);
		result = -EEXIST;
	} else if (entry->name && entry->executable && entry->description) {
		entries = realloc(catalogue->entries, (catalogue->count + 1) * sizeof *entries);
	}
	if (!entries) {
		if (result == -ENOMEM)
			error_set(error, "out of memory");
		entry_destroy(entry);
		return result;
	}
	entries[catalogue->count++] = *entry;
	catalogue->entries = entries;
	qsort(entries, catalogue->count, sizeof *entries, compare_names);
	return 0;
}

static int add(struct catalogue *catalogue, const char *executable, json_t *description,
	       const char *variant, struct error *error)
{
	const char *base = json_string_value(json_object_get(description, "name"));
	const char *unavailable = json_string_value(json_object_get(description, "unavailable"));
	struct server_entry entry = {.executable = strdup(executable),
				     .variant = variant ? strdup(variant) : NULL,
				     .missing = unavailable ? strdup(unavailable) : NULL,
				     .description = json_incref(description)};

	if (!base || asprintf(&entry.name, variant ? "%s/%s" : "%s", base, variant) < 0)
		entry.name = NULL;
	if (!base || !catalogue_hash_build(executable, entry.build)) {
		entry_destroy(&entry);
		return error_set(error, "%s cannot be read, or has no name", executable);
	}
	return catalogue_add(catalogue, &entry, error);
}

static int add_with_variants(struct catalogue *catalogue, const char *executable,
			     struct error *error)
{
	json_t *description = describe(executable, error), *variant;
	int result;
	size_t i;

	if (!description)
		return -EINVAL;
	result = add(catalogue, executable, description, NULL, error);
	json_array_foreach(json_object_get(description, "variants"), i, variant) if (result == 0)
		result = add(catalogue, executable, description,
			     json_string_value(json_object_get(variant, "name")), error);
	json_decref(description);
	return result;
}

static int read_folder(struct catalogue *catalogue, const char *folder, struct error *error)
{
	DIR *directory = opendir(folder);
	struct dirent *file;
	char path[PATH_MAX];
	int result = 0;

	if (!directory) {
		result = -errno;
		error_set(error, "cannot look for servers in %s: %s", folder, strerror(-result));
		return result;
	}
	while (result == 0 && (file = readdir(directory)) != NULL) {
		if (strncmp(file->d_name, prefix, sizeof prefix - 1) != 0 ||
		    strchr(file->d_name, '.'))
			continue;
		result = paths_join(path, folder, file->d_name, "");
		if (result == 0)
			result = add_with_variants(catalogue, path, error);
	}
	closedir(directory);
	return result;
}

/* Whether there is a program of the name in a folder. */
static bool has_servers(const char *folder)
{
	DIR *directory = opendir(folder);
	struct dirent *file;
	bool found = false;

	while (directory && !found && (file = readdir(directory)) != NULL)
		found = strncmp(file->d_name, prefix, sizeof prefix - 1) == 0;
	if (directory)
		closedir(directory);
	return found;
}

int catalogue_read_build(struct catalogue *catalogue, struct error *error)
{
	const char *folder = catalogue->build->folder;
	char built[PATH_MAX];

	if (!has_servers(folder) && paths_join(built, folder, "build/release", "") == 0 &&
	    has_servers(built))
		folder = built;
	return read_folder(catalogue, folder, error);
}

/* What `make` has noted of models that it could not build: a line each, "NAME reason". */
static char *read_skipped(const char *folder)
{
	char path[PATH_MAX], *text = NULL;
	size_t room = 0;
	FILE *file = NULL;

	if (paths_join(path, folder, "skipped-models", "") == 0)
		file = fopen(path, "re");
	if (file && getdelim(&text, &room, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	if (file)
		fclose(file);
	return text;
}

bool catalogue_is_skipped(const struct catalogue *catalogue, const char *name, char *reason,
			  size_t size)
{
	size_t length = strcspn(name, "/");

	for (const char *line = catalogue->skipped; line && *line;) {
		size_t end = strcspn(line, "\n");

		if (end > length && strncmp(line, name, length) == 0 && line[length] == ' ') {
			snprintf(reason, size, "%.*s", (int)(end - length - 1), line + length + 1);
			return true;
		}
		line += end + (line[end] == '\n');
	}
	return false;
}

int catalogue_read(struct catalogue *catalogue, const char *const *folders, struct error *error)
{
	int result = 0;

	*catalogue = (struct catalogue){.skipped = read_skipped(*folders)};
	for (; *folders && result == 0; folders++)
		result = read_folder(catalogue, *folders, error);
	if (result == 0 && catalogue->count == 0)
		result = error_set(error, "no servers are built: run make");
	if (result < 0)
		catalogue_destroy(catalogue);
	return result;
}

void catalogue_destroy(struct catalogue *catalogue)
{
	for (size_t i = 0; i < catalogue->count; i++)
		entry_destroy(&catalogue->entries[i]);
	free(catalogue->entries);
	for (size_t i = 0; i < catalogue->manifest_count; i++) {
		manifest_destroy(catalogue->manifests[i]);
		free(catalogue->manifests[i]);
	}
	free(catalogue->manifests);
	free(catalogue->skipped);
	*catalogue = (struct catalogue){0};
}

const struct server_entry *catalogue_find(const struct catalogue *catalogue, const char *name)
{
	for (size_t i = 0; i < catalogue->count; i++)
		if (strcmp(catalogue->entries[i].name, name) == 0)
			return &catalogue->entries[i];
	return NULL;
}

int catalogue_complain(const struct catalogue *catalogue, const char *name, struct error *error)
{
	const char *names[NAMES_SHOWN], *near;
	char list[600];
	size_t count = catalogue->count < NAMES_SHOWN ? catalogue->count : NAMES_SHOWN;

	for (size_t i = 0; i < count; i++)
		names[i] = catalogue->entries[i].name;
	near = nearest_word(name, names, count);
	return error_set(error, "there is no server \"%s\"%s%s%s (there are: %s)", name,
			 near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "",
			 nearest_list(names, count, list, sizeof list));
}

static int keep(struct server_entry *entry)
{
	entry->kept = malloc(sizeof *entry->kept);
	return entry->kept ? kept_program_open(entry->kept, entry->executable) : -ENOMEM;
}

int catalogue_keep(struct catalogue *catalogue, struct error *error)
{
	for (size_t i = 0; i < catalogue->count; i++) {
		struct server_entry *entry = &catalogue->entries[i];
		int result = server_entry_is_own(entry) && !entry->missing && !entry->kept
				     ? keep(entry)
				     : 0;

		if (result < 0) {
			error_set(error, "cannot open %s: %s", entry->executable,
				  strerror(-result));
			return result;
		}
	}
	return 0;
}

void catalogue_allow_start(struct catalogue *catalogue, uint64_t timeout_ns)
{
	for (size_t i = 0; timeout_ns > 0 && i < catalogue->count; i++)
		catalogue->entries[i].start_timeout_ns = timeout_ns;
}
