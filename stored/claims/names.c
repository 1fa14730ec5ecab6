#include "stored/claims/names.h"

#include "lib/json.h"
#include "stored/axis.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void append(char *out, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void append(char *out, size_t size, const char *format, ...)
{
	size_t length = strlen(out);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(out + length, size - length, format, arguments);
	va_end(arguments);
}

/* Another cell of the same server that the function tells apart from this one. */
static bool differs(const struct question *question, size_t index, const char *axis,
		    bool (*apart)(const struct cell *, const struct cell *, const char *))
{
	const struct cell *cell = &question->cells[index].cell;

	for (size_t i = 0; i < question->cell_count; i++)
		if (i != index && strcmp(question->cells[i].cell.server, cell->server) == 0 &&
		    apart(cell, &question->cells[i].cell, axis))
			return true;
	return false;
}

static bool apart_on_axis(const struct cell *a, const struct cell *b, const char *axis)
{
	return json_number_of(a->point, axis) != json_number_of(b->point, axis);
}

static bool apart_by_part(const struct cell *a, const struct cell *b, const char *axis)
{
	(void)axis;
	return strcmp(a->part, b->part) != 0 || strcmp(a->scenario, b->scenario) != 0;
}

static void append_value(char *out, size_t size, enum axis_kind axis, double value)
{
	const struct axis_words *words = axis_at(axis);
	enum unit_kind unit = units_kind_named(words->unit);
	char text[32];

	if (unit == UNIT_COUNT && value >= 0)
		units_format_count((uint64_t)value, text);
	else
		units_format(unit, value, text, sizeof text);
	append(out, size, "%s%s%s", words->before, text, words->after);
}

char *claim_cell_name(const struct question *question, size_t index, char out[CLAIM_NAME_SIZE])
{
	const struct cell *cell = &question->cells[index].cell;
	const char *separator = " (";
	const char *key;
	json_t *value;

	snprintf(out, CLAIM_NAME_SIZE, "%s", cell->server);
	json_object_foreach((json_t *)cell->point, key, value)
	{
		enum axis_kind axis = axis_find(key);

		if (axis == AXIS_COUNT || !differs(question, index, key, apart_on_axis))
			continue;
		append(out, CLAIM_NAME_SIZE, "%s", separator);
		append_value(out, CLAIM_NAME_SIZE, axis, json_number_value(value));
		separator = ", ";
	}
	if (separator[0] == ' ' && differs(question, index, "", apart_by_part)) {
		append(out, CLAIM_NAME_SIZE, "%spart %s", separator, cell->part);
		separator = ", ";
	}
	if (separator[0] != ' ')
		append(out, CLAIM_NAME_SIZE, ")");
	return out;
}

void claim_name_cells(const struct question *question, struct verdict *verdict)
{
	char name[CLAIM_NAME_SIZE];

	for (size_t i = 0; i < question->cell_count; i++)
		append(verdict->servers, sizeof verdict->servers, "%s%s",
		       i ? question->kind->between : "", claim_cell_name(question, i, name));
}
