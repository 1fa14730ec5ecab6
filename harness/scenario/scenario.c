/* Scenario files: what stands at the top level and in a part. */
#include "harness/scenario/ranges.h"
#include "harness/scenario/read.h"
#include "harness/yaml/parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 48 };

/* What the top level holds besides the values that it sets for all parts. */
struct heading {
	char *title, *question;
	bool quick_look;
};

static int servers_read(const struct yaml_document *document, const struct yaml_node *node,
			void *into);
static int trials_read(const struct yaml_document *document, const struct yaml_node *node,
		       void *into);

/* clang-format off */

/*
 * A part. The first rows may also stand at the top level, for all parts; claims are read when all parts
 * have been, because they name their servers and points.
 */
enum { SHARED_FIELDS = 5 };
static const struct field part_fields[] = {
	{.key = "servers", .kind = FIELD_OWN, .read = servers_read,
	 .example = "[thread-per-connection, epoll]", .help = "the servers to compare; models, variants and reference stand for all of that kind"},
	{.key = "trials", .kind = FIELD_OWN, .read = trials_read, .lowest = 1, .highest = 10000,
	 .fallback = "5", .example = "5", .help = "fresh server processes per cell"},
	{.key = "load", .kind = FIELD_OWN, .read = scenario_load_read,
	 .example = "{get: /plaintext}", .help = "what a trial does to a server"},
	{.key = "files", .kind = FIELD_OWN, .read = scenario_files_read,
	 .example = "{1k.bin: 1 KiB}", .help = "sizes of files that the servers send, for /file/NAME"},
	{.key = "backends", .kind = FIELD_OWN, .read = scenario_backends_read,
	 .example = "[postgresql]", .help = "programs that the servers ask: postgresql for /query/ID, delay for /fetch/MS"},
	{.key = "observe", .kind = FIELD_OWN, .read = scenario_observe_read,
	 .example = "[node-microtasks]", .help = "instead of servers: programs of servers/observed, whose output is the observation"},
	{.key = "timeout", .kind = FIELD_DURATION, .offset = offsetof(struct scenario_part, timeout_ns),
	 .lowest = PROGRAM_LOWEST_NS, .highest = PROGRAM_HIGHEST_NS,
	 .example = "60s", .help = "how long a program of observe may take"},
	{.key = "title", .kind = FIELD_TEXT, .offset = offsetof(struct scenario_part, title),
	 .example = "Throughput", .help = "a heading"},
	{.key = "question", .kind = FIELD_TEXT, .offset = offsetof(struct scenario_part, question),
	 .example = "How many requests a second?", .help = "what the part answers"},
	{.key = "vary", .kind = FIELD_OWN, .read = scenario_vary_read,
	 .example = "{connections: [1, 16, 64]}", .help = "values to try, every combination"},
	{.key = "ladder", .kind = FIELD_FLAG, .offset = offsetof(struct scenario_part, ladder),
	 .example = "true", .help = "true: climb the connections of vary, for each server until a step is not held"},
	{.key = "charts", .kind = FIELD_OWN, .read = scenario_charts_read,
	 .example = "[throughput, cpu]", .help = "charts to draw"},
	{.key = "claims", .kind = FIELD_LATER,
	 .example = "[...]", .help = "published claims to decide"},
};

/* The top level of a scenario, with parts or flat. */
static const struct field scenario_fields[] = {
	{.key = "title", .kind = FIELD_TEXT, .required = true,
	 .offset = offsetof(struct heading, title),
	 .example = "What does a connection cost?", .help = "the report's heading"},
	{.key = "question", .kind = FIELD_TEXT, .required = true,
	 .offset = offsetof(struct heading, question),
	 .example = "How much memory does a connection take?", .help = "what the scenario answers"},
	{.key = "quick-look", .kind = FIELD_FLAG, .offset = offsetof(struct heading, quick_look),
	 .example = "true", .help = "true: short trials, so the report says that it is a quick look"},
	{.key = "servers", .kind = FIELD_LATER},
	{.key = "trials", .kind = FIELD_LATER},
	{.key = "load", .kind = FIELD_LATER},
	{.key = "files", .kind = FIELD_LATER},
	{.key = "backends", .kind = FIELD_LATER},
	{.key = "observe", .kind = FIELD_LATER},
	{.key = "timeout", .kind = FIELD_LATER},
	{.key = "vary", .kind = FIELD_LATER},
	{.key = "ladder", .kind = FIELD_LATER},
	{.key = "charts", .kind = FIELD_LATER},
	{.key = "claims", .kind = FIELD_LATER},
	{.key = "parts", .kind = FIELD_LATER},
};
/* clang-format on */

bool scenario_is_name(const char *text, const char *marks)
{
	size_t length = strlen(text);
	char allowed[64];

	snprintf(allowed, sizeof allowed, "abcdefghijklmnopqrstuvwxyz0123456789%s", marks);
	return length > 0 && length <= NAME_MAX_LENGTH && strspn(text, allowed) == length &&
	       !strchr("-./_", text[0]);
}

static int servers_read(const struct yaml_document *document, const struct yaml_node *node,
			void *into)
{
	struct scenario_part *part = into;
	int code = schema_words(document, node, "servers", &part->servers, &part->server_count);

	for (size_t i = 0; code == 0 && i < part->server_count; i++) {
		const char *slash = strchr(part->servers[i], '/');

		if (scenario_is_name(part->servers[i], "-_./") &&
		    (!slash || (slash[1] && !strchr(slash + 1, '/'))))
			continue;
		yaml_complain(document, node->items[i], "\"%.60s\" is no name of a server",
			      part->servers[i]);
		code = yaml_hint(document, "small letters, digits and -, with a variant after /: "
					   "thread-per-connection/stack-64k");
	}
	return code;
}

static int trials_read(const struct yaml_document *document, const struct yaml_node *node,
		       void *into)
{
	static const struct field trials = {.key = "trials",
					    .kind = FIELD_COUNT,
					    .lowest = 1,
					    .highest = 10000,
					    .example = "5",
					    .help = "fresh server processes per cell"};
	struct scenario_part *part = into;
	double value = 0;
	int code = schema_number(document, node, &trials, &value);

	if (code == 0)
		part->trials = (unsigned)value;
	return code;
}

static int text_default(char **text, const char *fallback)
{
	if (!*text)
		*text = strdup(fallback);
	return *text ? 0 : -ENOMEM;
}

/* A part starts as a copy of what the top level sets for all parts. */
static int part_start(struct scenario_part *part, const struct scenario_part *shared,
		      const char *name)
{
	part->load = shared->load;
	part->trials = shared->trials;
	part->backends = shared->backends;
	part->claims = json_array();
	part->name = strdup(name);
	if (!part->claims || !part->name || scenario_files_copy(part, shared) < 0 ||
	    scenario_mix_copy(part, shared) < 0)
		return -ENOMEM;
	if (shared->server_count == 0)
		return 0;
	part->servers = calloc(shared->server_count, sizeof *part->servers);
	if (!part->servers)
		return -ENOMEM;
	part->server_count = shared->server_count;
	for (size_t i = 0; i < shared->server_count; i++) {
		part->servers[i] = strdup(shared->servers[i]);
		if (!part->servers[i])
			return -ENOMEM;
	}
	return 0;
}

/* What is to be seen only when a part has been read. */
static int part_finish(const struct yaml_document *document, const struct load_nodes *nodes,
		       struct scenario_part *part, const struct heading *heading)
{
	int code;

	if (part->server_count == 0) {
		yaml_complain(document, nodes->part, "part \"%s\" has no servers", part->name);
		return yaml_hint(document, "for instance  servers: %s", part_fields[0].example);
	}
	code = part->observes ? scenario_observe_check(document, nodes->part, part)
			      : scenario_load_check(document, nodes, part);
	if (code == 0 && part->timeout_ns && !part->observes) {
		yaml_complain(document, yaml_find_key(nodes->part, "timeout"),
			      "\"timeout\" belongs to a load, or to \"observe\"");
		code = yaml_hint(document, "for instance  load: {get: /plaintext, timeout: 5s}");
	}
	if (code < 0)
		return code;
	if (text_default(&part->title, part->name) < 0 ||
	    text_default(&part->question, heading->question) < 0 ||
	    scenario_charts_default(part) < 0)
		return schema_no_memory(document);
	return 0;
}

/* The flat form: the top level is the one part. */
static int flat_read(const struct yaml_document *document, struct scenario *scenario,
		     const struct scenario_part *shared, const struct heading *heading)
{
	struct load_nodes nodes = {.part = document->root,
				   .own = yaml_find(document->root, "load")};
	int code;

	scenario->parts = calloc(1, sizeof *scenario->parts);
	if (!scenario->parts)
		return schema_no_memory(document);
	scenario->part_count = 1;
	if (part_start(&scenario->parts[0], shared, scenario->name) < 0)
		return schema_no_memory(document);
	/* The shared rows are in place already; the rest, from the heading on, is the part's. */
	code = schema_store(document, document->root, part_fields + SHARED_FIELDS,
			    FIELDS_COUNT(part_fields) - SHARED_FIELDS, &scenario->parts[0]);
	return code < 0 ? code : part_finish(document, &nodes, &scenario->parts[0], heading);
}

static int part_read(const struct yaml_document *document, const struct yaml_node *key,
		     const struct yaml_node *node, const struct yaml_node *shared_load,
		     struct scenario_part *part, const struct heading *heading)
{
	struct load_nodes nodes = {
		.part = node, .own = yaml_find(node, "load"), .shared = shared_load};
	char where[NAME_MAX_LENGTH + 16];
	int code;

	if (!scenario_is_name(key->text, "-")) {
		yaml_complain(document, key, "\"%.60s\" is no name of a part", key->text);
		return yaml_hint(document, "small letters, digits and -, at most %d",
				 NAME_MAX_LENGTH);
	}
	snprintf(where, sizeof where, "part \"%s\"", key->text);
	code = schema_read(document, node, where, part_fields, FIELDS_COUNT(part_fields), part);
	return code < 0 ? code : part_finish(document, &nodes, part, heading);
}

static int parts_read(const struct yaml_document *document, const struct yaml_node *parts,
		      struct scenario *scenario, const struct scenario_part *shared,
		      const struct heading *heading)
{
	static const char *const of_parts[] = {"observe", "timeout", "vary",
					       "ladder",  "charts",  "claims"};
	const struct yaml_node *load = yaml_find(document->root, "load");
	int code = schema_expect(document, parts, NODE_MAPPING, "parts",
				 "a mapping of names to parts");

	if (code < 0)
		return code;
	for (size_t i = 0; i < FIELDS_COUNT(of_parts); i++) {
		const struct yaml_node *key = yaml_find_key(document->root, of_parts[i]);

		if (key) {
			yaml_complain(document, key, "\"%s\" stands beside \"parts\"", key->text);
			return yaml_hint(document, "write it in the part that it belongs to");
		}
	}
	if (parts->count == 0)
		return yaml_complain(document, parts, "\"parts\" holds no part");
	scenario->parts = calloc(parts->count, sizeof *scenario->parts);
	if (!scenario->parts)
		return schema_no_memory(document);
	scenario->part_count = parts->count;
	for (size_t i = 0; code == 0 && i < parts->count; i++) {
		code = part_start(&scenario->parts[i], shared, parts->keys[i]->text);
		if (code < 0)
			return schema_no_memory(document);
		code = part_read(document, parts->keys[i], parts->items[i], load,
				 &scenario->parts[i], heading);
	}
	return code;
}

/* "quick" from "scenarios/quick.yaml". */
static int name_read(struct scenario *scenario, const char *file, struct error *error)
{
	const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
	const char *dot = strrchr(base, '.');
	size_t length = dot && dot != base ? (size_t)(dot - base) : strlen(base);

	scenario->file = strdup(file);
	scenario->name = strndup(base, length);
	if (!scenario->file || !scenario->name) {
		error_set(error, "%s: %s", file, strerror(ENOMEM));
		return -ENOMEM;
	}
	if (!scenario_is_name(scenario->name, "-_."))
		return error_set(error,
				 "%s: the file's name becomes the scenario's: small letters, "
				 "digits and -, at most %d, then .yaml",
				 file, NAME_MAX_LENGTH);
	return 0;
}

static int root_read(const struct yaml_document *document, struct scenario *scenario,
		     struct heading *heading, struct scenario_part *shared)
{
	const struct yaml_node *parts = yaml_find(document->root, "parts");
	int code = schema_read(document, document->root, "the scenario", scenario_fields,
			       FIELDS_COUNT(scenario_fields), heading);

	if (code == 0)
		code = schema_store(document, document->root, part_fields, SHARED_FIELDS, shared);
	if (code < 0)
		return code;
	code = parts ? parts_read(document, parts, scenario, shared, heading)
		     : flat_read(document, scenario, shared, heading);
	for (size_t i = 0; code == 0 && i < scenario->part_count; i++)
		code = scenario_claims_read(
			document, yaml_find(parts ? parts->items[i] : document->root, "claims"),
			scenario, &scenario->parts[i]);
	return code;
}

int scenario_read(struct scenario *scenario, const char *file, const json_t *metrics,
		  struct error *error)
{
	struct yaml_document document;
	struct scenario_part shared = {0};
	struct heading heading = {0};
	int code;

	*scenario = (struct scenario){0};
	code = yaml_read(&document, file, error);
	if (code < 0)
		return code;
	document.context = metrics;
	scenario_load_defaults(&shared.load);
	schema_defaults(part_fields, SHARED_FIELDS, &shared);
	code = name_read(scenario, file, error);
	if (code == 0)
		code = root_read(&document, scenario, &heading, &shared);
	scenario->title = heading.title;
	scenario->question = heading.question;
	scenario->quick_look = heading.quick_look;
	scenario_part_destroy(&shared);
	yaml_destroy(&document);
	if (code < 0)
		scenario_destroy(scenario);
	return code;
}

void scenario_part_destroy(struct scenario_part *part)
{
	free(part->name);
	free(part->title);
	free(part->question);
	schema_words_free(part->servers, part->server_count);
	schema_words_free(part->charts, part->chart_count);
	scenario_files_free(part);
	scenario_mix_free(part);
	for (size_t i = 0; i < AXIS_COUNT; i++)
		free(part->axes[i].values);
	json_decref(part->claims);
}

bool scenario_part_looks_at_memory(const struct scenario_part *part)
{
	for (size_t i = 0; i < part->chart_count; i++)
		if (strcmp(part->charts[i], "memory") == 0)
			return true;
	return part->load.idle;
}

void scenario_drop_part(struct scenario *scenario, size_t index)
{
	scenario_part_destroy(&scenario->parts[index]);
	scenario->part_count--;
	memmove(&scenario->parts[index], &scenario->parts[index + 1],
		(scenario->part_count - index) * sizeof *scenario->parts);
}

void scenario_destroy(struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->part_count; i++)
		scenario_part_destroy(&scenario->parts[i]);
	free(scenario->parts);
	free(scenario->name);
	free(scenario->file);
	free(scenario->title);
	free(scenario->question);
	*scenario = (struct scenario){0};
}
