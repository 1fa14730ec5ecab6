/* Which servers can be measured in which parts: who does not answer what is asked for is left out. */
#include "harness/run/parts.h"

#include "harness/yaml/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUTES_BYTES = 400 };

static bool is_answered(const char *from, const struct server_entry *entry)
{
	char target[256];
	size_t length = 0;

	/* {wait_ms} and {body_bytes} will be numbers. */
	while (*from && length + 1 < sizeof target) {
		bool filled_in = *from == '{';

		target[length++] = *from == '{' ? '1' : *from;
		from += filled_in ? strcspn(from, "}") : 0;
		from += *from != '\0';
	}
	target[length] = '\0';
	return server_entry_answers(entry, target);
}

/* A route that the part asks for and the server does not answer; NULL: it answers all. */
static const char *find_route(const struct scenario_part *part, const struct server_entry *entry)
{
	for (size_t i = 0; i < part->kind_count; i++)
		if (!is_answered(part->kinds[i].target, entry))
			return part->kinds[i].target;
	return is_answered(part->load.target, entry) ? NULL : part->load.target;
}

static void list_routes(const json_t *routes, char *text, size_t size)
{
	size_t length = 0, i;
	const json_t *route;

	text[0] = '\0';
	json_array_foreach(routes, i, route) if (length < size) length += (size_t)snprintf(
		text + length, size - length, "%s%s", i ? ", " : "", json_string_value(route));
}

/* What one of ours has to be told to answer a part's requests, and cannot be; NULL: nothing. */
static const char *find_lacking(const struct scenario_part *part, const struct server_entry *entry)
{
	const struct {
		bool wanted;
		enum server_setting setting;
	} rows[] = {{part->file_count > 0, SETTING_FILES},
		    {part->backends & 1u << BACKEND_POSTGRESQL, SETTING_DATABASE},
		    {part->backends & 1u << BACKEND_DELAY, SETTING_BACKEND}};

	for (size_t i = 0; server_entry_is_own(entry) && i < sizeof rows / sizeof *rows; i++) {
		const char *option = server_setting_rows[rows[i].setting].option;

		if (rows[i].wanted && !server_entry_takes(entry, option))
			return option;
	}
	return NULL;
}

/* Why a server cannot be measured in a part; false: it can. */
static bool is_unfit(const struct scenario_part *part, const struct server_entry *entry,
		     char *reason, size_t size)
{
	const char *route = find_route(part, entry), *lacking = find_lacking(part, entry);
	char routes[ROUTES_BYTES];

	*reason = '\0';
	if (route) {
		list_routes(server_entry_routes(entry), routes, sizeof routes);
		snprintf(reason, size, "it does not answer %s, only %s", route, routes);
	} else if (lacking) {
		snprintf(reason, size, "it has no --%s", lacking);
	} else if (entry->port && (part->file_count > 0 || part->backends)) {
		snprintf(reason, size,
			 "it runs already, and cannot be told where files or backends are: have "
			 "tenk start it (--server-cmd)");
	} else if (entry->port && part->load.memory_limit_bytes > 0) {
		snprintf(reason, size,
			 "its memory cannot be limited, since it runs already: have tenk start it "
			 "(--server-cmd)");
	}
	return *reason;
}

static void refuse_in_part(struct run *run, struct scenario_part *part)
{
	size_t kept = 0;

	for (size_t i = 0; i < part->server_count; i++) {
		char *name = part->servers[i], reason[ROUTES_BYTES + 64];
		const struct server_entry *entry = catalogue_find(&run->catalogue, name);

		if (!entry || !is_unfit(part, entry, reason, sizeof reason)) {
			part->servers[kept++] = name;
			continue;
		}
		run_warn(run, "%s is left out of %s: %s", name, part->name, reason);
		free(name);
	}
	part->server_count = kept;
}

static void leave_out(struct run *run, struct scenario_part *part, const char *why)
{
	run_warn(run, "%s is left out: %s", part->name, why);
	schema_words_free(part->servers, part->server_count);
	part->servers = NULL;
	part->server_count = 0;
}

/* Why no share can be offered of what a server bears; NULL: it can, or none is to be. */
static const char *find_share_obstacle(const struct run *run, const struct scenario_part *part,
				       char *why, size_t size)
{
	const char *name = part->load.share_of;
	const struct server_entry *entry = *name ? catalogue_find(&run->catalogue, name) : NULL;

	if (!*name || (entry && !entry->missing && !is_unfit(part, entry, why, size)))
		return NULL;
	if (entry && entry->missing)
		snprintf(why, size, "%s, of which it offers shares: %s", name, entry->missing);
	else if (!entry && !catalogue_is_skipped(&run->catalogue, name, why, size))
		snprintf(why, size, "there is no server %s, of which it offers shares", name);
	return why;
}

/* A part whose backend cannot be run here, or whose share is of nobody, is measured with nobody. */
static void refuse_part(struct run *run, struct scenario_part *part)
{
	char why[ROUTES_BYTES + 64];

	if (part->server_count > 0 && find_share_obstacle(run, part, why, sizeof why))
		leave_out(run, part, why);
	for (enum backend_kind kind = 0; kind < BACKENDS; kind++) {
		char *missing = (part->backends & 1u << kind)
					? backend_missing(kind, &run->catalogue)
					: NULL;

		if (missing && part->server_count > 0)
			leave_out(run, part, missing);
		free(missing);
	}
}

/* Takes a scenario out, one of which nothing can be run. */
static void drop_scenario(struct run *run, size_t index)
{
	scenario_destroy(&run->scenarios[index]);
	run->scenario_count--;
	memmove(&run->scenarios[index], &run->scenarios[index + 1],
		(run->scenario_count - index) * sizeof *run->scenarios);
}

static const char *last_warning(const struct run *run)
{
	const json_t *warnings = json_object_get(run->json, "warnings");

	return json_string_value(json_array_get(warnings, json_array_size(warnings) - 1));
}

int run_refuse_unfit(struct run *run, struct error *error)
{
	size_t i = 0;

	while (i < run->scenario_count) {
		struct scenario *scenario = &run->scenarios[i];
		size_t part = 0;

		while (part < scenario->part_count) {
			if (!scenario->parts[part].observes) {
				refuse_in_part(run, &scenario->parts[part]);
				refuse_part(run, &scenario->parts[part]);
			}
			if (scenario->parts[part].server_count > 0)
				part++;
			else
				scenario_drop_part(scenario, part);
		}
		if (scenario->part_count > 0) {
			i++;
		} else if (run->scenario_count > 1) {
			run_warn(run, "%s is left out: nothing of it can be measured",
				 scenario->name);
			drop_scenario(run, i);
		} else {
			return error_set(error, "nothing of %s can be measured: %s", scenario->name,
					 last_warning(run));
		}
	}
	return 0;
}
