/* What a manifest's profiles may change, and whether command and template fit each other. */
#include "harness/catalogue/manifest_parts.h"

#include "harness/catalogue/foreign.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACEHOLDERS_MOST = 32 };

static int command_read(const struct yaml_document *, const struct yaml_node *, void *);
static int collect_read(const struct yaml_document *, const struct yaml_node *, void *);
static int tuned_read(const struct yaml_document *, const struct yaml_node *, void *);

/* clang-format off */

/* What a profile may change; in the manifest itself it stands at the top level. */
static const struct field profile_fields[] = {
	{.key = "summary", .kind = FIELD_TEXT, .offset = offsetof(struct manifest_profile, summary),
	 .example = "one epoll loop a worker process", .help = "one sentence: how it waits"},
	{.key = "command", .kind = FIELD_OWN, .read = command_read,
	 .example = "[./mine, --port, \"{port}\"]", .help = "program and arguments, no shell"},
	{.key = "config", .kind = FIELD_TEXT, .offset = offsetof(struct manifest_profile, config),
	 .example = "mine.conf", .help = "a template beside the manifest"},
	{.key = "connections", .kind = FIELD_COUNT, .lowest = 1, .highest = 1e9,
	 .offset = offsetof(struct manifest_profile, connections),
	 .example = "768", .help = "as many as its settings let it hold"},
	{.key = "collect", .kind = FIELD_OWN, .read = collect_read,
	 .example = "SIGUSR2", .help = "the signal upon which it collects its garbage"},
	{.key = "tuned", .kind = FIELD_OWN, .read = tuned_read,
	 .example = "{access_log off: writing it costs a system call}", .help = "what: why"},
	{.key = "known", .kind = FIELD_OWN, .read = manifest_known_read,
	 .example = "[{rows: [version-0.9], reason: HTTP/0.9 is served}]",
	 .help = "rows of tenk check that it fails"},
};
/* clang-format on */

int manifest_known_word(const struct yaml_document *document, const struct yaml_node *node,
			const char *key, const char *const *known, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(node->text, known[i]) == 0)
			return 0;
	return schema_unknown(document, node, key, NULL, known, count);
}

/* Complains about a {word} in the command that nothing will be put in place of. */
static int placeholders_check(const struct yaml_document *document, const struct yaml_node *node)
{
	const char *known[PLACEHOLDERS_MOST];
	size_t count = 0;

	while (count < PLACEHOLDERS_MOST && (known[count] = foreign_placeholder(count)) != NULL)
		count++;
	for (const char *brace = strchr(node->text, '{'); brace; brace = strchr(brace + 1, '{')) {
		struct yaml_node word = *node;
		char name[32];
		size_t length = strcspn(brace + 1, "{}");
		int code;

		if (brace[length + 1] != '}' || length >= sizeof name)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)length, brace + 1);
		word.text = name;
		code = manifest_known_word(document, &word, "placeholder", known, count);
		if (code < 0)
			return code;
	}
	return 0;
}

static int command_read(const struct yaml_document *document, const struct yaml_node *node,
			void *into)
{
	struct manifest_profile *profile = into;
	int code = schema_texts(document, node, "command", false, &profile->command,
				&profile->command_count);

	for (size_t i = 0; code == 0 && i < node->count; i++)
		code = placeholders_check(document, node->items[i]);
	return code;
}

static int collect_read(const struct yaml_document *document, const struct yaml_node *node,
			void *into)
{
	static const char *const known[] = {"SIGUSR1", "SIGUSR2"};
	struct manifest_profile *profile = into;
	char *name = NULL;
	int code = schema_text(document, node, "collect", &name);

	if (code == 0)
		code = manifest_known_word(document, node, "signal", known, FIELDS_COUNT(known));
	if (code == 0)
		profile->collect_signal = strcmp(name, known[0]) == 0 ? SIGUSR1 : SIGUSR2;
	free(name);
	return code;
}

static int tuned_read(const struct yaml_document *document, const struct yaml_node *node,
		      void *into)
{
	struct manifest_profile *profile = into;
	int code = schema_expect(document, node, NODE_MAPPING, "tuned",
				 "a mapping of what was set to why");

	if (code < 0)
		return code;
	profile->tuned = calloc(node->count + 1, sizeof *profile->tuned);
	if (!profile->tuned)
		return schema_no_memory(document);
	for (size_t i = 0; code == 0 && i < node->count; i++) {
		profile->tuned_count = i + 1;
		code = schema_text(document, node->keys[i], "tuned", &profile->tuned[i].what);
		if (code == 0)
			code = schema_text(document, node->items[i], "tuned",
					   &profile->tuned[i].why);
	}
	return code;
}

static bool command_says(const struct manifest_profile *profile, const char *placeholder)
{
	for (size_t i = 0; i < profile->command_count; i++)
		if (strstr(profile->command[i], placeholder))
			return true;
	return false;
}

/* What no single key can say: whether command and template fit each other. */
static int profile_check(const struct yaml_document *document, const struct yaml_node *node,
			 const struct manifest *manifest, const struct manifest_profile *profile)
{
	const struct yaml_node *at = yaml_find(node, "config");
	char *template = NULL;
	bool has_port = command_says(profile, "{port}");
	struct error error;

	if (profile->config) {
		if (foreign_read_template(manifest, profile, &template, &error) < 0)
			return yaml_complain(document, at ? at : node, "%s", error.text);
		has_port = has_port || strstr(template, "{port}");
		free(template);
		if (!command_says(profile, "{config}")) {
			yaml_complain(document, at ? at : node,
				      "the command does not say {config}");
			return yaml_hint(document, "it stands for the file that \"config\" makes");
		}
	} else if (command_says(profile, "{config}")) {
		at = yaml_find(node, "command");
		yaml_complain(document, at ? at : node, "there is no \"config\" for {config}");
		return yaml_hint(document, "for instance  config: mine.conf   (a template beside "
					   "the manifest)");
	}
	if (has_port)
		return 0;
	at = yaml_find(node, "command");
	yaml_complain(document, at ? at : node, "neither command nor config says {port}");
	return yaml_hint(document, "a free port is chosen for each start and put there");
}

char **manifest_copy_words(char *const *words, size_t count)
{
	char **copy = calloc(count + 1, sizeof *copy);

	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = strdup(words[i]);
		if (!copy[i]) {
			schema_words_free(copy, i);
			return NULL;
		}
	}
	return copy;
}

static int profile_inherit(struct manifest_profile *profile, const struct manifest_profile *plain)
{
	if (!profile->summary && plain->summary)
		profile->summary = strdup(plain->summary);
	if (!profile->command_count) {
		profile->command = manifest_copy_words(plain->command, plain->command_count);
		profile->command_count = profile->command ? plain->command_count : 0;
	}
	if (!profile->config && plain->config)
		profile->config = strdup(plain->config);
	if (!profile->known)
		profile->known = json_incref(plain->known);
	return profile->command_count && (profile->summary || !plain->summary) &&
			       (profile->config || !plain->config)
		       ? 0
		       : -ENOMEM;
}

bool manifest_is_name(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length <= MANIFEST_NAME_MAX &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-._") == length &&
	       isalnum((unsigned char)text[0]);
}

int manifest_profiles_read(const struct yaml_document *document, const struct yaml_node *node,
			   struct manifest *manifest)
{
	struct manifest_profile *profiles;
	int code = schema_expect(document, node, NODE_MAPPING, "profiles",
				 "a mapping of names to what is different");

	if (code < 0)
		return code;
	profiles = reallocarray(manifest->profiles, node->count + 1, sizeof *profiles);
	if (!profiles)
		return schema_no_memory(document);
	manifest->profiles = profiles;
	memset(profiles + 1, 0, node->count * sizeof *profiles);
	for (size_t i = 0; code == 0 && i < node->count; i++) {
		struct manifest_profile *profile = &profiles[i + 1];
		char where[MANIFEST_NAME_MAX + 16];

		manifest->profile_count = i + 2;
		if (!manifest_is_name(node->keys[i]->text)) {
			yaml_complain(document, node->keys[i], "\"%.60s\" is no name of a profile",
				      node->keys[i]->text);
			return yaml_hint(document, "small letters, digits and -, at most %d",
					 MANIFEST_NAME_MAX);
		}
		snprintf(where, sizeof where, "profile \"%s\"", node->keys[i]->text);
		profile->name = strdup(node->keys[i]->text);
		code = profile->name ? schema_read(document, node->items[i], where, profile_fields,
						   FIELDS_COUNT(profile_fields), profile)
				     : schema_no_memory(document);
		if (code == 0 && profile_inherit(profile, &profiles[0]) < 0)
			code = schema_no_memory(document);
		if (code == 0)
			code = profile_check(document, node->items[i], manifest, profile);
	}
	return code;
}

int manifest_plain_read(const struct yaml_document *document, struct manifest *manifest)
{
	int code = schema_store(document, document->root, profile_fields,
				FIELDS_COUNT(profile_fields), &manifest->profiles[0]);

	return code < 0 ? code
			: profile_check(document, document->root, manifest, &manifest->profiles[0]);
}

void manifest_profile_destroy(struct manifest_profile *profile)
{
	free(profile->name);
	free(profile->summary);
	free(profile->config);
	json_decref(profile->known);
	schema_words_free(profile->command, profile->command_count);
	for (size_t i = 0; i < profile->tuned_count; i++) {
		free(profile->tuned[i].what);
		free(profile->tuned[i].why);
	}
	free(profile->tuned);
}
