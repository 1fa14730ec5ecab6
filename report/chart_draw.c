#include "report/chart_draw.h"

#include "report/files.h"
#include "report/gnuplot.h"
#include "report/svg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Words of a picture to pass on: above it and below, so many lines of so many characters. */
enum { LINES = 3, ABOVE_CHARACTERS = 82, BELOW_CHARACTERS = 128 };

/* Names of the files that a chart is drawn from, in work/ of the report's folder. */
struct work_files {
	struct text_buffer folder, data, prologue;
};

static void work_files_make(struct work_files *files, const struct chart *chart,
			    const struct chart_place *place)
{
	*files = (struct work_files){0};
	text_append_format(&files->folder, "%s/work", place->folder);
	text_append_format(&files->data, "%s.txt", chart->id);
	text_append_format(&files->prologue, "%s.gp", chart->id);
}

static void work_files_destroy(struct work_files *files)
{
	text_destroy(&files->folder);
	text_destroy(&files->data);
	text_destroy(&files->prologue);
}

/* The folder of the charts' files, with a slash at its end. */
static void append_folder(struct text_buffer *out, const char *definition_file)
{
	const char *slash = strrchr(definition_file, '/');

	text_append_bytes(out, definition_file, (size_t)(slash + 1 - definition_file));
}

static void prologue_make(struct text_buffer *out, const struct chart_plot *plot, const char *data)
{
	struct text_buffer folder = {0};

	append_folder(&folder, plot->definition->file);
	text_append(out, "if (!exists('share')) share = 0\n"
			 "sx(x) = share ? 0.015 + 0.97 * x : x\n"
			 "sy(y) = share ? 0.09 + 0.72 * y : y\ndata = ");
	text_append_gnuplot(out, data);
	text_append(out, "\ncharts = ");
	text_append_gnuplot(out, text_string(&folder));
	text_destroy(&folder);
	text_append_format(out,
			   "\nchart_width = %d\nchart_height = %.0f\ny_title = ", CHART_WIDTH_PX,
			   plot->height_px);
	text_append_gnuplot(out, plot->definition->y_title);
	text_append(out, "\n");
	text_append(out, text_string(&plot->settings));
	chart_append_scales(out, plot);
}

/* Runs gnuplot on what was written for a chart; `share` goes before, NULL: nothing. */
static int gnuplot_draw(const struct chart *chart, const struct work_files *files,
			const struct chart_place *place, const char *share,
			struct text_buffer *drawn, struct error *error)
{
	struct text_buffer common = {0};
	const char *arguments[5];
	size_t count = 0;
	int code;

	append_folder(&common, chart->definition_file);
	text_append(&common, "common.gp");
	if (share)
		arguments[count++] = share;
	arguments[count++] = text_string(&files->prologue);
	arguments[count++] = text_string(&common);
	arguments[count++] = chart->definition_file;
	arguments[count] = NULL;
	code = gnuplot_run(place->gnuplot, text_string(&files->folder), arguments, drawn, error);
	text_destroy(&common);
	return code;
}

/* 0 and a malloc'ed element, or -errno and why. */
static int element_draw(struct chart *chart, const struct work_files *files,
			const struct chart_place *place, struct error *error)
{
	struct text_buffer drawn = {0}, made = {0};
	int code = gnuplot_draw(chart, files, place, NULL, &drawn, error);

	if (code == 0) {
		code = svg_make_element(&made, text_string(&drawn), chart->id, chart->title);
		if (code < 0)
			error_set(error, "gnuplot wrote something that is not the SVG expected");
	}
	if (code == 0) {
		chart->svg = made.text;
		made = (struct text_buffer){0};
	}
	text_destroy(&drawn);
	text_destroy(&made);
	return code;
}

int chart_draw(struct chart *chart, const struct chart_plot *plot, const struct chart_place *place,
	       struct error *error)
{
	struct text_buffer prologue = {0}, file = {0};
	struct work_files files;
	struct error why = {0};
	int code;

	work_files_make(&files, chart, place);
	prologue_make(&prologue, plot, text_string(&files.data));
	code = file_write(text_string(&files.folder), text_string(&files.data),
			  text_string(&plot->data), plot->data.length, error);
	if (code == 0)
		code = file_write(text_string(&files.folder), text_string(&files.prologue),
				  text_string(&prologue), prologue.length, error);
	text_destroy(&prologue);
	if (code < 0)
		goto done;
	code = element_draw(chart, &files, place, &why);
	if (code == 0) {
		svg_make_file(&file, chart->svg);
		code = file_write(place->folder, chart->svg_file, text_string(&file), file.length,
				  error);
	} else if (code != -ENOMEM) {
		chart->why = strdup(why.text);
		code = chart->why ? 0 : -ENOMEM;
	}
done:
	text_destroy(&file);
	work_files_destroy(&files);
	return code;
}

/* An array of lines that end between words. What does not fit is left out, and dots say so. */
static void append_lines(struct text_buffer *out, const char *name, const char *text, size_t most)
{
	text_append_format(out, "array %s[%d] = ['', '', '']\n", name, LINES);
	for (size_t line = 1; *text && line <= LINES; line++) {
		size_t length = strlen(text), kept = length;
		struct text_buffer words = {0};

		if (length > most) {
			kept = most;
			while (kept > 1 && text[kept] != ' ')
				kept--;
		}
		text_append_bytes(&words, text, kept);
		if (line == LINES && kept < length)
			text_append(&words, " ...");
		text_append_format(out, "%s[%zu] = ", name, line);
		text_append_gnuplot(out, text_string(&words));
		text_append(out, "\n");
		text_destroy(&words);
		text += kept;
		text += strspn(text, " ");
	}
}

int chart_share(const struct chart *chart, const struct chart_place *place, const char *title,
		const char *below, const char *name, struct error *error)
{
	struct text_buffer share = {0}, drawn = {0};
	struct work_files files;
	int code;

	work_files_make(&files, chart, place);
	text_append(&share, "share = 1\n");
	append_lines(&share, "share_above", title, ABOVE_CHARACTERS);
	append_lines(&share, "share_below", below, BELOW_CHARACTERS);
	code = file_write(text_string(&files.folder), "share.gp", text_string(&share), share.length,
			  error);
	if (code == 0)
		code = gnuplot_draw(chart, &files, place, "share.gp", &drawn, error);
	if (code == 0)
		code = file_write(place->folder, name, text_string(&drawn), drawn.length, error);
	text_destroy(&share);
	text_destroy(&drawn);
	work_files_destroy(&files);
	return code;
}
