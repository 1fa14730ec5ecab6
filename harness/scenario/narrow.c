#include "harness/scenario/narrow.h"

#include "harness/scenario/read.h"
#include "lib/json.h"
#include "stored/metric.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Adds a cell of the claim, with the part and the scenario that it does not name. */
static int add_cell(struct claim_scope *needs, const json_t *cell)
{
	json_t *whole = json_copy((json_t *)(uintptr_t)cell);
	int result = 0;

	if (!json_is_object(whole)) {
		json_decref(whole);
		return 0;
	}
	if (!json_object_get(whole, "scenario"))
		result |= json_object_set_new(whole, "scenario", json_string(needs->scenario));
	if (!json_object_get(whole, "part"))
		result |= json_object_set_new(whole, "part", json_string(needs->part));
	return json_array_append_new(needs->cells, whole) | result;
}

static int add_cells(struct claim_scope *needs)
{
	const json_t *cell, *list = json_object_get(needs->claim, "cells");
	int result = add_cell(needs, json_object_get(needs->claim, "of")) |
		     add_cell(needs, json_object_get(needs->claim, "over"));
	size_t i;

	json_array_foreach(list, i, cell) result |= add_cell(needs, cell);
	needs->home = json_string_of(json_array_get(needs->cells, 0), "scenario");
	if (json_find(needs->cells, "scenario", needs->scenario))
		needs->home = needs->scenario;
	return result;
}

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

bool claim_scope_find(struct claim_scope *needs, const struct scenario *scenario, const char *id,
		      const json_t *metrics)
{
	*needs = (struct claim_scope){0};
	for (size_t i = 0; i < scenario->part_count; i++) {
		const struct scenario_part *part = &scenario->parts[i];
		const json_t *claim = json_find(part->claims, "id", id);

		if (!claim)
			continue;
		needs->scenario = strdup(scenario->name);
		needs->part = strdup(part->name);
		needs->claim = json_deep_copy(claim);
		needs->cells = json_array();
		needs->slope = has_slope(claim, metrics);
		if (needs->scenario && needs->part && needs->claim && add_cells(needs) == 0)
			return true;
		claim_scope_destroy(needs);
	}
	return false;
}

void claim_scope_destroy(struct claim_scope *needs)
{
	free(needs->scenario);
	free(needs->part);
	json_decref(needs->claim);
	json_decref(needs->cells);
	*needs = (struct claim_scope){0};
}

/* The claim's next cell in a part from an index on, which moves behind it; NULL: there is none. */
static const json_t *next_cell(const struct claim_scope *needs, const struct scenario *scenario,
			       const struct scenario_part *part, size_t *index)
{
	const json_t *cell;

	while ((cell = json_array_get(needs->cells, (*index)++)) != NULL)
		if (strcmp(json_string_of(cell, "scenario"), scenario->name) == 0 &&
		    strcmp(json_string_of(cell, "part"), part->name) == 0)
			return cell;
	return NULL;
}

static int narrow_servers(const struct scenario *scenario, struct scenario_part *part,
			  const struct claim_scope *needs)
{
	char **servers = calloc(json_array_size(needs->cells) + 1, sizeof *servers);
	const json_t *cell;
	size_t count = 0;

	for (size_t i = 0; servers && (cell = next_cell(needs, scenario, part, &i));) {
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

/* Whether the claim needs one value of an axis of the part. */
static bool needs_value(const struct scenario *scenario, const struct scenario_part *part,
			const struct claim_scope *needs, const char *axis, double value)
{
	const json_t *cell;

	for (size_t i = 0; (cell = next_cell(needs, scenario, part, &i));) {
		double wanted = json_number_of(json_object_get(cell, "point"), axis);

		if (!(wanted < value || wanted > value)) /* or the cell has none: all of them */
			return true;
	}
	return false;
}

static void narrow_axis(const struct scenario *scenario, struct scenario_part *part,
			struct axis *axis, const struct claim_scope *needs)
{
	const char *key = axis_at(axis->kind)->key;
	const char *along = json_string_of(needs->claim, "along");
	size_t kept = 0;

	if (strcmp(along, key) == 0 || strcmp(along, scenario_axis_field(axis->kind)->key) == 0 ||
	    (axis->kind == AXIS_CONNECTIONS && (needs->slope || part->ladder)))
		return;
	for (size_t i = 0; i < axis->count; i++)
		if (needs_value(scenario, part, needs, key, axis->values[i]))
			axis->values[kept++] = axis->values[i];
	axis->count = kept;
}

int scenario_narrow(struct scenario *scenario, const struct claim_scope *needs)
{
	bool own = strcmp(scenario->name, needs->home) == 0;
	struct scenario_part *home = NULL;

	for (size_t i = scenario->part_count; i-- > 0;) {
		size_t first = 0;

		if (!next_cell(needs, scenario, &scenario->parts[i], &first))
			scenario_drop_part(scenario, i);
	}
	for (size_t i = 0; i < scenario->part_count; i++) {
		struct scenario_part *part = &scenario->parts[i];

		json_array_clear(part->claims);
		if (narrow_servers(scenario, part, needs) < 0)
			return -ENOMEM;
		for (size_t j = 0; j < part->axis_count; j++)
			narrow_axis(scenario, part, &part->axes[j], needs);
		if (!home || strcmp(part->name, needs->part) == 0)
			home = part;
	}
	return own && home && json_array_append(home->claims, needs->claim) < 0 ? -ENOMEM : 0;
}
