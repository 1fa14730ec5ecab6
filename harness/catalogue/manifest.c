#include "harness/catalogue/manifest_parts.h"

#include "harness/yaml/parse.h"
#include "lib/text_buffer.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char file_name[] = "manifest.yaml";

static int architecture_read(const struct yaml_document *, const struct yaml_node *, void *);
static int version_read(const struct yaml_document *, const struct yaml_node *, void *);
static int routes_read(const struct yaml_document *, const struct yaml_node *, void *);
static int traits_read(const struct yaml_document *, const struct yaml_node *, void *);
static int version_command_read(const struct yaml_document *, const struct yaml_node *, void *);

/* clang-format off */

static const struct field manifest_fields[] = {
	{.key = "title", .kind = FIELD_TEXT, .offset = offsetof(struct manifest, title),
	 .example = "Node.js", .help = "the server's own name"},
	{.key = "architecture", .kind = FIELD_OWN, .read = architecture_read,
	 .example = "loops", .help = "the family of models that it belongs to"},
	{.key = "shared", .kind = FIELD_OWN, .read = manifest_shared_read,
	 .example = "../javascript", .help = "a folder whose files are its own, too"},
	{.key = "install", .kind = FIELD_OWN, .read = manifest_install_read,
	 .example = "{debian: [nginx]}", .help = "where it comes from"},
	{.key = "version", .kind = FIELD_OWN, .read = version_read,
	 .example = "{command: [nginx, -v], tested: \"1.22\"}", .help = "how it tells its version"},
	{.key = "routes", .kind = FIELD_OWN, .read = routes_read,
	 .example = "[/plaintext, /json]", .help = "what it answers"},
	{.key = "traits", .kind = FIELD_OWN, .read = traits_read,
	 .example = "[multi-process]", .help = "as of our own models"},
	{.key = "start-timeout", .kind = FIELD_DURATION, .offset = offsetof(struct manifest, start_timeout_ns),
	 .lowest = 1e6, .highest = 3600e9, .example = "30s", .help = "how long it may take to start"},
	{.key = "warm-up", .kind = FIELD_DURATION, .offset = offsetof(struct manifest, warm_up_ns),
	 .lowest = 1e6, .highest = 600e9, .example = "6s", .help = "how long it is loaded until it is as quick as it gets"},
	{.key = "summary", .kind = FIELD_LATER},
	{.key = "command", .kind = FIELD_LATER, .required = true,
	 .example = "[./mine, --port, \"{port}\"]", .help = "program and arguments, no shell"},
	{.key = "config", .kind = FIELD_LATER},
	{.key = "connections", .kind = FIELD_LATER},
	{.key = "collect", .kind = FIELD_LATER},
	{.key = "tuned", .kind = FIELD_LATER},
	{.key = "known", .kind = FIELD_LATER},
	{.key = "profiles", .kind = FIELD_LATER},
};

struct version {
	struct manifest *manifest;
	char *tested;
};

static const struct field version_fields[] = {
	{.key = "command", .kind = FIELD_OWN, .read = version_command_read, .required = true,
	 .example = "[nginx, -v]", .help = "prints its version"},
	{.key = "tested", .kind = FIELD_TEXT, .offset = offsetof(struct version, tested),
	 .example = "\"1.22\"", .help = "the version that the manifest was written for"},
};
/* clang-format on */

static int architecture_read(const struct yaml_document *document, const struct yaml_node *node,
			     void *into)
{
	static const char *const known[] = {"threads", "loops", "hybrids"};
	struct manifest *manifest = into;
	int code = schema_text(document, node, "architecture", &manifest->architecture);

	return code < 0 ? code
			: manifest_known_word(document, node, "architecture", known,
					      FIELDS_COUNT(known));
}

static int traits_read(const struct yaml_document *document, const struct yaml_node *node,
		       void *into)
{
	static const char *const known[] = {"blocking", "multi-process"};
	struct manifest *manifest = into;
	int code = schema_words(document, node, "traits", &manifest->traits,
				&manifest->trait_count);

	for (size_t i = 0; code == 0 && i < node->count; i++)
		code = manifest_known_word(document, node->items[i], "trait", known,
					   FIELDS_COUNT(known));
	return code;
}

static int routes_read(const struct yaml_document *document, const struct yaml_node *node,
		       void *into)
{
	struct manifest *manifest = into;
	int code = schema_words(document, node, "routes", &manifest->routes,
				&manifest->route_count);

	for (size_t i = 0; code == 0 && i < node->count; i++)
		if (manifest->routes[i][0] != '/') {
			yaml_complain(document, node->items[i], "\"%.60s\" is no route",
				      manifest->routes[i]);
			code = yaml_hint(document, "it begins with /; capitals stand for a number, "
						   "as in /bytes/N, NAME for a text");
		}
	return code;
}

static int version_command_read(const struct yaml_document *document, const struct yaml_node *node,
				void *into)
{
	struct manifest *manifest = ((struct version *)into)->manifest;

	return schema_texts(document, node, "command", false, &manifest->version_command,
			    &manifest->version_command_count);
}

static int version_read(const struct yaml_document *document, const struct yaml_node *node,
			void *into)
{
	struct manifest *manifest = into;
	struct version version = {.manifest = manifest};
	int code = schema_read(document, node, "version", version_fields,
			       FIELDS_COUNT(version_fields), &version);

	manifest->tested = version.tested;
	return code;
}

/* Name and folder from where the file is: ".../nginx/manifest.yaml", ".../mine.yaml". */
static int place_read(struct manifest *manifest, const char *file, struct error *error)
{
	char *path = realpath(file, NULL), *base, *name, *dot;
	int code;

	if (!path) {
		code = -errno;
		error_set(error, "%s: %s", file, strerror(-code));
		return code;
	}
	base = strrchr(path, '/');
	*base++ = '\0';
	name = strcmp(base, file_name) == 0 && strrchr(path, '/') ? strrchr(path, '/') + 1 : base;
	dot = name == base ? strrchr(base, '.') : NULL;
	if (dot && dot != base)
		*dot = '\0';
	manifest->file = strdup(file);
	manifest->folder = strdup(*path ? path : "/");
	manifest->name = strdup(name);
	free(path);
	if (!manifest->file || !manifest->folder || !manifest->name) {
		error_set(error, "%s: %s", file, strerror(ENOMEM));
		return -ENOMEM;
	}
	if (!manifest_is_name(manifest->name))
		return error_set(error,
				 "%s: the server is named \"%.60s\" after it, which must be small "
				 "letters, digits and -, at most %d",
				 file, manifest->name, MANIFEST_NAME_MAX);
	return 0;
}

static int root_read(const struct yaml_document *document, struct manifest *manifest)
{
	const struct yaml_node *profiles = yaml_find(document->root, "profiles");
	struct manifest_profile *plain = calloc(1, sizeof *plain);
	int code;

	if (!plain)
		return schema_no_memory(document);
	manifest->profiles = plain;
	manifest->profile_count = 1;
	code = schema_read(document, document->root, "the manifest", manifest_fields,
			   FIELDS_COUNT(manifest_fields), manifest);
	if (code == 0)
		code = manifest_plain_read(document, manifest);
	if (code == 0 && profiles)
		code = manifest_profiles_read(document, profiles, manifest);
	if (code == 0 && !manifest->title)
		manifest->title = strdup(manifest->name);
	return code == 0 && !manifest->title ? schema_no_memory(document) : code;
}

int manifest_read(struct manifest *manifest, const char *file, struct error *error)
{
	struct yaml_document document;
	int code;

	*manifest = (struct manifest){0};
	code = place_read(manifest, file, error);
	if (code == 0)
		code = yaml_read(&document, file, error);
	if (code == 0) {
		code = root_read(&document, manifest);
		yaml_destroy(&document);
	}
	if (code < 0)
		manifest_destroy(manifest);
	return code;
}

/* "mine" from "./Mine.py --port {port}". */
static char *name_of_command(const char *text)
{
	size_t start = strspn(text, " \t"), length;
	char *name;

	length = strcspn(text + start, " \t\n");
	for (size_t i = start; i < start + length; i++)
		if (text[i] == '/') {
			length -= i + 1 - start;
			start = i + 1;
		}
	name = strndup(text + start, length < MANIFEST_NAME_MAX ? length : MANIFEST_NAME_MAX);
	for (size_t i = 0; name && name[i]; i++)
		name[i] = isalnum((unsigned char)name[i]) ? (char)tolower((unsigned char)name[i])
							  : '-';
	if (name && !manifest_is_name(name)) {
		free(name);
		name = strdup("server");
	}
	return name;
}

/* Whether the shell may become the program, so that it is not in the way of signals. */
static bool is_single(const char *text)
{
	size_t skip = strspn(text, " \t"), length = strcspn(text + skip, " \t");

	return !strpbrk(text, ";&|()<>`\n") && !memchr(text + skip, '=', length);
}

/* What the shell is given; NULL: no memory. */
static char *write_command(const char *text, const char *folder)
{
	struct text_buffer command = {0};

	if (folder) {
		text_append(&command, "cd ");
		text_append_shell(&command, folder);
		text_append(&command, is_single(text) ? " && " : " || exit\n");
	}
	text_append_format(&command, "%s%s", is_single(text) ? "exec " : "", text);
	if (text_failed(&command)) {
		text_destroy(&command);
		return NULL;
	}
	return command.text;
}

int manifest_from_command(struct manifest *manifest, const char *text, const char *folder,
			  struct error *error)
{
	char *words[] = {(char *)"/bin/sh", (char *)"-c", NULL};
	struct manifest_profile *plain = calloc(1, sizeof *plain);

	*manifest = (struct manifest){.shell = true, .profiles = plain, .profile_count = 1};
	if (!strstr(text, "{port}")) {
		error_set(error,
			  "--server-cmd \"%.200s\" does not say {port}: a free port is chosen for "
			  "each start and put there, as in './mine --port {port}'",
			  text);
		free(plain);
		*manifest = (struct manifest){0};
		return -EINVAL;
	}
	words[2] = write_command(text, folder);
	manifest->folder = folder ? strdup(folder) : NULL;
	manifest->name = name_of_command(text);
	manifest->title = manifest->name ? strdup(manifest->name) : NULL;
	if (plain && words[2]) {
		plain->command = manifest_copy_words(words, FIELDS_COUNT(words));
		plain->command_count = plain->command ? FIELDS_COUNT(words) : 0;
		plain->summary = strdup(text);
	}
	free(words[2]);
	if (manifest->title && plain && plain->command && plain->summary)
		return 0;
	manifest_destroy(manifest);
	error_set(error, "out of memory");
	return -ENOMEM;
}

void manifest_destroy(struct manifest *manifest)
{
	for (size_t i = 0; manifest->profiles && i < manifest->profile_count; i++)
		manifest_profile_destroy(&manifest->profiles[i]);
	free(manifest->profiles);
	free(manifest->name);
	free(manifest->file);
	free(manifest->folder);
	free(manifest->shared);
	free(manifest->title);
	free(manifest->architecture);
	free(manifest->tested);
	schema_words_free(manifest->debian, manifest->debian_count);
	schema_words_free(manifest->build, manifest->build_count);
	schema_words_free(manifest->version_command, manifest->version_command_count);
	schema_words_free(manifest->routes, manifest->route_count);
	schema_words_free(manifest->traits, manifest->trait_count);
	*manifest = (struct manifest){0};
}

/* How much of a target stands for a part of a route in capitals: a text for NAME, else a number. */
static size_t part_length(const char *part, size_t part_bytes, const char *target)
{
	static const char digits[] = "0123456789";
	static const char marks[] = "0123456789-._"
				    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	bool is_text = part_bytes == 4 && strncmp(part, "NAME", part_bytes) == 0;

	return strspn(target, is_text ? marks : digits);
}

bool manifest_route_fits(const char *route, const char *target)
{
	const char *end = target + strcspn(target, "?");

	while (*route && target < end) {
		size_t capitals = strspn(route, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		size_t filled = capitals ? part_length(route, capitals, target) : 0;

		if (filled > 0) {
			route += capitals;
			target += filled;
		} else if (*route++ != *target++) {
			return false;
		}
	}
	return !*route && target == end;
}

bool manifest_has_route(const struct manifest *manifest, const char *target)
{
	for (size_t i = 0; i < manifest->route_count; i++)
		if (manifest_route_fits(manifest->routes[i], target))
			return true;
	return manifest->route_count == 0;
}
