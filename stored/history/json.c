/* A history's series and changes, for machines. */
#include "stored/history/series.h"

#include "lib/json.h"

static json_t *point_to_json(const struct history *history, const struct history_point *point)
{
	const json_t *line = history->lines[point->line];

	return json_pack("{s:s, s:s, s:f, s:f, s:f, s:I, s:b}", "run", json_string_of(line, "run"),
			 "started_at", json_string_of(line, "started_at"), "median", point->median,
			 "low", point->low, "high", point->high, "trials",
			 (json_int_t)point->trials, "at_least", (int)point->at_least);
}

static json_t *change_to_json(const struct history_analysis *analysis,
			      const struct history_series *series,
			      const struct history_change *change)
{
	const json_t *line = analysis->history->lines[series->points[change->at].line];

	return json_pack("{s:s, s:O?, s:s, s:f, s:f, s:f, s:b, s:f, s:I}", "near",
			 json_string_of(line, "run"), "commit", json_object_get(line, "commit"),
			 "compared_by", change->is_ratio ? "ratio" : "difference", "change",
			 change->size, "before", change->before, "after", change->after, "worse",
			 (int)change->worse, "p", change->p, "shift", (json_int_t)change->shift);
}

static json_t *series_to_json(const struct history_analysis *analysis,
			      const struct history_series *series)
{
	json_t *points = json_array(), *changes = json_array();

	for (size_t i = 0; i < series->count; i++)
		json_array_append_new(points, point_to_json(analysis->history, &series->points[i]));
	for (size_t i = 0; i < series->change_count; i++)
		json_array_append_new(changes,
				      change_to_json(analysis, series, &series->changes[i]));
	return json_pack("{s:s, s:s, s:s, s:s, s:O, s:s, s:s, s:s, s:o, s:o}", "fingerprint",
			 series->fingerprint, "scenario", series->scenario, "part", series->part,
			 "server", series->server, "point", series->point, "metric", series->metric,
			 "unit", json_string_of(series->descriptor, "unit"), "better",
			 json_string_of(series->descriptor, "better"), "points", points, "changes",
			 changes);
}

json_t *history_to_json(const struct history_analysis *analysis)
{
	json_t *series = json_array();

	for (size_t i = 0; i < analysis->count; i++)
		json_array_append_new(series, series_to_json(analysis, &analysis->items[i]));
	return json_pack("{s:i, s:I, s:I, s:o}", "schema", 1, "runs",
			 (json_int_t)analysis->history->count, "shifts",
			 (json_int_t)analysis->shift_count, "series", series);
}
