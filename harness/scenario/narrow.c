#include "harness/scenario/narrow.h"

#include "harness/scenario/read.h"
#include "lib/json.h"
#include "stored/metric.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool has_slope(const json_t *claim, const json_t *metrics)
{
	const json_t *metric;
	size_t i;

	json_array_foreach(
		json_object_get(claim, "metrics"), i,
		metric) if (metric_slope_of(metric_find(metrics,
							json_string_value(metric)))) return true;
	return false;
}

/* Where a claim stands, and what its cells have of it. */
struct place {
	const struct scenario *scenario;
	const struct scenario_part *part;
	const json_t *claim;
	bool slope;
};

/* Adds a cell of the claim, with the part and the scenario that it does not name. */
static int add_cell(json_t *cells, const struct place *place, const json_t *cell)
{
	json_t *whole = json_copy((json_t *)(uintptr_t)cell);
	int result;

	if (!json_is_object(whole)) {
		json_decref(whole);
		return 0;
	}
	result = json_object_set_new(whole, "slope", json_boolean(place->slope)) |
		 json_object_set_new(whole, "along",
				     json_string(json_string_of(place->claim, "along")));
	if (!json_object_get(whole, "scenario"))
		result |= json_object_set_new(whole, "scenario",
					      json_string(place->scenario->name));
	if (!json_object_get(whole, "part"))
		result |= json_object_set_new(whole, "part", json_string(place->part->name));
	return json_array_append_new(cells, whole) | result;
}

static int add_claim(struct claim_scope *scope, const struct place *place)
{
	const json_t *cell, *list = json_object_get(place->claim, "cells"), *first;
	const char *home = place->scenario->name;
	json_t *cells = json_array();
	int result = add_cell(cells, place, json_object_get(place->claim, "of")) |
		     add_cell(cells, place, json_object_get(place->claim, "over"));
	size_t i;

	json_array_foreach(list, i, cell) result |= add_cell(cells, place, cell);
	first = json_array_get(cells, 0);
	if (first && !json_find(cells, "scenario", home))
		home = json_string_of(first, "scenario");
	result |= json_array_append_new(scope->claims,
					json_pack("{s:s, s:s, s:s, s:O}", "scenario",
						  place->scenario->name, "part", place->part->name,
						  "home", home, "claim", place->claim));
	result |= json_array_extend(scope->cells, cells);
	json_decref(cells);
	return result;
}

long claim_scope_add(struct claim_scope *scope, const struct scenario *scenario, const char *id,
		     const json_t *metrics)
{
	const json_t *claim;
	long added = 0;
	size_t i;

	if (!scope->claims)
		*scope = (struct claim_scope){json_array(), json_array()};
	for (size_t part = 0; part < scenario->part_count; part++)
		json_array_foreach(scenario->parts[part].claims, i, claim)
		{
			struct place place = {scenario, &scenario->parts[part], claim,
					      has_slope(claim, metrics)};

			if (id && strcmp(json_string_of(claim, "id"), id) != 0)
				continue;
			if (add_claim(scope, &place) != 0)
				return -ENOMEM;
			added++;
		}
	return added;
}

void claim_scope_destroy(struct claim_scope *scope)
{
	json_decref(scope->claims);
	json_decref(scope->cells);
	*scope = (struct claim_scope){0};
}

/* The next cell in a part from an index on, which moves behind it; NULL: there is none. */
static const json_t *next_cell(const struct claim_scope *scope, const struct scenario *scenario,
			       const struct scenario_part *part, size_t *index)
{
	const json_t *cell;

	while ((cell = json_array_get(scope->cells, (*index)++)) != NULL)
		if (strcmp(json_string_of(cell, "scenario"), scenario->name) == 0 &&
		    strcmp(json_string_of(cell, "part"), part->name) == 0)
			return cell;
	return NULL;
}

static int narrow_servers(const struct scenario *scenario, struct scenario_part *part,
			  const struct claim_scope *scope)
{
	char **servers = calloc(json_array_size(scope->cells) + 1, sizeof *servers);
	const json_t *cell;
	size_t count = 0;

	for (size_t i = 0; servers && (cell = next_cell(scope, scenario, part, &i));) {
		const char *name = json_string_of(cell, "server");
		size_t known = 0;

		while (known < count && strcmp(servers[known], name) != 0)
			known++;
		if (known < count)
			continue;
		servers[count] = strdup(name);
		if (!servers[count++])
			break;
	}
	if (!servers || count == 0 || !servers[count - 1]) {
		schema_words_free(servers, count);
		return -ENOMEM;
	}
	schema_words_free(part->servers, part->server_count);
	part->servers = servers;
	part->server_count = count;
	return 0;
}

/* Whether a cell needs all values of an axis: its claim runs along it, or is about a slope over it. */
static bool needs_all(const json_t *cell, const struct axis *axis)
{
	const char *along = json_string_of(cell, "along");

	return strcmp(along, axis_at(axis->kind)->key) == 0 ||
	       strcmp(along, scenario_axis_field(axis->kind)->key) == 0 ||
	       (axis->kind == AXIS_CONNECTIONS && json_is_true(json_object_get(cell, "slope")));
}

/* Whether the claims need one value of an axis of the part. */
static bool needs_value(const struct scenario *scenario, const struct scenario_part *part,
			const struct claim_scope *scope, const struct axis *axis, double value)
{
	const json_t *cell;

	for (size_t i = 0; (cell = next_cell(scope, scenario, part, &i));) {
		double wanted = json_number_of(json_object_get(cell, "point"),
					       axis_at(axis->kind)->key);

		if (needs_all(cell, axis) || !(wanted < value || wanted > value))
			return true; /* or the cell has none: all of them */
	}
	return false;
}

static void narrow_axis(const struct scenario *scenario, struct scenario_part *part,
			struct axis *axis, const struct claim_scope *scope)
{
	size_t kept = 0;

	if (axis->kind == AXIS_CONNECTIONS && part->ladder)
		return;
	for (size_t i = 0; i < axis->count; i++)
		if (needs_value(scenario, part, scope, axis, axis->values[i]))
			axis->values[kept++] = axis->values[i];
	axis->count = kept;
}

/* The claims that are at home here, each in its own part if that is left, else in the first. */
static int keep_claims(struct scenario *scenario, const struct claim_scope *scope)
{
	const json_t *entry;
	int result = 0;
	size_t i;

	json_array_foreach(scope->claims, i, entry)
	{
		size_t at = 0;

		if (strcmp(json_string_of(entry, "home"), scenario->name) != 0 ||
		    scenario->part_count == 0)
			continue;
		while (at < scenario->part_count &&
		       strcmp(scenario->parts[at].name, json_string_of(entry, "part")) != 0)
			at++;
		result |= json_array_append(
			scenario->parts[at == scenario->part_count ? 0 : at].claims,
			json_object_get(entry, "claim"));
	}
	return result ? -ENOMEM : 0;
}

int scenario_narrow(struct scenario *scenario, const struct claim_scope *scope)
{
	for (size_t i = scenario->part_count; i-- > 0;) {
		size_t first = 0;

		if (!next_cell(scope, scenario, &scenario->parts[i], &first))
			scenario_drop_part(scenario, i);
	}
	for (size_t i = 0; i < scenario->part_count; i++) {
		struct scenario_part *part = &scenario->parts[i];

		json_array_clear(part->claims);
		if (narrow_servers(scenario, part, scope) < 0)
			return -ENOMEM;
		for (size_t j = 0; j < part->axis_count; j++)
			narrow_axis(scenario, part, &part->axes[j], scope);
	}
	return keep_claims(scenario, scope);
}
