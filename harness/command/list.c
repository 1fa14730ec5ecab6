/* tenk list: the servers and scenarios that are here. */
#include "harness/catalogue/catalogue.h"
#include "harness/command/command.h"
#include "lib/command_line.h"
#include "harness/catalogue/manifest.h"
#include "harness/machine/paths.h"
#include "harness/measure/metrics.h"
#include "harness/scenario/folder.h"
#include "lib/json.h"

#include <argp.h>
#include <stdio.h>
#include <string.h>

enum key { KEY_SERVER_FOLDER = 256, KEY_JSON };

struct arguments {
	const char *server_folder;
	bool json;
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case KEY_SERVER_FOLDER:
		arguments->server_folder = text;
		return 0;
	case KEY_JSON:
		arguments->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/*
 * What a server of somebody else needs: {"debian": [], "npm": FOLDER or null, "build": [], "folder"}, the last
 * where the build is run.
 */
static json_t *describe_packages(const struct manifest *manifest)
{
	json_t *debian = json_array(), *build = json_array();

	for (size_t i = 0; i < manifest->debian_count; i++)
		json_array_append_new(debian, json_string(manifest->debian[i]));
	for (size_t i = 0; i < manifest->build_count; i++)
		json_array_append_new(build, json_string(manifest->build[i]));
	return json_pack("{s:o, s:s?, s:o, s:s?}", "debian", debian, "npm",
			 manifest->npm ? manifest_npm_folder(manifest) : NULL, "build", build,
			 "folder", manifest->folder);
}

/* As in run.json, and whether it is here, and what it needs. */
static json_t *describe_server(const struct server_entry *entry)
{
	json_t *json = server_entry_to_json(entry);

	json_object_set_new(json, "missing",
			    entry->missing ? json_string(entry->missing) : json_null());
	json_object_set(json, "routes", (json_t *)(uintptr_t)server_entry_routes(entry));
	if (entry->manifest)
		json_object_set_new(json, "packages", describe_packages(entry->manifest));
	return json;
}

static json_t *describe_servers(const struct catalogue *catalogue)
{
	json_t *list = json_array();

	for (size_t i = 0; i < catalogue->count; i++)
		json_array_append_new(list, describe_server(&catalogue->entries[i]));
	return list;
}

static void print_claims(const json_t *scenario)
{
	const json_t *part, *claim;
	size_t i, j;

	json_array_foreach(json_object_get(scenario, "parts"), i, part)
		json_array_foreach(json_object_get(part, "claims"), j, claim)
			printf("  %-34s   claim %s: %s\n", "", json_string_of(claim, "id"),
			       json_string_of(claim, "says"));
}

/* What a server answers, in lines below its name, one that has been begun. */
static void print_routes(const json_t *server)
{
	enum { INDENT = 37, WIDTH = 100 };
	static const char lead[] = "answers ";
	const json_t *route;
	int column = 0;
	size_t i;

	json_array_foreach(json_object_get(server, "routes"), i, route)
	{
		const char *text = json_string_value(route);

		if (i == 0)
			column = printf("\n%*s%s", INDENT, "", lead);
		else if (column + (int)strlen(text) > WIDTH)
			column = printf(",\n%*s", INDENT + (int)strlen(lead), "");
		else
			column += printf(", ");
		column += printf("%s", text);
	}
	putchar('\n');
}

/* One of somebody else: its version, or how to get it. */
static void print_foreign(const json_t *server)
{
	const char *version = json_string_of(server, "version"),
		   *missing = json_string_of(server, "missing");

	if (*missing)
		printf("  %-34s %s", json_string_of(server, "name"), missing);
	else
		printf("  %-34s %s%s%s", json_string_of(server, "name"), version,
		       *version ? ": " : "", json_string_of(server, "summary"));
	if (!strchr(json_string_of(server, "name"), '/')) /* profiles answer the same */
		print_routes(server);
	else
		putchar('\n');
}

/* Those of other people; whether some of them is not here. */
static bool print_reference(const json_t *servers)
{
	const json_t *item;
	bool missing = false;
	size_t i, count = 0;

	json_array_foreach(servers, i, item)
	{
		if (json_is_true(json_object_get(item, "own")))
			continue;
		if (count++ == 0)
			puts("\nServers of other people (likewise; docs/reference-servers.md)");
		print_foreign(item);
		missing = missing || *json_string_of(item, "missing");
	}
	return missing;
}

/* All of ours answer the same, but for the floor, which is its own. */
static void print_own_routes(const json_t *servers)
{
	const json_t *item, *most = NULL;
	size_t i;

	json_array_foreach(servers, i,
			   item) if (json_is_true(json_object_get(item, "own")) &&
				     json_array_size(json_object_get(item, "routes")) >
					     json_array_size(json_object_get(most, "routes")))
		most = item;
	if (most) {
		printf("  all of these, but the floor");
		print_routes(most);
	}
}

static void print_lists(const json_t *servers, const json_t *scenarios, const char *skipped,
			bool installed)
{
	const json_t *item;
	size_t i;

	puts("Servers (tenk run --servers A,B; models, variants, reference: all of that kind)");
	json_array_foreach(servers, i, item)
	{
		const char *missing = json_string_of(item, "missing");

		if (json_is_true(json_object_get(item, "own")))
			printf("  %-34s %s%s\n", json_string_of(item, "name"),
			       *missing ? "cannot run here: " : "",
			       *missing ? missing : json_string_of(item, "summary"));
	}
	print_own_routes(servers);
	for (const char *line = skipped; line && *line; line += strcspn(line, "\n") + 1) {
		size_t name = strcspn(line, " \n"), end = strcspn(line, "\n");

		printf("  %-34.*s not built:%.*s\n", (int)name, line, (int)(end - name),
		       line + name);
		if (!line[end])
			break;
	}
	if (print_reference(servers))
		puts(installed
			     ? "  make reference, in a copy of tenk's source, installs what is not here; "
			       "--server-manifest names it then"
			     : "  make reference installs what is not here");
	puts("\nScenarios (tenk run SCENARIO)");
	json_array_foreach(scenarios, i, item)
	{
		printf("  %-34s %s\n", json_string_of(item, "name"), json_string_of(item, "title"));
		print_claims(item);
	}
}

int command_list(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"server-dir", KEY_SERVER_FOLDER, "DIR", 0,
		 "look there for more server-NAME programs", 0},
		{"json", KEY_JSON, NULL, 0, "print them as JSON", 0},
		{0}};
	static const struct argp argp = {
		options, parse_option, NULL, "Lists the servers and the scenarios that are here.",
		NULL,	 NULL,	       NULL};
	struct arguments arguments = {0};
	struct catalogue catalogue = {0};
	struct paths paths;
	struct error error;
	const char *folders[3] = {NULL};
	json_t *servers, *scenarios, *both, *metrics;

	command_line_read(&argp, argc, argv, &arguments);
	if (paths_find(&paths, &error) < 0)
		return command_fail(EXIT_FAILED, error.text);
	folders[0] = paths.servers;
	folders[1] = arguments.server_folder;
	if (catalogue_read(&catalogue, folders, &error) < 0)
		return command_fail(EXIT_FAILED, error.text);
	if (catalogue_read_reference(&catalogue, paths.reference, &error) < 0) {
		catalogue_destroy(&catalogue);
		return command_fail(EXIT_USAGE, error.text);
	}
	metrics = metrics_describe();
	scenarios = scenario_folder_describe(paths.scenarios, metrics, &error);
	json_decref(metrics);
	if (!scenarios) {
		catalogue_destroy(&catalogue);
		return command_fail(EXIT_USAGE, error.text);
	}
	servers = describe_servers(&catalogue);
	both = json_pack("{s:i, s:O, s:O}", "schema", 1, "servers", servers, "scenarios",
			 scenarios);
	if (arguments.json) {
		json_dumpf(both, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		print_lists(servers, scenarios, catalogue.skipped, paths.installed);
	}
	json_decref(both);
	json_decref(servers);
	json_decref(scenarios);
	catalogue_destroy(&catalogue);
	return EXIT_OK;
}
