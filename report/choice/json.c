/* A choice as JSON (results/SCHEMA.md). */
#include "report/choice/parts.h"

#include "report/format.h"

#include <math.h>
#include <string.h>

static const char *const columns[CHOICE_COLUMNS] = {
	[CHOICE_WORK] = "work", [CHOICE_MEMORY] = "memory", [CHOICE_TAIL] = "tail"};

static const char *const fits[] = {
	[CHOICE_FITS] = "fits", [CHOICE_UNKNOWN] = "unknown", [CHOICE_FAILS] = "fails"};

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

/* A sentence for programs: a no-break space is a matter of pages. */
static json_t *sentence(struct text_buffer *text)
{
	struct text_buffer plain = {0};
	const char *from = text_string(text);
	json_t *json;

	for (const char *next; (next = strstr(from, TEXT_NBSP)); from = next + strlen(TEXT_NBSP)) {
		text_append_bytes(&plain, from, (size_t)(next - from));
		text_append(&plain, " ");
	}
	text_append(&plain, from);
	json = text_failed(text) || text_failed(&plain) ? NULL : json_string(text_string(&plain));
	text_destroy(&plain);
	text_destroy(text);
	return json;
}

static json_t *describe_place(const struct choice_place *place)
{
	const json_t *run;

	if (!place->run)
		return json_null();
	run = place->run->results->run;
	return json_pack("{s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:O, s:s, s:o, s:o, s:b, s:b, s:b}",
			 "run", json_string_of(run, "id"), "folder", place->run->results->directory,
			 "started_at", json_string_of(run, "started_at"), "published",
			 place->run->published, "changes", place->run->changes, "scenario",
			 json_string_of(place->part->scenario, "name"), "part",
			 part_text(place->part, "name"), "point", place->point, "metric",
			 place->metric, "connections", number(place->connections), "cores",
			 number(place->cores), "near", place->near, "right_cores",
			 place->right_cores, "right_work", place->right_work);
}

static json_t *describe_ratio(const struct block_ratio *ratio)
{
	if (ratio->summary.count == 0)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:I, s:b, s:b}", "estimate",
			 number(ratio->summary.median), "low", number(ratio->summary.low), "high",
			 number(ratio->summary.high), "blocks", (json_int_t)ratio->summary.count,
			 "at_least", ratio->at_least, "at_most", ratio->at_most);
}

static json_t *describe_figure(const struct choice_figure *figure, const struct choice_place *place)
{
	if (figure->summary.count == 0)
		return json_pack("{s:s}", "why", figure->why);
	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:b, s:o}", "place", describe_place(place),
			 "median", number(figure->summary.median), "low",
			 number(figure->summary.low), "high", number(figure->summary.high),
			 "blocks", (json_int_t)figure->summary.count, "at_least", figure->bound,
			 "ratio", describe_ratio(&figure->ratio));
}

static json_t *describe_row(const struct choice_row *row)
{
	json_t *figures = json_object();

	for (size_t i = 0; i < CHOICE_COLUMNS; i++)
		json_object_set_new(figures, columns[i],
				    describe_figure(&row->figures[i], &row->places[i]));
	return json_pack("{s:s, s:s, s:b, s:s, s:s, s:o, s:o}", "server", row->server, "family",
			 row->family, "own", row->own, "fit", fits[row->fit], "why", row->why,
			 "needs_bytes", number(row->needs_bytes), "figures", figures);
}

static json_t *describe_missing(const struct choice *choice, const struct choice_run *scenarios)
{
	json_t *list = json_array();

	for (enum choice_column i = 0; i < CHOICE_COLUMNS; i++) {
		struct text_buffer text = {0};

		choice_append_missing(&text, choice, scenarios, i);
		if (text.length == 0)
			choice_append_missing_servers(&text, choice, scenarios, i, choice->count);
		if (text.length > 0)
			json_array_append_new(list, sentence(&text));
		text_destroy(&text);
	}
	return list;
}

json_t *choice_to_json(const struct choice *choice, const struct choice_run *scenarios)
{
	const struct choice_needs *needs = &choice->needs;
	json_t *rows = json_array();
	struct text_buffer answer = {0};

	for (size_t i = 0; i < choice->count; i++)
		json_array_append_new(rows, describe_row(&choice->rows[i]));
	choice_append_answer(&answer, choice);
	return json_pack(
		"{s:i, s:{s:o, s:s, s:o, s:o}, s:o, s:s?, s:s?, s:o, s:o}", "schema", 1, "needs",
		"connections", number(needs->connections), "work", needs->work, "cores",
		needs->cores > 0 ? number(needs->cores) : json_null(), "memory_bytes",
		needs->memory_bytes > 0 ? number(needs->memory_bytes) : json_null(), "answer",
		sentence(&answer), "take", choice->taken ? choice->rows[0].server : NULL, "by",
		choice->decides < CHOICE_COLUMNS ? columns[choice->decides] : NULL, "rows", rows,
		"missing", describe_missing(choice, scenarios));
}
