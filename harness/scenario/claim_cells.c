/* The cells of a claim: of its own part, of another one, or of another scenario. */
#include "harness/scenario/claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OWN_KEYS = 3, CELLS_FEWEST = 2 };

/* What a cell may hold beside the axes. */
static const struct field own_fields[OWN_KEYS] = {
	{.key = "server",
	 .kind = FIELD_LATER,
	 .required = true,
	 .example = "epoll",
	 .help = "a server of the part"},
	{.key = "part", .kind = FIELD_LATER},
	{.key = "scenario", .kind = FIELD_LATER},
};

/* Words among a part's servers for which names stand that are known only where it runs (catalogue/groups.c). */
static const char *const group_words[] = {"models", "variants", "reference"};

struct cell_form {
	const struct claim_form *claim;
	const struct yaml_node *node;
	const char *name; /* "of" */
	const struct scenario_part
		*part; /* NULL: of another scenario, which is not here to be looked at */
	json_t *cell;  /* {"server":...,"point":{...}} */
};

static bool word_is_in(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static int keys_check(const struct cell_form *form)
{
	struct field fields[OWN_KEYS + AXIS_COUNT] = {{0}};

	memcpy(fields, own_fields, sizeof own_fields);
	for (enum axis_kind kind = 0; kind < AXIS_COUNT; kind++)
		fields[OWN_KEYS + kind] = (struct field){.key = scenario_axis_field(kind)->key,
							 .kind = FIELD_LATER};
	return schema_check_keys(form->claim->document, form->node, form->name, fields,
				 FIELDS_COUNT(fields));
}

/* A name under `key`, checked as to its form, into the cell. 1: there is none. */
static int name_read(const struct cell_form *form, const char *key, const char *marks, char **name)
{
	const struct yaml_document *document = form->claim->document;
	const struct yaml_node *node = yaml_find(form->node, key);
	int code;

	*name = NULL;
	if (!node)
		return 1;
	code = schema_text(document, node, key, name);
	if (code == 0 && !scenario_is_name(*name, marks))
		code = yaml_complain(document, node, "\"%.60s\" is no name of a %s", *name, key);
	if (code == 0 && json_object_set_new(form->cell, key, json_string(*name)) < 0)
		code = schema_no_memory(document);
	return code;
}

static int part_unknown(const struct cell_form *form)
{
	const struct scenario *scenario = form->claim->scenario;
	const char **names = calloc(scenario->part_count, sizeof *names);
	int code;

	for (size_t i = 0; names && i < scenario->part_count; i++)
		names[i] = scenario->parts[i].name;
	code = names ? schema_unknown(form->claim->document, yaml_find(form->node, "part"), "part",
				      "this scenario", names, scenario->part_count)
		     : schema_no_memory(form->claim->document);
	free(names);
	return code;
}

/* Which part it is of. Names stay in the cell only where they are not the claim's own. */
static int place_read(struct cell_form *form)
{
	const struct scenario *scenario = form->claim->scenario;
	char *name, *part;
	int code = name_read(form, "scenario", "-_.", &name), found;
	bool foreign = code == 0 && strcmp(name, scenario->name) != 0;

	form->part = foreign ? NULL : form->claim->part;
	if (code == 0 && !foreign)
		json_object_del(form->cell, "scenario");
	found = code < 0 ? code : name_read(form, "part", "-", &part);
	if (found == 0 && !foreign) {
		form->part = NULL;
		for (size_t i = 0; i < scenario->part_count; i++)
			if (strcmp(scenario->parts[i].name, part) == 0)
				form->part = &scenario->parts[i];
		if (!form->part)
			found = part_unknown(form);
		else if (form->part == form->claim->part)
			json_object_del(form->cell, "part");
	} else if (found == 1 && foreign && /* a scenario that is one part has its name */
		   json_object_set_new(form->cell, "part", json_string(name)) < 0) {
		found = schema_no_memory(form->claim->document);
	}
	free(name);
	free(code < 0 ? NULL : part);
	return found < 0 ? found : 0;
}

static int server_read(const struct cell_form *form)
{
	const struct scenario_part *part = form->part;
	const char *const *servers = part ? (const char *const *)part->servers : NULL;
	bool open = !part;
	char *server;
	int code = name_read(form, "server", "-_./@", &server);

	for (size_t i = 0; i < FIELDS_COUNT(group_words); i++)
		open = open || word_is_in(group_words[i], servers, part->server_count);
	if (code == 0 && !open && !word_is_in(server, servers, part->server_count))
		code = schema_unknown(form->claim->document, yaml_find(form->node, "server"),
				      "server",
				      part == form->claim->part ? "this part" : "that part",
				      servers, part->server_count);
	free(server);
	return code;
}

/* Adds the value of an axis to the point, one that the part has. */
static int value_read(const struct cell_form *form, enum axis_kind kind, const struct axis *axis,
		      json_t *point)
{
	const struct yaml_document *document = form->claim->document;
	const char *key = scenario_axis_field(kind)->key;
	const struct yaml_node *node = yaml_find(form->node, key);
	bool known = !form->part;
	double value = 0;
	int code;

	if (kind == form->claim->along) {
		yaml_complain(document, yaml_find_key(form->node, key),
			      "the claim runs along \"%s\", so a cell has no single one", key);
		return yaml_hint(document, "leave it out");
	}
	if (form->part && !axis) {
		yaml_complain(document, yaml_find_key(form->node, key),
			      "\"%s\" is not varied in %s part", key,
			      form->part == form->claim->part ? "this" : "that");
		return yaml_hint(document, "leave it out: the part has one value for it");
	}
	code = schema_number(document, node, scenario_axis_field(kind), &value);
	if (code < 0)
		return code;
	for (size_t i = 0; axis && i < axis->count; i++)
		known = known || axis->values[i] == value;
	if (!known) {
		yaml_complain(document, node, "%s is no value of %s in %s part", node->text, key,
			      form->part == form->claim->part ? "this" : "that");
		return yaml_hint(document, "the values stand in vary");
	}
	json_t *number = kind == AXIS_RATE ? json_real(value) : json_integer((json_int_t)value);
	return json_object_set_new(point, axis_at(kind)->key, number) < 0
		       ? schema_no_memory(document)
		       : 0;
}

/* Whether a cell is about all values of an axis together. */
static bool takes_all(const struct claim_form *claim, enum axis_kind kind)
{
	return kind == claim->along || (kind == AXIS_CONNECTIONS && claim_is_slope(claim));
}

/* An axis that is not named must have one value, or enough of them where the claim takes all. */
static int axis_check(const struct cell_form *form, enum axis_kind kind, const struct axis *axis)
{
	const struct claim_form *claim = form->claim;
	const char *key = scenario_axis_field(kind)->key;

	if (axis && !takes_all(claim, kind)) {
		yaml_complain(claim->document, form->node, "\"%s\" does not say which %s",
			      form->name, key);
		return yaml_hint(claim->document, "%s is varied in %s part: name one value", key,
				 form->part == claim->part ? "this" : "that");
	}
	if (!form->part || kind != claim->along || (axis && axis->count >= CLAIM_ALONG_VALUES))
		return 0;
	yaml_complain(claim->document, yaml_find(claim->node, "along"),
		      "along %s there are fewer than %d values in %s part", key, CLAIM_ALONG_VALUES,
		      form->part == claim->part ? "this" : "that");
	return yaml_hint(claim->document, "for instance  vary: {%s: %s}", key,
			 scenario_axis_field(kind)->example);
}

static int slope_check(const struct cell_form *form)
{
	const struct axis *axis = form->part ? scenario_part_axis(form->part, AXIS_CONNECTIONS)
					     : NULL;

	if (!form->part || !claim_is_slope(form->claim) ||
	    (axis && axis->count >= CLAIM_SLOPE_VALUES))
		return 0;
	yaml_complain(form->claim->document, yaml_find_key(form->claim->node, "metric"),
		      "a value per connection is a slope over %d counts of connections or more",
		      CLAIM_SLOPE_VALUES);
	return yaml_hint(form->claim->document,
			 "vary connections, for instance  connections: [1k, 2k, 4k, 10k]");
}

/* A metric of a kind of request is one of the part's that the cell is of. */
static int kinds_check(const struct cell_form *form)
{
	const struct claim_form *claim = form->claim;
	const struct yaml_node *node = yaml_find(claim->node, "metric");
	int code = 0;

	for (size_t i = 0; form->part && code == 0 && i < claim->metric_count; i++)
		code = scenario_kind_check(claim->document,
					   node->kind == NODE_LIST ? node->items[i] : node,
					   form->part, claim->metrics[i]);
	return code;
}

/* Reads a cell into {"server":...,"point":{...}}, with "part" and "scenario" where they are others. */
static int cell_read(const struct claim_form *claim, const struct yaml_node *node, const char *name,
		     json_t **cell)
{
	struct cell_form form = {.claim = claim, .node = node, .name = name};
	json_t *point = json_object();
	int code = keys_check(&form);

	form.cell = *cell = json_pack("{s:O?}", "point", point);
	if (code == 0 && (!point || !*cell))
		code = schema_no_memory(claim->document);
	if (code == 0)
		code = place_read(&form);
	if (code == 0)
		code = server_read(&form);
	if (code == 0)
		code = kinds_check(&form);
	if (code == 0)
		code = slope_check(&form);
	for (enum axis_kind kind = 0; code == 0 && kind < AXIS_COUNT; kind++) {
		const struct axis *axis = form.part ? scenario_part_axis(form.part, kind) : NULL;

		code = yaml_find(node, scenario_axis_field(kind)->key)
			       ? value_read(&form, kind, axis, point)
			       : axis_check(&form, kind, axis);
	}
	json_decref(point);
	return code;
}

static int list_read(struct claim_form *form, const struct yaml_node *list)
{
	int code = schema_expect(form->document, list, NODE_LIST, "cells", "a list of cells");

	if (code == 0 && (list->count < CELLS_FEWEST || list->count > CLAIM_CELLS_MOST))
		code = yaml_complain(form->document, list, "\"cells\" needs %d to %d cells",
				     CELLS_FEWEST, CLAIM_CELLS_MOST);
	form->cells = json_array();
	for (size_t i = 0; code == 0 && i < list->count; i++) {
		json_t *cell = NULL;

		code = schema_expect(form->document, list->items[i], NODE_MAPPING, "cells",
				     "a list of cells");
		if (code == 0)
			code = cell_read(form, list->items[i], "cells", &cell);
		if (json_array_append_new(form->cells, cell) < 0 && code == 0)
			code = schema_no_memory(form->document);
	}
	return code;
}

int claim_cells_read(struct claim_form *form)
{
	const struct {
		unsigned need;
		const char *key;
		json_t **cell;
	} single[] = {{CLAIM_OF, "of", &form->of}, {CLAIM_OVER, "over", &form->over}};
	int code = 0;

	for (size_t i = 0; code == 0 && i < FIELDS_COUNT(single); i++)
		if (form->kind->needs & single[i].need)
			code = cell_read(form, yaml_find(form->node, single[i].key), single[i].key,
					 single[i].cell);
	if (code == 0 && form->kind->needs & CLAIM_CELLS)
		code = list_read(form, yaml_find(form->node, "cells"));
	return code;
}

int claim_along_read(struct claim_form *form)
{
	const struct yaml_node *node = yaml_find(form->node, "along");
	const char *known[AXIS_COUNT];

	form->along = AXIS_COUNT;
	if (!form->along_word)
		return 0;
	for (enum axis_kind kind = 0; kind < AXIS_COUNT; kind++) {
		known[kind] = scenario_axis_field(kind)->key;
		if (strcmp(known[kind], form->along_word) == 0)
			form->along = kind;
	}
	if (form->along == AXIS_COUNT)
		return schema_unknown(form->document, node, "axis name", "along", known,
				      AXIS_COUNT);
	if (form->along == AXIS_CONNECTIONS && claim_is_slope(form))
		return yaml_complain(form->document, node, "%s is a slope over connections already",
				     form->metrics[0]);
	return 0;
}
