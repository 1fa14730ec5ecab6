#include "report/history/plot.h"

#include "lib/json.h"
#include "lib/statistics/statistics.h"
#include "report/format.h"
#include "report/history/words.h"
#include "report/palette.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Pixels: of the picture, and of each panel the plot at least and what is around it. */
enum { WIDTH_PX = 900, PLOT_LEAST_PX = 125, AROUND_PX = 95, NAME_PX = 19 };
enum { ROWS = 4, DATE_LENGTH = 10, STEPS = 4, FIRST_RUNS = 6, TICS_MOST = 6 };

/* A panel is so high at least, in the share of what it shows, so that what is steady looks steady. */
static const double span_least = 0.06;

/* The series of one metric in one cell, whatever server and machine they are of. */
struct panel {
	const struct history_series **series;
	size_t count;
	bool relative;	/* to what each series began with; else as measured, since some are zero */
	bool something; /* not all of it is zero: errors that never happened are no picture */
	double low, high;
};

struct panels {
	struct panel *items;
	size_t count;
};

static void panels_destroy(struct panels *panels)
{
	for (size_t i = 0; i < panels->count; i++)
		free(panels->items[i].series);
	free(panels->items);
}

static bool belongs(const struct panel *panel, const struct history_series *series)
{
	return strcmp(panel->series[0]->metric, series->metric) == 0 &&
	       history_same_cell(panel->series[0], series);
}

static struct panel *find_panel(struct panels *panels, const struct history_series *series)
{
	struct panel *items;

	for (size_t i = 0; i < panels->count; i++)
		if (belongs(&panels->items[i], series))
			return &panels->items[i];
	items = reallocarray(panels->items, panels->count + 1, sizeof *items);
	if (!items)
		return NULL;
	panels->items = items;
	items[panels->count] = (struct panel){.relative = true};
	return &items[panels->count++];
}

static int sort_into_panels(struct panels *panels, const struct history_analysis *analysis)
{
	for (size_t i = 0; i < analysis->count; i++) {
		const struct history_series *series = &analysis->items[i], **grown;
		struct panel *panel = find_panel(panels, series);

		grown = panel ? reallocarray(panel->series, panel->count + 1, sizeof *grown) : NULL;
		if (!grown)
			return -ENOMEM;
		panel->series = grown;
		grown[panel->count++] = series;
		for (size_t j = 0; j < series->count; j++) {
			panel->relative &= series->points[j].median > 0;
			panel->something |= series->points[j].median != 0;
		}
	}
	return 0;
}

/* What a series is set against: the median of its first values, before any change. */
static double base_of(const struct history_series *series)
{
	double values[FIRST_RUNS];
	size_t count = 0;

	for (; count < series->count && count < FIRST_RUNS; count++)
		values[count] = series->points[count].median;
	return statistics_median(values, count);
}

/* In per cent of difference, or as measured. */
static double shown(const struct panel *panel, double value, double base)
{
	return panel->relative ? 100 * (value / base - 1) : value;
}

static void append_data(struct text_buffer *out, struct panel *panel,
			const struct history_series *series)
{
	double base = base_of(series);

	for (size_t i = 0; i < series->count; i++) {
		const struct history_point *point = &series->points[i];
		double median = shown(panel, point->median, base);

		text_append_format(out, "%zu %.9g %.9g %.9g %d\n", point->line + 1, median,
				   shown(panel, point->low, base), shown(panel, point->high, base),
				   point->at_least);
		panel->low = fmin(panel->low, median);
		panel->high = fmax(panel->high, median);
	}
	text_append(out, "\n\n");
}

/* One of the arrays of the prologue, as it grows. */
static void append_item(struct text_buffer *out, const char *format, double value)
{
	text_append(out, out->length ? ", " : "");
	text_append_format(out, format, value);
}

static void append_quoted(struct text_buffer *out, const char *text)
{
	text_append(out, out->length ? ", " : "");
	text_append_gnuplot(out, text);
}

/* gnuplot knows no empty array, so each has one item that nobody looks at behind its last. */
static void append_array(struct text_buffer *out, const char *name, struct text_buffer *items)
{
	append_item(items, "%g", 0);
	text_append_format(out, "%s = [%s]\n", name, text_string(items));
	out->failed |= text_failed(items);
	text_destroy(items);
}

struct arrays {
	struct text_buffer panel_title, panel_cell, panel_format, y_low, y_high, y_step,
		series_first, series_last, change_first, change_last, series_row, series_title,
		series_colour, series_mark, change_x, change_title, change_colour, change_row;
	size_t series, changes;
	size_t names_most; /* servers in one panel */
};

static struct palette_entry look_of(const struct history_analysis *analysis,
				    const struct history_series *series)
{
	size_t line = series->points[series->count - 1].line;

	return palette_find(json_object_get(analysis->history->lines[line], "servers"),
			    series->server);
}

/* Whether a series before it in the panel, of another machine, is of the same server. */
static bool is_in_key(const struct panel *panel, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(panel->series[i]->server, panel->series[index]->server) == 0)
			return true;
	return false;
}

/* `row` grows by those that there are: names of changes stand in different heights. */
static void append_changes(struct arrays *arrays, const struct history_series *series,
			   const char *colour, size_t *row)
{
	for (size_t i = 0; i < series->change_count; i++) {
		const struct history_change *change = &series->changes[i];
		struct text_buffer size = {0};

		history_append_size(&size, series, change);
		append_item(&arrays->change_x, "%.1f",
			    (double)series->points[change->at].line + 0.5);
		append_quoted(&arrays->change_title, text_string(&size));
		append_quoted(&arrays->change_colour, colour);
		append_item(&arrays->change_row, "%g", (double)((*row)++ % ROWS));
		arrays->changes++;
		text_destroy(&size);
	}
}

/* A round distance of tics that puts some STEPS of them on the axis. */
static double round_step(double span)
{
	double step = span / STEPS, unit = pow(10, floor(log10(step)));

	return unit * (step < 1.5 * unit ? 1 : step < 3.5 * unit ? 2 : step < 7.5 * unit ? 5 : 10);
}

static void append_range(struct arrays *arrays, const struct panel *panel)
{
	double middle = (panel->low + panel->high) / 2;
	double least = panel->relative ? 100 * span_least : fmax(span_least * fabs(middle), 1);
	double half = 1.15 * fmax(panel->high - panel->low, least) / 2;

	append_item(&arrays->y_low, "%.9g", middle - half);
	append_item(&arrays->y_high, "%.9g", middle + half);
	append_item(&arrays->y_step, "%.9g", round_step(2 * half));
}

static void append_panel(struct arrays *arrays, struct text_buffer *data,
			 const struct history_analysis *analysis, struct panel *panel)
{
	const struct history_series *first = panel->series[0];
	struct text_buffer title = {0}, cell = {0};
	size_t names = 0, changes = 0;

	text_append_format(&title, "%s%s", history_metric_title(first),
			   panel->relative ? ", change since the first runs" : "");
	history_append_cell(&cell, first);
	append_quoted(&arrays->panel_title, text_string(&title));
	append_quoted(&arrays->panel_cell, text_string(&cell));
	text_destroy(&title);
	text_destroy(&cell);
	append_quoted(&arrays->panel_format, panel->relative ? "%+.3g %%" : "%.3g");
	append_item(&arrays->series_first, "%g", (double)arrays->series + 1);
	append_item(&arrays->change_first, "%g", (double)arrays->changes + 1);
	panel->low = INFINITY;
	panel->high = -INFINITY;
	for (size_t i = 0; i < panel->count; i++) {
		struct palette_entry look = look_of(analysis, panel->series[i]);

		append_data(data, panel, panel->series[i]);
		append_item(&arrays->series_row, "%g", is_in_key(panel, i) ? -1 : (double)names++);
		append_quoted(&arrays->series_title, panel->series[i]->server);
		append_quoted(&arrays->series_colour, look.colour);
		append_item(&arrays->series_mark, "%g", look.mark);
		append_changes(arrays, panel->series[i], look.colour, &changes);
		arrays->series++;
	}
	arrays->names_most = names > arrays->names_most ? names : arrays->names_most;
	append_item(&arrays->series_last, "%g", (double)arrays->series);
	append_item(&arrays->change_last, "%g", (double)arrays->changes);
	append_range(arrays, panel);
}

/* The size of the picture, and where the names of servers stand. */
static void append_size(struct text_buffer *out, const struct arrays *arrays, size_t panels)
{
	int names = NAME_PX * (int)arrays->names_most;
	int plot = names > PLOT_LEAST_PX ? names : PLOT_LEAST_PX;

	text_append_format(
		out, "chart_width = %d\nchart_height = %d\npanels = %zu\nkey_step = %.3f\n",
		WIDTH_PX, (int)panels * (plot + AROUND_PX), panels, (double)NAME_PX / plot);
}

/* Where another machine's runs begin, and a few days for the axis of runs. */
static void append_runs(struct text_buffer *out, const struct history *history, size_t most)
{
	size_t step = (history->count + most - 1) / most;
	struct text_buffer machines = {0};
	size_t count = 0;

	for (size_t i = 1; i < history->count; i++)
		if (strcmp(history_fingerprint(history->lines[i - 1]),
			   history_fingerprint(history->lines[i])) != 0) {
			append_item(&machines, "%.1f", (double)i + 0.5);
			count++;
		}
	append_array(out, "array machine_x", &machines);
	text_append_format(out, "machines = %zu\nruns = %zu\nset xtics (", count, history->count);
	for (size_t i = 0; i < history->count; i += step ? step : 1) {
		char day[DATE_LENGTH + 1] = "";

		strncat(day, json_string_of(history->lines[i], "started_at"), DATE_LENGTH);
		text_append(out, i ? ", " : "");
		text_append_gnuplot(out, day);
		text_append_format(out, " %zu", i + 1);
	}
	text_append(out, ")\n");
}

int history_plot_make(struct history_plot *plot, const struct history_analysis *analysis)
{
	struct panels panels = {0};
	struct arrays arrays = {0};
	struct text_buffer *out = &plot->prologue;
	int code;

	*plot = (struct history_plot){0};
	code = sort_into_panels(&panels, analysis);
	for (size_t i = 0; code == 0 && i < panels.count; i++) {
		if (!panels.items[i].something)
			continue;
		append_panel(&arrays, &plot->data, analysis, &panels.items[i]);
		plot->panels++;
	}
	append_size(out, &arrays, plot->panels);
	append_array(out, "array panel_title", &arrays.panel_title);
	append_array(out, "array panel_cell", &arrays.panel_cell);
	append_array(out, "array panel_format", &arrays.panel_format);
	append_array(out, "array y_low", &arrays.y_low);
	append_array(out, "array y_high", &arrays.y_high);
	append_array(out, "array y_step", &arrays.y_step);
	append_array(out, "array series_first", &arrays.series_first);
	append_array(out, "array series_last", &arrays.series_last);
	append_array(out, "array change_first", &arrays.change_first);
	append_array(out, "array change_last", &arrays.change_last);
	append_array(out, "array series_row", &arrays.series_row);
	append_array(out, "array series_title", &arrays.series_title);
	append_array(out, "array series_colour", &arrays.series_colour);
	append_array(out, "array series_mark", &arrays.series_mark);
	append_array(out, "array change_x", &arrays.change_x);
	append_array(out, "array change_title", &arrays.change_title);
	append_array(out, "array change_colour", &arrays.change_colour);
	append_array(out, "array change_row", &arrays.change_row);
	append_runs(out, analysis->history, TICS_MOST);
	panels_destroy(&panels);
	return code < 0 || text_failed(out) || text_failed(&plot->data) ? -ENOMEM : 0;
}

void history_plot_destroy(struct history_plot *plot)
{
	text_destroy(&plot->prologue);
	text_destroy(&plot->data);
}
