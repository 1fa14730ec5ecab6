#include "loadgen/condition.h"
#include "lib/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char forms[] =
	"it is like p99>20ms, max>1s, mean>5ms, errors>0, answered<99% or rate<5k; of a kind of a mix "
	"p99@NAME>20ms, silent@NAME>5%";

/* "p99", "p99.9", "max". */
static bool parse_percentile(const char *name, double *percentile)
{
	char *end;

	if (strcmp(name, "max") == 0) {
		*percentile = 100;
		return true;
	}
	if (name[0] != 'p' || strspn(name + 1, "0123456789.") != strlen(name + 1) || !name[1])
		return false;
	*percentile = strtod(name + 1, &end);
	return *end == '\0' && *percentile > 0 && *percentile <= 100;
}

static int parse_what(struct condition *condition, const char *name, enum unit_kind *kind)
{
	static const struct {
		const char *name;
		int of;
		enum unit_kind kind;
	} rows[] = {
		{"mean", CONDITION_MEAN, UNIT_DURATION},
		{"errors", CONDITION_ERRORS, UNIT_COUNT},
		{"answered", CONDITION_ANSWERED, UNIT_RATIO},
		{"rate", CONDITION_RATE, UNIT_RATE},
		{"silent", CONDITION_SILENT, UNIT_RATIO},
	};

	*kind = UNIT_DURATION;
	condition->of = CONDITION_PERCENTILE;
	if (parse_percentile(name, &condition->percentile))
		return 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(name, rows[i].name) == 0) {
			condition->of = rows[i].of;
			*kind = rows[i].kind;
			return 0;
		}
	return -EINVAL;
}

int condition_parse(struct condition *condition, const char *text, struct error *error)
{
	size_t length = strcspn(text, "<>"), what = strcspn(text, "@<>");
	size_t behind = what < length ? what + 1 : length;
	enum unit_kind kind;
	char name[16];
	uint64_t value;

	*condition = (struct condition){.text = text, .above = text[length] == '>'};
	if (text[length] == '\0' || what >= sizeof(name) ||
	    length - behind >= sizeof(condition->kind) || (what < length && behind == length))
		return error_set(error, "\"%.60s\" is no condition: %s", text, forms);
	snprintf(name, sizeof(name), "%.*s", (int)what, text);
	memcpy(condition->kind, text + behind, length - behind);
	if (parse_what(condition, name, &kind) < 0 ||
	    (condition->of == CONDITION_SILENT && !*condition->kind))
		return error_set(error, "\"%.60s\" is no condition: %s", text, forms);
	if (kind == UNIT_RATE || kind == UNIT_RATIO)
		return units_parse_real(kind, text + length + 1, &condition->limit, error);
	if (units_parse_integer(kind, text + length + 1, &value, error) < 0)
		return -EINVAL;
	condition->limit = (double)value;
	return 0;
}
