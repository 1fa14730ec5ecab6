/* A history as a picture, or as a page with one. */
#include "report/history/history.h"

#include "lib/json.h"
#include "lib/temporary.h"
#include "report/files.h"
#include "report/format.h"
#include "report/gnuplot.h"
#include "report/history/plot.h"
#include "report/history/words.h"
#include "report/html_file.h"
#include "report/page.h"
#include "report/svg.h"
#include "stored/environment.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char title[] = "What runs found over time";

/* Draws it in a folder of its own. `element` gets an <svg>. */
static int draw(const struct history_analysis *analysis, const struct history_output *output,
		struct text_buffer *element, struct error *error)
{
	struct history_plot plot;
	struct text_buffer drawn = {0};
	char folder[PATH_MAX], script[PATH_MAX];
	const char *const files[] = {"prologue.gp", script, NULL};
	int code = history_plot_make(&plot, analysis);

	if (code < 0)
		error_set(error, "%s", strerror(-code));
	snprintf(script, sizeof script, "%s/charts/history.gp", output->resource_directory);
	temporary_template(folder, sizeof folder, "tenk-history");
	if (code == 0 && !mkdtemp(folder)) {
		code = -errno;
		error_set(error, "cannot make %s: %s", folder, strerror(-code));
	}
	if (code < 0) {
		history_plot_destroy(&plot);
		return code;
	}
	code = file_write(folder, "prologue.gp", text_string(&plot.prologue), plot.prologue.length,
			  error);
	if (code == 0)
		code = file_write(folder, "data.txt", text_string(&plot.data), plot.data.length,
				  error);
	if (code == 0)
		code = gnuplot_run(output->gnuplot, folder, files, &drawn, error);
	if (code == 0) {
		code = svg_make_element(element, text_string(&drawn), "history", title);
		if (code < 0)
			error_set(error, "gnuplot wrote something that is not the SVG expected");
	}
	temporary_remove(folder);
	text_destroy(&drawn);
	history_plot_destroy(&plot);
	return code;
}

static void append_change(struct page *page, const struct history_analysis *analysis,
			  const struct history_series *series, const struct history_change *change)
{
	const char *unit = json_string_of(series->descriptor, "unit");
	struct text_buffer size = {0}, cell = {0}, values = {0};
	char name[160], before[FORMAT_SIZE], after[FORMAT_SIZE];

	history_append_size(&size, series, change);
	history_append_cell(&cell, series);
	text_append_format(&values, "%s to %s", format_value(unit, change->before, before),
			   format_value(unit, change->after, after));
	page_table_cell(
		page,
		history_name(history_change_line(analysis, series, change), name, sizeof name),
		NULL);
	page_table_cell(page, series->server, text_string(&cell));
	page_table_cell(page, history_metric_title(series), NULL);
	page_table_word(page, change->worse ? "bad" : "good", text_string(&size),
			change->worse ? "worse" : "better");
	page_table_cell(page, text_string(&values), NULL);
	text_destroy(&size);
	text_destroy(&cell);
	text_destroy(&values);
}

/* A row a change, shift by shift. */
static void append_changes(struct page *page, const struct history_analysis *analysis)
{
	static const struct page_column columns[] = {{"near", false},
						     {"server", false},
						     {"metric", false},
						     {"change", true},
						     {"from, to", true}};

	page_heading(page, 2, "changes", "What changed");
	if (analysis->shift_count == 0) {
		page_paragraph(page, NULL, "No change is seen.");
		return;
	}
	page_paragraph(page, NULL,
		       "A change lies near the run that is named, a few runs before or after it.");
	page_table_begin(page, NULL, "", columns, sizeof columns / sizeof *columns);
	for (size_t shift = 0; shift < analysis->shift_count; shift++)
		for (size_t i = 0; i < analysis->count; i++)
			for (size_t j = 0; j < analysis->items[i].change_count; j++)
				if (analysis->items[i].changes[j].shift == shift)
					append_change(page, analysis, &analysis->items[i],
						      &analysis->items[i].changes[j]);
	page_table_end(page);
}

/* The machines, each with what sets it apart from the one before. */
static void append_machines(struct page *page, const struct history_analysis *analysis)
{
	static const struct page_column columns[] = {
		{"from", false}, {"machine", false}, {"not as before", false}};
	const struct history *history = analysis->history;

	page_heading(page, 2, "machines", "Where they ran");
	page_table_begin(page, "facts", "", columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < history->count; i++) {
		const json_t *environment = json_object_get(history->lines[i], "environment");
		const json_t *before = i ? json_object_get(history->lines[i - 1], "environment")
					 : NULL;
		char list[400], name[160];

		if (i && strcmp(history_fingerprint(history->lines[i - 1]),
				history_fingerprint(history->lines[i])) == 0)
			continue;
		environments_differ(before, environment, list, sizeof list);
		page_table_cell(page, history_name(history->lines[i], name, sizeof name), NULL);
		page_table_cell(page, json_string_of(environment, "cpu_model"),
				history_fingerprint(history->lines[i]));
		page_table_cell(page, list, NULL);
	}
	page_table_end(page);
}

static void page_fill(struct page *page, const struct history_analysis *analysis,
		      const struct page_figure *figure)
{
	char runs[64];

	snprintf(runs, sizeof runs, "%zu runs", analysis->history->count);
	page_title(page, &(struct page_top){"tenk history", title, runs, NULL, NULL, NULL});
	append_changes(page, analysis);
	page_heading(page, 2, "values", "Run by run");
	page_figure(page, figure);
	append_machines(page, analysis);
}

static int page_write(const struct history_analysis *analysis, const struct history_output *output,
		      const char *folder, const char *name, const struct text_buffer *picture,
		      struct error *error)
{
	struct page page = {0};
	int code;
	const struct page_figure figure = {
		.id = "history",
		.title = "Gating metrics, cell by cell",
		.caption =
			"Dots are the medians of runs, bars their intervals; hollow marks are lower "
			"bounds. Dotted lines in a server's colour are its changes, a grey dashed "
			"one is where runs of another machine begin. What was zero in all runs "
			"is left out.",
		.svg = text_string(picture),
		.svg_file = "",
	};

	page_fill(&page, analysis, &figure);
	code = html_file_write(
		folder, name, output->resource_directory,
		&(struct html_document){.title = title, .body = text_string(&page.html)}, error);
	page_destroy(&page);
	return code;
}

static int picture_write(const char *folder, const char *name, const struct text_buffer *picture,
			 struct error *error)
{
	struct text_buffer file = {0};
	int code;

	svg_make_file(&file, text_string(picture));
	code = file_write(folder, name, text_string(&file), file.length, error);
	text_destroy(&file);
	return code;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length > tail && strcmp(text + length - tail, end) == 0;
}

int history_write(const struct history_analysis *analysis, const struct history_output *output,
		  struct error *error)
{
	const char *slash = strrchr(output->file, '/'), *name = slash ? slash + 1 : output->file;
	bool is_page = ends_with(name, ".html");
	struct text_buffer picture = {0};
	char folder[PATH_MAX] = ".";
	int code;

	if (!is_page && !ends_with(name, ".svg"))
		return error_set(error, "%s: a report is a .svg or a .html file", output->file);
	if (slash)
		snprintf(folder, sizeof folder, "%.*s",
			 slash == output->file ? 1 : (int)(slash - output->file), output->file);
	if (analysis->count == 0)
		return error_set(error, "there is no run in the history, so nothing to draw");
	code = draw(analysis, output, &picture, error);
	if (code == 0 && is_page)
		code = page_write(analysis, output, folder, name, &picture, error);
	else if (code == 0)
		code = picture_write(folder, name, &picture, error);
	text_destroy(&picture);
	return code;
}
