#include "stored/comparison/cells.h"

#include "lib/json.h"
#include "lib/nearest.h"
#include "lib/text_buffer.h"
#include "lib/units.h"
#include "stored/axis.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SERVERS_LISTED = 64 };

/* Both sides, while cells are looked for. */
struct sides {
	const struct results *a, *b;
	const char *a_subject, *b_subject;
};

const char *compared_label(const char *server)
{
	const char *at = strrchr(server, '@');

	return at ? at : "";
}

static bool subject_matches(const char *subject, const char *server)
{
	if (!subject)
		return true;
	return strcmp(subject, *subject == '@' ? compared_label(server) : server) == 0;
}

/* The server of A that stands against one of B, borrowed from A's trials; NULL: there is none. */
static const char *counterpart(const struct sides *sides, const char *server)
{
	size_t base = strlen(server) - strlen(compared_label(server));

	for (size_t i = 0; i < sides->a->trial_count; i++) {
		const char *other = json_string_of(sides->a->trials[i], "server");

		if (!subject_matches(sides->a_subject, other))
			continue;
		if (!sides->a_subject ? strcmp(other, server) == 0
				      : *sides->a_subject != '@' ||
						(strncmp(other, server, base) == 0 &&
						 strcmp(other + base, sides->a_subject) == 0))
			return other;
	}
	return NULL;
}

static bool has_trials(const struct results *results, const struct cell *cell)
{
	for (size_t i = 0; i < results->trial_count; i++)
		if (results_trial_matches(results->trials[i], cell))
			return true;
	return false;
}

static const json_t *part_of(const struct results *results, const struct cell *cell)
{
	const json_t *scenario = json_find(json_object_get(results->run, "scenarios"), "name",
					   cell->scenario);

	return json_find(json_object_get(scenario, "parts"), "name", cell->part);
}

static void append_axis(struct text_buffer *text, const char *axis, double value)
{
	enum axis_kind kind = axis_find(axis);
	char number[64];

	if (kind == AXIS_COUNT) {
		text_append_format(text, ", %s %g", axis, value);
		return;
	}
	if (kind == AXIS_CONNECTIONS && value == 1) {
		text_append(text, ", 1 connection");
		return;
	}
	if (kind == AXIS_CONNECTIONS)
		units_format_count((uint64_t)value, number);
	else
		units_format(units_kind_named(axis_at(kind)->unit), value, number, sizeof number);
	text_append_format(text, ", %s%s%s", axis_at(kind)->before, number, axis_at(kind)->after);
}

/* Names of parts are enough, unless several scenarios or servers are compared. */
static char *name_cell(const struct compared_cell *cell, const char *server, bool scenarios,
		       bool servers)
{
	struct text_buffer text = {0};
	const char *axis;
	json_t *value;

	if (servers)
		text_append_format(&text, "%s, ", server);
	if (scenarios && strcmp(cell->b.scenario, cell->b.part) != 0)
		text_append_format(&text, "%s/", cell->b.scenario);
	text_append(&text, cell->b.part);
	json_object_foreach(cell->point, axis, value)
		append_axis(&text, axis, json_number_value(value));
	if (text_failed(&text)) {
		text_destroy(&text);
		return NULL;
	}
	return text.text;
}

static bool is_known(const struct compared_cells *cells, const struct compared_cell *cell)
{
	for (size_t i = 0; i < cells->count; i++) {
		const struct compared_cell *other = &cells->items[i];

		if (other->slopes == cell->slopes &&
		    strcmp(other->b.scenario, cell->b.scenario) == 0 &&
		    strcmp(other->b.part, cell->b.part) == 0 &&
		    strcmp(other->b.server, cell->b.server) == 0 &&
		    json_equal(other->point, cell->point))
			return true;
	}
	return false;
}

static int append(struct compared_cells *cells, const struct compared_cell *cell)
{
	struct compared_cell *grown = reallocarray(cells->items, cells->count + 1,
						   sizeof *cells->items);

	if (!grown)
		return -ENOMEM;
	cells->items = grown;
	grown[cells->count++] = *cell;
	return 0;
}

/* Adds the cell in which a trial of B lies, if A has it too; as a slope, the one of all connections. */
static int add_cell(struct compared_cells *cells, const struct sides *sides, const json_t *trial,
		    bool slopes)
{
	static const char rate[] = "rate_per_s";
	const char *connections = axis_at(AXIS_CONNECTIONS)->key;
	struct compared_cell cell = {
		.b = {.scenario = json_string_of(trial, "scenario"),
		      .part = json_string_of(trial, "part"),
		      .server = json_string_of(trial, "server")},
		.slopes = slopes,
	};
	json_t *point = json_object_get(trial, "point");
	const json_t *load;

	if (!subject_matches(sides->b_subject, cell.b.server) ||
	    (slopes && !json_object_get(point, connections)))
		return 0;
	cell.a = cell.b;
	cell.a.server = counterpart(sides, cell.b.server);
	cell.point = json_is_object(point) ? json_copy(point) : json_object();
	if (!cell.point)
		return -ENOMEM;
	if (slopes)
		json_object_del(cell.point, connections);
	cell.a.point = cell.b.point = cell.point;
	if (!cell.a.server || is_known(cells, &cell) || !has_trials(sides->a, &cell.a)) {
		json_decref(cell.point);
		return 0;
	}
	load = json_object_get(part_of(sides->b, &cell.b), "load");
	cell.open_loop = json_number_of(load, rate) > 0 || json_number_of(cell.point, rate) > 0 ||
			 *json_string_of(load, "share_of");
	cell.server = strndup(cell.b.server,
			      strlen(cell.b.server) - strlen(compared_label(cell.b.server)));
	if (!cell.server || append(cells, &cell) < 0) {
		free(cell.server);
		json_decref(cell.point);
		return -ENOMEM;
	}
	return 0;
}

static int name_cells(struct compared_cells *cells)
{
	bool scenarios = false, servers = false;

	for (size_t i = 1; i < cells->count; i++) {
		scenarios |= strcmp(cells->items[i].b.scenario, cells->items[0].b.scenario) != 0;
		servers |= strcmp(cells->items[i].server, cells->items[0].server) != 0;
	}
	for (size_t i = 0; i < cells->count; i++) {
		struct compared_cell *cell = &cells->items[i];

		cell->name = name_cell(cell, cell->server, scenarios, servers);
		if (!cell->name)
			return -ENOMEM;
	}
	return 0;
}

/* The how-manieth part of the run it is; those that run.json does not know come last. */
static size_t part_place(const struct results *results, const struct cell *cell)
{
	const json_t *scenario, *part;
	size_t place = 0, i, j;

	json_array_foreach(json_object_get(results->run, "scenarios"), i, scenario)
		json_array_foreach(json_object_get(scenario, "parts"), j, part)
	{
		if (strcmp(json_string_of(scenario, "name"), cell->scenario) == 0 &&
		    strcmp(json_string_of(part, "name"), cell->part) == 0)
			return place;
		place++;
	}
	return place;
}

static int compare_points(const json_t *a, const json_t *b)
{
	const char *axis;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)a, axis, value)
	{
		double x = json_number_value(value), y = json_number_of(b, axis);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

/* The trials that a cell is found by are shuffled: part by part, server by server, ascending. */
static int compare_cells(const void *left, const void *right, void *run)
{
	const struct compared_cell *a = left, *b = right;
	size_t place_a = part_place(run, &a->b), place_b = part_place(run, &b->b);
	int servers = strcmp(a->server, b->server);

	if (place_a != place_b)
		return place_a < place_b ? -1 : 1;
	if (servers != 0)
		return servers;
	if (a->slopes != b->slopes)
		return a->slopes ? 1 : -1;
	return compare_points(a->point, b->point);
}

/* The message for a subject that has no trial. */
static int complain(const struct results *results, const char *subject, struct error *error)
{
	const char *names[SERVERS_LISTED], *near;
	char list[400];
	size_t count = 0;

	for (size_t i = 0; i < results->trial_count && count < SERVERS_LISTED; i++) {
		const char *name = json_string_of(results->trials[i], "server");
		bool seen = false;

		if (*subject == '@')
			name = compared_label(name);
		for (size_t j = 0; j < count && !seen; j++)
			seen = strcmp(names[j], name) == 0;
		if (!seen && *name)
			names[count++] = name;
	}
	near = nearest_word(subject, names, count);
	return error_set(error, "%s has no trial of \"%s\"%s%s%s (it has: %s)", results->directory,
			 subject, near ? "; did you mean \"" : "", near ? near : "",
			 near ? "\"?" : "", nearest_list(names, count, list, sizeof list));
}

static bool has_subject(const struct results *results, const char *subject)
{
	for (size_t i = 0; i < results->trial_count; i++)
		if (subject_matches(subject, json_string_of(results->trials[i], "server")))
			return true;
	return false;
}

int compared_cells_find(struct compared_cells *cells, const struct results *a,
			const char *a_subject, const struct results *b, const char *b_subject,
			struct error *error)
{
	const struct sides sides = {a, b, a_subject, b_subject};
	int result = 0;

	*cells = (struct compared_cells){0};
	if (a_subject && !has_subject(a, a_subject))
		return complain(a, a_subject, error);
	if (b_subject && !has_subject(b, b_subject))
		return complain(b, b_subject, error);
	for (size_t i = 0; result == 0 && i < b->trial_count; i++) {
		result = add_cell(cells, &sides, b->trials[i], false);
		if (result == 0)
			result = add_cell(cells, &sides, b->trials[i], true);
	}
	if (cells->count > 0)
		qsort_r(cells->items, cells->count, sizeof *cells->items, compare_cells,
			(void *)(uintptr_t)b);
	if (result == 0)
		result = name_cells(cells);
	if (result < 0)
		error_set(error, "out of memory");
	else if (cells->count == 0)
		result = error_set(
			error,
			"%s and %s have nothing in common: no cell (scenario, part, server, "
			"point) is in both",
			a->directory, b->directory);
	return result;
}

void compared_cells_destroy(struct compared_cells *cells)
{
	for (size_t i = 0; i < cells->count; i++) {
		json_decref(cells->items[i].point);
		free(cells->items[i].name);
		free(cells->items[i].server);
	}
	free(cells->items);
	*cells = (struct compared_cells){0};
}
