/* The servers of other people: manifests, command lines, and what runs already. */
#include "harness/catalogue/catalogue.h"

#include "harness/catalogue/foreign.h"
#include "harness/machine/paths.h"
#include "lib/hash.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_TRIES = 100 };

static json_t *list_words(char *const *words, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(words[i]));
	return list;
}

/* The settings that its command or its template speaks of, or that it may find in its environment. */
static json_t *list_settings(const struct manifest *manifest,
			     const struct manifest_profile *profile)
{
	json_t *list = json_array();

	for (size_t i = 0; i < SETTINGS; i++)
		if (server_setting_rows[i].is_needed ||
		    foreign_says(manifest, profile, server_setting_rows[i].option))
			json_array_append_new(list, json_string(server_setting_rows[i].option));
	return list;
}

/* The same object as our own servers print of themselves, and what only a manifest knows. */
static json_t *describe(const struct manifest *manifest, const struct manifest_profile *profile)
{
	json_t *traits = list_words(manifest->traits, manifest->trait_count);
	json_t *tuned = json_array();

	json_array_append_new(traits, json_string("own-parser"));
	for (size_t i = 0; i < manifest->trait_count; i++)
		if (strcmp(manifest->traits[i], "blocking") == 0)
			json_array_append_new(traits, json_string("thread-each"));
	for (size_t i = 0; i < profile->tuned_count; i++)
		json_array_append_new(tuned, json_pack("{s:s, s:s}", "what", profile->tuned[i].what,
						       "why", profile->tuned[i].why));
	return json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:n, s:s, s:s?, s:o, s:o, s:o, s:O?, s:I}",
		"name", manifest->name, "family", "reference", "summary",
		profile->summary ? profile->summary : manifest->title, "traits", traits,
		"max_connections",
		profile->connections ? json_integer((json_int_t)profile->connections) : json_null(),
		"limited_by", "its settings", "lifted_by",
		"another value in its configuration, and in connections of its manifest", "library",
		"title", manifest->title, "architecture", manifest->architecture, "routes",
		list_words(manifest->routes, manifest->route_count), "tuned", tuned, "options",
		list_settings(manifest, profile), "known_differences", profile->known, "warm_up_ns",
		(json_int_t)manifest->warm_up_ns);
}

/* Takes over the manifest. */
static int keep_manifest(struct catalogue *catalogue, struct manifest *manifest,
			 struct error *error)
{
	struct manifest **manifests = reallocarray(
		catalogue->manifests, catalogue->manifest_count + 1, sizeof *manifests);

	if (!manifests) {
		manifest_destroy(manifest);
		free(manifest);
		error_set(error, "out of memory");
		return -ENOMEM;
	}
	manifests[catalogue->manifest_count++] = manifest;
	catalogue->manifests = manifests;
	return 0;
}

static int add_profiles(struct catalogue *catalogue, const struct manifest *manifest,
			const char *origin, const char **name, struct error *error)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < manifest->profile_count; i++) {
		const struct manifest_profile *profile = &manifest->profiles[i];
		struct server_entry entry = {.executable = strdup(origin),
					     .description = describe(manifest, profile),
					     .manifest = manifest,
					     .start_timeout_ns = manifest->start_timeout_ns,
					     .profile = profile,
					     .missing = foreign_missing(manifest, profile)};

		if (asprintf(&entry.name, profile->name ? "%s/%s" : "%s", manifest->name,
			     profile->name) < 0)
			entry.name = NULL;
		foreign_build(manifest, profile, entry.build);
		result = catalogue_add(catalogue, &entry, error);
		if (result == -EEXIST)
			error_prefix(error, "%s", origin);
		if (result == 0 && name && i == 0)
			*name = entry.name; /* which the catalogue has now */
	}
	return result;
}

int catalogue_add_manifest(struct catalogue *catalogue, const char *file, const char **name,
			   struct error *error)
{
	struct manifest *manifest = malloc(sizeof *manifest);
	char path[PATH_MAX];
	int result;

	if (!manifest) {
		error_set(error, "out of memory");
		return -ENOMEM;
	}
	if (catalogue->build && *file != '/' &&
	    paths_join(path, catalogue->build->folder, file, "") == 0)
		file = path;
	result = manifest_read(manifest, file, error);
	if (result < 0) {
		free(manifest);
		return result;
	}
	result = keep_manifest(catalogue, manifest, error);
	return result < 0 ? result : add_profiles(catalogue, manifest, file, name, error);
}

int catalogue_read_reference(struct catalogue *catalogue, const char *folder, struct error *error)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	int result = 0;

	if (!directory)
		return 0;
	while (result == 0 && (entry = readdir(directory)) != NULL) {
		char path[PATH_MAX];

		if (entry->d_name[0] == '.' ||
		    paths_join(path, folder, entry->d_name, "/manifest.yaml") < 0 ||
		    access(path, F_OK) != 0)
			continue;
		result = catalogue_add_manifest(catalogue, path, NULL, error);
	}
	closedir(directory);
	return result;
}

/* "python3", or "python3-2" if there is one already: nobody has chosen this name. */
static int make_unique(const struct catalogue *catalogue, char **name)
{
	char *base = *name;

	for (unsigned i = 2; catalogue_find(catalogue, *name) && i < NAME_TRIES; i++) {
		char *next = NULL;

		if (asprintf(&next, "%s-%u", base, i) < 0)
			next = NULL;
		if (*name != base)
			free(*name);
		*name = next;
		if (!next) {
			free(base);
			return -ENOMEM;
		}
	}
	if (*name != base)
		free(base);
	return 0;
}

int catalogue_add_command(struct catalogue *catalogue, const char *text, const char **name,
			  struct error *error)
{
	struct manifest *manifest = malloc(sizeof *manifest);
	const char *folder = catalogue->build ? catalogue->build->folder : NULL;
	int result = manifest ? manifest_from_command(manifest, text, folder, error) : -ENOMEM;

	if (result < 0) {
		if (!manifest)
			error_set(error, "out of memory");
		free(manifest);
		return result;
	}
	if (make_unique(catalogue, &manifest->name) < 0) {
		manifest_destroy(manifest);
		free(manifest);
		error_set(error, "out of memory");
		return -ENOMEM;
	}
	result = keep_manifest(catalogue, manifest, error);
	return result < 0 ? result : add_profiles(catalogue, manifest, text, name, error);
}

/* Whether an address is of this machine itself: 127.0.0.0/8 or ::1. */
static bool is_loopback(const char *host)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

/* "http://127.0.0.1:8080", "http://localhost:8080/", "http://[::1]:8080". */
static int parse_url(const char *url, char *host, size_t size, uint16_t *port, struct error *error)
{
	static const char scheme[] = "http://";
	const char *at = url + sizeof scheme - 1, *end;
	bool bracket;
	long number;
	char *rest;

	if (strncmp(url, "https://", 8) == 0)
		return error_set(
			error,
			"--url %.200s: tenk compares servers without TLS, so it must begin "
			"with %s (tenk-load alone takes https://)",
			url, scheme);
	if (strncmp(url, scheme, sizeof scheme - 1) != 0)
		return error_set(error, "--url %.200s: it must begin with %s", url, scheme);
	bracket = *at == '[';
	at += bracket;
	end = at + strcspn(at, bracket ? "]" : ":/");
	if ((bracket && *end != ']') || end == at || (size_t)(end - at) >= size)
		return error_set(error, "--url %.200s: that is no address", url);
	snprintf(host, size, "%.*s", (int)(end - at), at);
	if (strcmp(host, "localhost") == 0)
		snprintf(host, size, "127.0.0.1");
	if (!is_loopback(host))
		return error_set(error,
				 "--url %.200s: only this machine itself may be loaded: 127.0.0.1, "
				 "[::1] or localhost",
				 url);
	end += bracket;
	number = *end == ':' ? strtol(end + 1, &rest, 10) : 80;
	if (*end != ':')
		rest = (char *)(uintptr_t)end;
	if (number < 1 || number > UINT16_MAX || (*end == ':' && rest == end + 1))
		return error_set(error, "--url %.200s: a port is a number from 1 to 65535", url);
	if (*rest && strcmp(rest, "/") != 0)
		return error_set(error,
				 "--url %.200s: it must end with the port; scenarios say which "
				 "paths are asked for",
				 url);
	*port = (uint16_t)number;
	return 0;
}

int catalogue_add_url(struct catalogue *catalogue, const char *url, const char **name,
		      struct error *error)
{
	struct server_entry entry = {.executable = NULL};
	int result = parse_url(url, entry.host, sizeof entry.host, &entry.port, error);
	uint64_t hash = hash_bytes(HASH_START, url, strlen(url));

	if (result < 0)
		return result;
	if (catalogue->build)
		return error_set(error,
				 "--url %.200s: a server that runs already is of no build: have it "
				 "started with --server-cmd",
				 url);
	entry.executable = strdup(url);
	if (asprintf(&entry.name, "port-%u", entry.port) < 0)
		entry.name = NULL;
	if (!entry.name || !entry.executable || make_unique(catalogue, &entry.name) < 0) {
		free(entry.name);
		free(entry.executable);
		error_set(error, "out of memory");
		return -ENOMEM;
	}
	snprintf(entry.build, sizeof entry.build, "%016" PRIx64, hash);
	entry.description = json_pack("{s:s, s:s, s:s, s:[s], s:n, s:n, s:s, s:n, s:[], s:[]}",
				      "name", entry.name, "family", "reference", "summary",
				      "runs already: it was not started for this", "traits",
				      "own-parser", "max_connections", "library", "title",
				      entry.name, "architecture", "routes", "tuned");
	*name = entry.name;
	return catalogue_add(catalogue, &entry, error);
}
