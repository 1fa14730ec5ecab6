/*
 * `observe`: a part whose programs observe themselves. They stand where a part has its servers, so that plan,
 * blocks, claims and reports need not know; only there is no load.
 */
#include "harness/scenario/read.h"

#include "harness/scenario/ranges.h"
#include "lib/clock.h"

#include <stdlib.h>

#define TIMEOUT_NS (120 * NS_PER_S) /* where nothing is said */

/* What belongs to servers that are loaded. */
static const char *const of_servers[] = {"servers",  "load",   "files",
					 "backends", "ladder", "charts"};

int scenario_observe_read(const struct yaml_document *document, const struct yaml_node *node,
			  void *into)
{
	struct scenario_part *part = into;
	int code;

	schema_words_free(part->servers, part->server_count); /* those that the top names for all */
	part->servers = NULL;
	part->server_count = 0;
	code = schema_words(document, node, "observe", &part->servers, &part->server_count);
	for (size_t i = 0; code == 0 && i < part->server_count; i++) {
		if (scenario_is_name(part->servers[i], "-"))
			continue;
		yaml_complain(document, node->items[i], "\"%.60s\" is no name of a program",
			      part->servers[i]);
		code = yaml_hint(document, "that of its file in servers/observed, for instance "
					   "node-microtasks");
	}
	part->observes = true;
	return code;
}

/* The number of threads is told to a program; whatever else is varied is a load's. */
static int check_axes(const struct yaml_document *document, const struct yaml_node *mapping,
		      const struct scenario_part *part)
{
	for (size_t i = 0; i < part->axis_count; i++) {
		const char *key = scenario_axis_field(part->axes[i].kind)->key;

		if (part->axes[i].kind == AXIS_WORKERS)
			continue;
		yaml_complain(document, yaml_find_key(yaml_find(mapping, "vary"), key),
			      "\"%s\" means nothing to a program that observes itself", key);
		return yaml_hint(document, "workers can be varied: it is told with --workers=N");
	}
	return 0;
}

int scenario_observe_check(const struct yaml_document *document, const struct yaml_node *mapping,
			   struct scenario_part *part)
{
	for (size_t i = 0; i < FIELDS_COUNT(of_servers); i++) {
		const struct yaml_node *key = yaml_find_key(mapping, of_servers[i]);

		if (!key)
			continue;
		yaml_complain(document, key, "\"%s\" stands beside \"observe\"", of_servers[i]);
		return yaml_hint(document, "programs that observe themselves are not loaded: leave "
					   "one of the two out");
	}
	part->backends = 0;
	part->load = (struct load){0};
	if (part->timeout_ns == 0)
		part->timeout_ns = TIMEOUT_NS;
	return check_axes(document, mapping, part);
}
