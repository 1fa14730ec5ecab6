/* What is not measured, and the command that would measure it. */
#include "report/choice/parts.h"

#include "report/format.h"

#include <math.h>
#include <string.h>

static const char *const columns[CHOICE_COLUMNS] = {
	[CHOICE_WORK] = "what a request costs",
	[CHOICE_MEMORY] = "memory",
	[CHOICE_TAIL] = "response times at a fixed rate",
};

static const char *scenario_of(const struct choice_place *place)
{
	return json_string_of(place->part->scenario, "name");
}

/* By its name, if it is one that tenk brings along, else by its file. */
static void append_scenario(struct text_buffer *out, const struct choice_place *place,
			    const struct choice_run *scenarios)
{
	bool known = false;

	for (size_t i = 0; scenarios && i < scenarios->part_count; i++)
		known = known || strcmp(json_string_of(scenarios->parts[i].scenario, "name"),
					scenario_of(place)) == 0;
	text_append(out, "tenk run ");
	text_append_shell(out, known ? scenario_of(place)
				     : json_string_of(place->part->scenario, "file"));
}

static void append_cores(struct text_buffer *out, const struct choice_needs *needs)
{
	text_append_format(out, " --server-cores %s%.0f", needs->cores > 1 ? "0-" : "",
			   needs->cores - 1);
	if (needs->cores_here == 0 || needs->cores < needs->cores_here)
		return;
	text_append(out, ", on a machine of more than "); /* the load has its own */
	format_count(out, (size_t)needs->cores, "core");
}

static void append_plan(struct text_buffer *out, const struct choice *choice,
			const struct choice_run *scenarios, enum choice_column column)
{
	static const char own[] = "a scenario of your own can (tenk-scenarios(5))";
	struct choice_place plan = {0};

	if (!scenarios || !choice_plan(&plan, scenarios, &choice->needs, column)) {
		text_append_format(out, "no scenario measures it; %s", own);
		return;
	}
	append_scenario(out, &plan, scenarios);
	if (choice->needs.cores > 0 && isnan(plan.cores))
		append_cores(out, &choice->needs);
	if (!plan.near) {
		text_append(out, " measures it at ");
		format_count(out, (size_t)plan.connections, "connection");
		text_append_format(out, "; %s at others", own);
	}
	if (!plan.right_cores) {
		text_append(out, " measures it on ");
		format_count(out, (size_t)plan.cores, "core");
		text_append_format(out, "; %s on others", own);
	}
}

void choice_append_missing(struct text_buffer *out, const struct choice *choice,
			   const struct choice_run *scenarios, enum choice_column column)
{
	const struct choice_place *place = &choice->places[column];

	if (place->run && place->near && (place->right_cores || column == CHOICE_MEMORY))
		return;
	text_append(out, columns[column]);
	if (place->run && !place->near) {
		text_append(out, " near ");
		format_count(out, (size_t)choice->needs.connections, "connection");
	}
	if (place->run && !place->right_cores && column != CHOICE_MEMORY) {
		text_append(out, " on ");
		format_count(out, (size_t)choice->needs.cores, "core");
	}
	text_append(out, ": ");
	append_plan(out, choice, scenarios, column);
}

void choice_append_missing_servers(struct text_buffer *out, const struct choice *choice,
				   const struct choice_run *scenarios, enum choice_column column,
				   size_t most)
{
	const struct choice_place *place = &choice->places[column];
	struct text_buffer names = {0};

	for (size_t i = 0; place->run && i < choice->count && i < most; i++)
		if (choice->rows[i].figures[column].why == choice_not_measured)
			text_append_format(&names, "%s%s", names.length ? "," : "",
					   choice->rows[i].server);
	if (names.length > 0) {
		text_append_format(out, "%s of some: ", columns[column]);
		append_scenario(out, place, scenarios);
		text_append(out, " --servers ");
		text_append_shell(out, text_string(&names));
	}
	text_destroy(&names);
}
