/* What a server of the catalogue says of itself, or its manifest for it. */
#include "harness/catalogue/catalogue.h"

#include "harness/catalogue/foreign.h"

#include <stdlib.h>
#include <string.h>

/* What the description says of this entry: of its variant, where that has a word of its own. */
static json_t *described(const struct server_entry *entry, const char *key)
{
	json_t *variant, *value;
	size_t i;

	json_array_foreach(json_object_get(entry->description, "variants"), i, variant)
	{
		const char *name = json_string_value(json_object_get(variant, "name"));

		value = json_object_get(variant, key);
		if (entry->variant && name && strcmp(name, entry->variant) == 0 && value)
			return value;
	}
	return json_object_get(entry->description, key);
}

const json_t *server_entry_known_differences(const struct server_entry *entry)
{
	return described(entry, "known_differences");
}

const json_t *server_entry_routes(const struct server_entry *entry)
{
	return json_object_get(entry->description, "routes");
}

bool server_entry_answers(const struct server_entry *entry, const char *target)
{
	const json_t *routes = server_entry_routes(entry), *route;
	size_t i;

	json_array_foreach(routes, i, route) if (manifest_route_fits(json_string_value(route),
								     target)) return true;
	return json_array_size(routes) == 0;
}

bool server_entry_takes(const struct server_entry *entry, const char *option)
{
	const json_t *taken;
	size_t i;

	json_array_foreach(described(entry, "options"), i,
			   taken) if (strcmp(json_string_value(taken), option) == 0) return true;
	return false;
}

bool server_entry_is_own(const struct server_entry *entry)
{
	return !entry->manifest && !entry->port;
}

/* What there is to say of a server of somebody else. */
static void describe_foreign(const struct server_entry *entry, json_t *json)
{
	static const char *const keys[] = {"title", "architecture", "routes", "tuned",
					   "warm_up_ns"};
	char *version = entry->manifest ? foreign_version(entry->manifest) : NULL;

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		json_object_set(json, keys[i], json_object_get(entry->description, keys[i]));
	json_object_set_new(json, "version", version ? json_string(version) : json_null());
	free(version);
}

json_t *server_entry_to_json(const struct server_entry *entry)
{
	const json_t *description = entry->description;
	json_t *json;

	json = json_pack("{s:s, s:O, s:s?, s:O, s:O, s:s, s:b}", "name", entry->name, "family",
			 json_object_get(description, "family"), "summary",
			 json_string_value(described(entry, "summary")), "traits",
			 described(entry, "traits"), "library",
			 json_object_get(description, "library"), "build", entry->build, "own",
			 server_entry_is_own(entry));
	if (json && json_is_string(json_object_get(description, "injected")))
		json_object_set(json, "injected", json_object_get(description, "injected"));
	if (json && entry->label)
		json_object_set_new(json, "label", json_string(entry->label));
	if (json && !server_entry_is_own(entry))
		describe_foreign(entry, json);
	return json;
}

uint64_t server_entry_max_connections(const struct server_entry *entry)
{
	const json_t *most = described(entry, "max_connections");

	return json_is_integer(most) && json_integer_value(most) > 0
		       ? (uint64_t)json_integer_value(most)
		       : UINT64_MAX;
}

uint64_t server_entry_warm_up_ns(const struct server_entry *entry)
{
	json_int_t ns = json_integer_value(described(entry, "warm_up_ns"));

	return ns > 0 ? (uint64_t)ns : 0;
}

static const char *described_text(const struct server_entry *entry, const char *key)
{
	const char *text = json_string_value(described(entry, key));

	return text ? text : "";
}

const char *server_entry_limited_by(const struct server_entry *entry)
{
	return described_text(entry, "limited_by");
}

const char *server_entry_lifted_by(const struct server_entry *entry)
{
	return described_text(entry, "lifted_by");
}

unsigned server_entry_descriptor_tables(const struct server_entry *entry, unsigned cores)
{
	json_int_t tables = json_integer_value(described(entry, "descriptor_tables"));

	if (strcmp(described_text(entry, "descriptor_tables"), "per-core") == 0)
		tables = cores;
	return tables > 1 ? (unsigned)tables : 1;
}

bool server_entry_has_trait(const struct server_entry *entry, const char *trait)
{
	json_t *value;
	size_t i;

	json_array_foreach(described(entry, "traits"), i,
			   value) if (json_is_string(value) &&
				      strcmp(json_string_value(value), trait) == 0) return true;
	return false;
}
