/* tenk --version: this build, the libraries that it and its servers run with, and what the kernel has. */
#include "harness/command/version.h"

#include "harness/catalogue/catalogue.h"
#include "harness/command/command.h"
#include "harness/doctor/features.h"
#include "harness/machine/environment.h"
#include "harness/machine/paths.h"
#include "lib/json.h"
#include "lib/text_buffer.h"
#include "report/plain.h"
#include "stored/checksum.h"

#include <ctype.h>
#include <hwloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>
#include <zlib.h>

enum { INDENT = 2, WIDTH = 100 };

/* "2.9", of 0x00020900. */
static json_t *hwloc_version(unsigned version)
{
	return json_sprintf("%u.%u.%u", version >> 16, version >> 8 & 0xff, version & 0xff);
}

/* Those of the environment in run.json, and those that no figure depends on. */
static json_t *describe_libraries(const json_t *environment)
{
	json_t *libraries = json_copy(json_object_get(environment, "libraries"));

	json_object_set_new(libraries, "libyaml", json_string(yaml_get_version_string()));
	json_object_set_new(libraries, "hwloc", hwloc_version(hwloc_get_api_version()));
	if (checksum_library())
		json_object_set_new(libraries, "libcrypto", json_string(checksum_library()));
	return libraries;
}

/* What it was built with where that is another version than the one that runs. */
static json_t *describe_built_with(const json_t *libraries)
{
	json_t *built = json_pack("{s:s, s:s, s:o}", "jansson", JANSSON_VERSION, "zlib",
				  ZLIB_VERSION, "hwloc", hwloc_version(HWLOC_API_VERSION));
	const char *name;
	json_t *version;
	void *next;

	json_object_foreach_safe(built, next, name,
				 version) if (json_equal(version, json_object_get(libraries, name)))
		json_object_del(built, name);
	return built;
}

/* "libuv 1.44.2": of the servers, each library once. */
static json_t *describe_server_libraries(const struct catalogue *catalogue)
{
	json_t *libraries = json_object();

	for (size_t i = 0; i < catalogue->count; i++) {
		const char *text = json_string_of(catalogue->entries[i].description, "library");
		size_t length = strcspn(text, " ");
		char name[64];

		if (!isdigit((unsigned char)text[length + (text[length] == ' ')]))
			continue; /* ways of its own to do without one */
		snprintf(name, sizeof name, "%.*s", (int)length, text);
		json_object_set_new(libraries, name,
				    json_string(text[length] ? text + length + 1 : "?"));
	}
	return libraries;
}

static json_t *describe_not_built(const struct catalogue *catalogue)
{
	json_t *list = json_array();

	for (const char *line = catalogue->skipped; line && *line;) {
		size_t end = strcspn(line, "\n");

		json_array_append_new(list, json_stringn(line, end));
		line += end + (line[end] == '\n');
	}
	return list;
}

static void add_feature(json_t *list, const char *key, const char *title, bool there,
			const char *value)
{
	json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s}", "key", key, "title", title,
					      "there", there, "value", value));
}

/* What the server that uses it says: it knows what it needs of it. */
static void add_io_uring(json_t *list, const struct catalogue *catalogue)
{
	const struct server_entry *entry = catalogue_find(catalogue, "io-uring");
	char why[512];

	if (!entry)
		snprintf(why, sizeof why, "not known: server-io-uring was not built");
	else if (entry->missing)
		snprintf(why, sizeof why, "no: %s", entry->missing);
	else
		snprintf(why, sizeof why, "yes");
	add_feature(list, "io_uring", "io_uring", entry && !entry->missing, why);
}

static json_t *describe_features(const struct catalogue *catalogue)
{
	struct doctor_finding findings[FEATURES_MOST];
	size_t count = features_look("", findings);
	json_t *list = json_array();

	add_io_uring(list, catalogue);
	for (size_t i = 0; i < count; i++)
		add_feature(list, findings[i].key, findings[i].title,
			    strncmp(findings[i].value, "no: ", 4) != 0, findings[i].value);
	return list;
}

static json_t *describe_build(const json_t *environment, const char *commit)
{
	char hash[17] = "";

	return json_pack("{s:s?, s:s, s:s, s:b, s:s?}", "commit", *commit ? commit : NULL,
			 "compiler", json_string_of(environment, "compiler"), "flags",
			 json_string_of(environment, "build_flags"), "sanitized",
			 strstr(TENK_BUILD_FLAGS, "-fsanitize=") != NULL, "program",
			 catalogue_hash_build("/proc/self/exe", hash) ? hash : NULL);
}

/* Servers that are not there, or are broken, keep nobody from being told the rest. */
static json_t *describe(const char *commit)
{
	struct catalogue catalogue = {0};
	struct paths paths;
	struct error error = {""};
	char path[PATH_MAX];
	json_t *environment = environment_read(), *libraries = describe_libraries(environment);
	json_t *version;
	bool found = paths_find(&paths, &error) == 0, many = false;

	if (found) {
		const char *folders[] = {paths.servers, NULL};

		found = catalogue_read(&catalogue, folders, &error) == 0;
		many = snprintf(path, sizeof path, "%s-mpi", paths.load_generator) <
			       (int)sizeof path &&
		       access(path, X_OK) == 0;
	}
	version = json_pack(
		"{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:O?, s:O?, s:o}", "schema", 1,
		"version", TENK_VERSION, "build", describe_build(environment, commit), "libraries",
		libraries, "built_with", describe_built_with(libraries), "server_libraries",
		describe_server_libraries(&catalogue), "not_built", describe_not_built(&catalogue),
		"problem", found ? "" : error.text, "tenk_load_mpi", many, "kernel",
		json_object_get(environment, "kernel"), "os", json_object_get(environment, "os"),
		"features", describe_features(&catalogue));
	catalogue_destroy(&catalogue);
	json_decref(environment);
	return version;
}

/* "jansson 2.14, zlib 1.2.13": with what they were built where that was another version. */
static void append_libraries(struct text_buffer *out, const json_t *libraries,
			     const json_t *built_with)
{
	const char *name;
	json_t *version;

	json_object_foreach((json_t *)(uintptr_t)libraries, name, version)
	{
		const char *built = json_string_of(built_with, name);

		text_append_format(out, "%s%s %s", out->length ? ", " : "", name,
				   json_string_value(version));
		if (*built)
			text_append_format(out, " (built with %s)", built);
	}
}

/* Where there is a text, which is emptied. */
static void print_line(const char *label, struct text_buffer *text)
{
	struct text_buffer line = {0};

	if (text->length > 0) {
		text_append_format(&line, "%s: %s", label, text_string(text));
		plain_print_wrapped(text_string(&line), INDENT, WIDTH, false, stdout);
	}
	text_destroy(&line);
	text_destroy(text);
}

static void print_text(const json_t *version)
{
	const json_t *build = json_object_get(version, "build"), *item;
	const char *commit = json_string_of(build, "commit");
	struct text_buffer text = {0};
	size_t i;

	printf("tenk %s\n", json_string_of(version, "version"));
	text_append_format(&text, "%s%s; %s; %s; %s; program %s", *commit ? "commit " : "",
			   *commit ? commit : "commit not known",
			   json_is_true(json_object_get(build, "sanitized")) ? "sanitized"
									     : "release",
			   json_string_of(build, "flags"), json_string_of(build, "compiler"),
			   json_string_of(build, "program"));
	print_line("build", &text);
	append_libraries(&text, json_object_get(version, "libraries"),
			 json_object_get(version, "built_with"));
	print_line("libraries", &text);
	append_libraries(&text, json_object_get(version, "server_libraries"), NULL);
	print_line("libraries of servers", &text);
	json_array_foreach(json_object_get(version, "not_built"), i, item)
	{
		text_append(&text, json_string_value(item));
		print_line("not built", &text);
	}
	if (!json_is_true(json_object_get(version, "tenk_load_mpi"))) {
		text_append(&text, "tenk-load-mpi");
		print_line("not built", &text);
	}
	text_append(&text, json_string_of(version, "problem"));
	print_line("not found", &text);
	text_append_format(&text, "%s, %s", json_string_of(version, "kernel"),
			   json_string_of(version, "os"));
	print_line("kernel", &text);
	json_array_foreach(json_object_get(version, "features"), i, item)
	{
		text_append(&text, json_string_of(item, "value"));
		print_line(json_string_of(item, "title"), &text);
	}
}

int command_version(const char *commit, bool as_json)
{
	json_t *version = describe(commit);

	if (!version)
		return command_fail(EXIT_FAILED, "out of memory");
	if (as_json) {
		json_dumpf(version, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		print_text(version);
	}
	json_decref(version);
	return EXIT_OK;
}
