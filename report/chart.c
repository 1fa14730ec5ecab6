#include "report/chart.h"

#include "report/files.h"
#include "report/kinds.h"
#include "stored/axis.h"
#include "stored/ladder_end.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int (*const fillers[])(struct chart_plot *plot) = {
	[CHART_AXIS] = chart_fill_axis,
	[CHART_PERCENTILES] = chart_fill_percentiles,
	[CHART_STACK] = chart_fill_stack,
	[CHART_RATIOS] = chart_fill_ratios,
	[CHART_GRID] = chart_fill_grid,
	[CHART_LADDER] = chart_fill_ladder,
	[CHART_PLANE] = chart_fill_plane,
	[CHART_CLAIMS] = chart_fill_claims,
	[CHART_ANSWERED] = chart_fill_percentiles,
};

/* Of a whole run, in the order of the page. */
static const char *const run_charts[] = {"tradeoff", "claims"};

/* Those of a part are drawn of each that asks for one of their name; a ladder has one unasked. */
static const char ladder_chart[] = "ladder";

static void chart_destroy(struct chart *chart)
{
	char *strings[] = {chart->id,	    chart->name,     chart->definition_file,
			   chart->title,    chart->caption,  chart->svg,
			   chart->svg_file, chart->csv_file, chart->trials_csv_file,
			   chart->why};

	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
		free(strings[i]);
}

void charts_destroy(struct charts *charts)
{
	for (size_t i = 0; i < charts->count; i++)
		chart_destroy(&charts->items[i]);
	free(charts->items);
	*charts = (struct charts){0};
}

/* "memory", or "memory-2" for the second of several charts of one part; paths from it. */
static int chart_name(struct chart *chart, const struct chart_plot *plot, size_t nth, size_t of,
		      const char *ending)
{
	const struct chart_definition *definition = plot->definition;
	struct text_buffer title = {0}, caption = {0};
	const char *id = plot->part ? plot->part->id : "run";
	bool same = strcmp(id, definition->name) == 0;
	char suffix[KINDS_KEY_SIZE] = "", number[32] = "";
	int code = 0;

	if (of > 1)
		snprintf(number, sizeof number, "-%zu", nth + 1);
	snprintf(suffix, sizeof suffix, "%s%s%s", plot->kind ? "-" : "",
		 plot->kind ? plot->kind : "", number);
	text_append(&title, definition->title);
	if (plot->kind)
		text_append_format(&title, ", %s", plot->kind);
	if (json_object_size(plot->point)) {
		text_append(&title, ", ");
		format_point(&title, plot->point, NULL);
	}
	text_append(&caption, definition->caption);
	text_append(&caption, text_string(&plot->note));
	if (asprintf(&chart->id, "%s%s%s%s", id, same ? "" : "-", same ? "" : definition->name,
		     suffix) < 0 ||
	    asprintf(&chart->svg_file, "charts/%s.svg", chart->id) < 0 ||
	    asprintf(&chart->csv_file, "data/%s%s", chart->id, ending) < 0 ||
	    asprintf(&chart->trials_csv_file, "data/%s-trials%s", chart->id, ending) < 0)
		code = -ENOMEM;
	chart->name = strdup(definition->name);
	chart->definition_file = strdup(definition->file);
	chart->title = strdup(text_string(&title));
	chart->caption = strdup(text_string(&caption));
	if (!chart->name || !chart->definition_file || !chart->title || !chart->caption ||
	    text_failed(&title) || text_failed(&caption))
		code = -ENOMEM;
	text_destroy(&title);
	text_destroy(&caption);
	return code;
}

/* Fills, names, writes and draws one chart, unless it has nothing to show. `plot` is used up. */
static int chart_make(struct charts *charts, struct chart_plot *plot, size_t nth, size_t of,
		      const struct chart_place *place, struct error *error)
{
	struct chart *items, *chart;
	int code = fillers[plot->definition->data](plot);

	if (code < 0 || plot->empty) {
		chart_plot_destroy(plot);
		return code;
	}
	items = reallocarray(charts->items, charts->count + 1, sizeof *items);
	if (!items) {
		chart_plot_destroy(plot);
		return -ENOMEM;
	}
	charts->items = items;
	chart = &items[charts->count++];
	*chart = (struct chart){0};
	code = chart_name(chart, plot, nth, of, place->ending);
	if (code == 0)
		code = file_write(place->folder, chart->csv_file, text_string(&plot->csv),
				  plot->csv.length, error);
	if (code == 0 && plot->trials_csv.length)
		code = file_write(place->folder, chart->trials_csv_file,
				  text_string(&plot->trials_csv), plot->trials_csv.length, error);
	else if (code == 0)
		*chart->trials_csv_file = '\0';
	if (code == 0)
		code = chart_draw(chart, plot, place, error);
	chart_plot_destroy(plot);
	return code;
}

/* "latency_p99_ns@" is of each kind of a mix. */
static bool is_of_kinds(const char *metric)
{
	return *metric && metric[strlen(metric) - 1] == '@';
}

/* The definition as it is of one kind. False: a key does not fit. */
static bool definition_of_kind(struct chart_definition *own,
			       const struct chart_definition *definition, const char *kind)
{
	*own = *definition;
	for (size_t i = 0; i < own->metric_count; i++) {
		size_t used = strlen(own->metrics[i]);

		if (is_of_kinds(own->metrics[i]) &&
		    (size_t)snprintf(own->metrics[i] + used, CHART_NAME_SIZE - used, "%s", kind) >=
			    CHART_NAME_SIZE - used)
			return false;
	}
	return true;
}

/* Whether a chart is of single response times, which are of one point and one kind of request. */
static bool is_of_percentiles(const struct chart_definition *definition)
{
	return definition->data == CHART_PERCENTILES || definition->data == CHART_ANSWERED;
}

/*
 * Of a mix, a chart of what kinds have is drawn for each kind, and percentiles too: those of all together are of
 * none. Without a mix there is nothing of kinds.
 */
static int chart_make_all(struct charts *charts, const struct part *part,
			  const struct chart_definition *definition, const json_t *point,
			  size_t nth, size_t of, const struct chart_place *place,
			  struct error *error)
{
	bool of_kinds = definition->metric_count > 0 && is_of_kinds(definition->metrics[0]);
	size_t kinds = kinds_count(part);
	struct chart_definition *own = calloc(1 + kinds, sizeof *own);
	int code = own ? 0 : -ENOMEM;

	if (code == 0 && !of_kinds && (kinds == 0 || !is_of_percentiles(definition)))
		code = chart_make(charts,
				  &(struct chart_plot){
					  .definition = definition, .part = part, .point = point},
				  nth, of, place, error);
	else
		for (size_t i = 0; i < kinds && code == 0; i++)
			if (definition_of_kind(&own[i], definition, kinds_name(part, i)))
				code = chart_make(charts,
						  &(struct chart_plot){.definition = &own[i],
								       .part = part,
								       .point = point,
								       .kind = kinds_name(part, i)},
						  nth, of, place, error);
	free(own);
	return code;
}

/* Whether a chart of percentiles has anything to show at a point. */
static bool point_has_latency(const struct part *part, const json_t *point)
{
	for (size_t i = 0; i < part->server_count; i++)
		if (part_metric_shown(part, part->servers[i], point, "latency_p50_ns"))
			return true;
	return false;
}

/* Whether a chart of that kind looks at all points of a part at once. */
static bool is_over_points(const struct chart_definition *definition)
{
	return definition->data == CHART_STACK || definition->data == CHART_LADDER;
}

/*
 * The points that one definition is drawn for: a chart over an axis once for each combination of the
 * others; percentiles once for each of those too, at the last point of the main axis that has any, or with and without
 * threads behind if that is the axis; what is over all points once. Returns an array of new objects, or NULL.
 */
static json_t *chart_points(const struct part *part, const struct chart_definition *definition)
{
	const char *axis = chart_axis(definition, part);
	json_t *found = json_object(), *points = json_array();
	const char *key;
	json_t *value;

	for (size_t i = 0; i < part->point_count && !is_over_points(definition); i++) {
		json_t *rest = json_copy(part->points[i]);
		char *name;

		if (!is_of_percentiles(definition) || strcmp(axis, axis_at(AXIS_OFFLOAD)->key) != 0)
			json_object_del(rest, axis);
		name = json_dumps(rest, JSON_SORT_KEYS);
		if (is_of_percentiles(definition)) {
			if (point_has_latency(part, part->points[i]))
				json_object_set(found, name, part->points[i]);
		} else {
			json_object_set(found, name, rest);
		}
		free(name);
		json_decref(rest);
	}
	if (is_over_points(definition))
		json_array_append_new(points, json_object());
	json_object_foreach(found, key, value)
	{
		if (json_array_append(points, value) < 0)
			break;
	}
	json_decref(found);
	return points;
}

/* All charts of a part that are meant by a name. */
static int charts_make_named(struct charts *charts, const struct part *part, const char *name,
			     const struct chart_place *place, struct error *error)
{
	struct chart_definition *definitions = calloc(CHART_FILES_MAX, sizeof *definitions);
	long count = definitions ? chart_definitions_read(definitions, place->resource_directory,
							  name, error)
				 : -ENOMEM;
	int code = count < 0 ? (int)count : 0;

	for (long i = 0; i < count && code == 0; i++) {
		const struct chart_definition *definition = &definitions[i];
		json_t *points;
		size_t of;

		points = chart_points(part, definition);
		of = json_array_size(points);
		for (size_t j = 0; j < of && code == 0; j++)
			code = chart_make_all(charts, part, definition, json_array_get(points, j),
					      j, of, place, error);
		json_decref(points);
	}
	free(definitions);
	return code;
}

static int charts_end(struct charts *charts, int code, struct error *error)
{
	if (code == -ENOMEM)
		error_set(error, "%s", strerror(ENOMEM));
	if (code < 0)
		charts_destroy(charts);
	return code;
}

int charts_make(struct charts *charts, const struct part *part, const struct chart_place *place,
		struct error *error)
{
	const json_t *names = json_object_get(part->json, "charts");
	int code = 0;

	*charts = (struct charts){0};
	if (ladder_is(part->json))
		code = charts_make_named(charts, part, ladder_chart, place, error);
	for (size_t i = 0; i < json_array_size(names) && code == 0; i++) {
		const char *name = json_string_value(json_array_get(names, i));

		code = charts_make_named(charts, part, name ? name : "", place, error);
	}
	return charts_end(charts, code, error);
}

int charts_make_run(struct charts *charts, const struct chart_run *run,
		    const struct chart_place *place, struct error *error)
{
	struct chart_definition *definitions = calloc(CHART_FILES_MAX, sizeof *definitions);
	int code = definitions ? 0 : -ENOMEM;

	*charts = (struct charts){0};
	for (size_t i = 0; i < sizeof run_charts / sizeof *run_charts && code == 0; i++) {
		long count = chart_definitions_read(definitions, place->resource_directory,
						    run_charts[i], error);

		code = count < 0 ? (int)count : 0;
		for (long j = 0; j < count && code == 0; j++)
			code = chart_make(
				charts,
				&(struct chart_plot){.definition = &definitions[j], .run = run}, 0,
				1, place, error);
	}
	free(definitions);
	return charts_end(charts, code, error);
}

const struct chart *charts_find(const struct charts *charts, const char *name)
{
	for (size_t i = 0; i < charts->count; i++)
		if (strcmp(charts->items[i].name, name) == 0 && !charts->items[i].why)
			return &charts->items[i];
	return NULL;
}
