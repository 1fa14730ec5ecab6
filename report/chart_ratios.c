/*
 * Charts of a metric as a multiple of the yardstick's, block by block: a row a server at one point, or
 * server by point. The same values as in tables and sentences (part_ratio).
 */
#include "report/chart_plot.h"

#include "stored/metric.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double row_px = 24, words_px = 190, cell_px = 26, edge_px = 16;

static const char csv_columns[] =
	"metric,is_lower_bound,ratio_to,ratio,ratio_low,ratio_high,ratio_coverage_ratio,ratio_blocks\r\n";

static bool is_yardstick(const struct chart_plot *plot, const char *server)
{
	return strcmp(server, plot->part->against) == 0;
}

static size_t ratios_at(const struct chart_plot *plot, const json_t *point)
{
	const char *metric = plot->definition->metrics[0];
	size_t count = 0;

	for (size_t i = 0; i < plot->part->server_count; i++)
		count += part_ratio(plot->part, plot->part->servers[i], point, metric)
				 .summary.count > 0;
	return count;
}

/* Where most servers can be compared; of several such points the middle one. NULL: nowhere. */
static const json_t *point_find(const struct chart_plot *plot)
{
	const struct part *part = plot->part;
	const json_t **equal = calloc(part->point_count + 1, sizeof(json_t *)), *found = NULL;
	size_t most = 0, count = 0;

	for (size_t i = 0; equal && i < part->point_count; i++) {
		size_t here = chart_has_point(plot, part->points[i])
				      ? ratios_at(plot, part->points[i])
				      : 0;

		if (here > most) {
			most = here;
			count = 0;
		}
		if (here > 0 && here == most)
			equal[count++] = part->points[i];
	}
	if (count)
		found = equal[count / 2];
	free(equal);
	return found;
}

static void fill_csv(struct chart_plot *plot, const char *server, const json_t *point,
		     const struct block_ratio *ratio)
{
	const char *metric = plot->definition->metrics[0];

	text_append_csv(&plot->csv, server);
	text_append(&plot->csv, ",");
	chart_csv_axes(&plot->csv, plot->part, point);
	text_append_format(&plot->csv, "%s,%s,", metric,
			   part_value_is_bound(plot->part, server, point, metric) ? "true"
										  : "false");
	text_append_csv(&plot->csv, plot->part->against);
	chart_csv_summary(&plot->csv, &ratio->summary);
	text_append(&plot->csv, "\r\n");
}

static void csv_header(struct chart_plot *plot)
{
	text_append(&plot->csv, "server,");
	chart_csv_axes_header(&plot->csv, plot->part);
	text_append(&plot->csv, csv_columns);
	text_append(&plot->trials_csv, "server,");
	chart_csv_axes_header(&plot->trials_csv, plot->part);
	text_append(&plot->trials_csv, "metric,block,ratio\r\n");
}

/* The quotients of single blocks: dots where they are few. */
static int fill_blocks(struct chart_plot *plot, const char *server, const json_t *point, size_t row)
{
	const char *metric = plot->definition->metrics[0];
	const struct cell of = part_cell(plot->part, server, point),
			  over = part_cell(plot->part, plot->part->against, point);
	struct block_values a, b;
	int code = block_values_read(&a, plot->part->results, &of, metric);
	size_t pairs;

	if (code < 0)
		return code;
	code = block_values_read(&b, plot->part->results, &over, metric);
	pairs = code == 0 ? block_values_pair(&a, &b) : 0;
	for (size_t i = 0; i < pairs; i++) {
		double ratio = a.values[i] / b.values[i];

		if (!(ratio > 0) || !isfinite(ratio))
			continue;
		text_append_csv(&plot->trials_csv, server);
		text_append(&plot->trials_csv, ",");
		chart_csv_axes(&plot->trials_csv, plot->part, point);
		text_append_format(&plot->trials_csv, "%s,%ld,%.12g\r\n", metric, a.blocks[i],
				   ratio);
		if (row && pairs <= CHART_DOTS_MAX)
			text_append_format(&plot->data, "%zu %.12g\n", row, ratio);
	}
	block_values_destroy(&a);
	block_values_destroy(&b);
	return code;
}

struct row {
	const char *server;
	struct block_ratio ratio;
	bool yardstick;
};

/* Least first, as it stands in the picture from top to bottom. */
static int compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	double of_a = a->yardstick ? 1 : a->ratio.summary.median;
	double of_b = b->yardstick ? 1 : b->ratio.summary.median;

	return (of_a > of_b) - (of_a < of_b);
}

static size_t rows_read(struct row *rows, const struct chart_plot *plot, const json_t *point)
{
	size_t count = 0;

	for (size_t i = 0; i < plot->part->server_count; i++) {
		struct row *row = &rows[count];

		row->server = plot->part->servers[i];
		row->yardstick = is_yardstick(plot, row->server);
		row->ratio = part_ratio(plot->part, row->server, point,
					plot->definition->metrics[0]);
		count += row->yardstick || row->ratio.summary.count > 0;
	}
	qsort(rows, count, sizeof *rows, compare_rows);
	return count;
}

/* An end of which nothing is known stands at the estimate, and the words say so. */
static void append_row(struct chart_plot *plot, const struct row *row, size_t line)
{
	const json_t *servers = json_object_get(plot->part->results->run, "servers");
	struct palette_entry look = palette_find(servers, row->server);
	const struct summary *summary = &row->ratio.summary;
	bool bound = row->ratio.at_least || row->ratio.at_most;
	char value[FORMAT_SIZE], interval[FORMAT_SIZE];
	struct text_buffer words = {0};

	if (row->yardstick) {
		text_append_format(&plot->data, "%zu 1 1 1 1 0 %lu \"the yardstick\"\n", line,
				   palette_colour_number(&look));
		return;
	}
	chart_range_add(&plot->x, summary->median);
	chart_range_add(&plot->x, summary->low);
	chart_range_add(&plot->x, summary->high);
	text_append_format(&plot->data, "%zu %.12g %.12g %.12g %zu %d %lu", line, summary->median,
			   isnan(summary->low) ? summary->median : summary->low,
			   isnan(summary->high) ? summary->median : summary->high, summary->count,
			   bound, palette_colour_number(&look));
	text_append_format(&words, "%s %s", format_ratio_value(&row->ratio, value),
			   format_ratio_interval(&row->ratio, interval));
	chart_append_text(&plot->data, text_string(&words));
	text_append(&plot->data, "\n");
	text_destroy(&words);
}

static int fill_rows(struct chart_plot *plot, const struct row *rows, size_t count,
		     const json_t *point)
{
	int code = 0;

	text_append(&plot->data, "# rows: row ratio low high blocks bound colour text\n");
	for (size_t i = 0; i < count; i++) {
		append_row(plot, &rows[i], i + 1);
		if (!rows[i].yardstick)
			fill_csv(plot, rows[i].server, point, &rows[i].ratio);
	}
	text_append(&plot->data, "\n\n# blocks: row ratio\nNaN NaN\n");
	for (size_t i = 0; i < count && code == 0; i++)
		if (!rows[i].yardstick)
			code = fill_blocks(plot, rows[i].server, point, i + 1);
	text_append(&plot->data, "\n\n");
	return code;
}

/* What the axis says, and which difference is none. */
static void append_scale(struct chart_plot *plot, const json_t *point)
{
	const struct part *part = plot->part;
	const json_t *metric = results_metric(part->results, plot->definition->metrics[0]);
	struct text_buffer title = {0};

	text_append_format(&title, "%s, as a multiple of %s's", plot->definition->y_title,
			   part->against);
	if (point && json_object_size(point)) {
		text_append(&title, ", ");
		format_point(&title, point, NULL);
	}
	text_append(&plot->settings, "x_title = ");
	text_append_gnuplot(&plot->settings, text_string(&title));
	text_append_format(&plot->settings, "\nmatters = %.6g\n",
			   metric_smallest_difference(metric));
	text_destroy(&title);
}

int chart_fill_ratios(struct chart_plot *plot)
{
	struct row *rows = calloc(plot->part->server_count + 1, sizeof *rows);
	const char **names = calloc(plot->part->server_count + 1, sizeof *names);
	const json_t *point = plot->part->against ? point_find(plot) : NULL;
	size_t count;
	int code = rows && names ? 0 : -ENOMEM;

	plot->empty = !point;
	if (code < 0 || plot->empty)
		goto done;
	plot->x = (struct chart_range){.low = 0.5, .high = 2, .log = true, .unit = "count"};
	csv_header(plot);
	count = rows_read(rows, plot, point);
	for (size_t i = 0; i < count; i++)
		names[i] = rows[i].server;
	code = fill_rows(plot, rows, count, point);
	append_scale(plot, point);
	chart_append_rows(plot, names, count, row_px, words_px);
done:
	free(rows);
	free(names);
	return code == 0 && !text_failed(&plot->data) && !text_failed(&plot->settings) ? 0
										       : -ENOMEM;
}

/* Worse by so much is as deep a colour as there is. */
static const double deepest = 4;

/* Orange is worse, blue is better, pale is alike: -1 to 1 on a logarithmic scale. */
static double depth_of(const struct chart_plot *plot, double ratio)
{
	const json_t *metric = results_metric(plot->part->results, plot->definition->metrics[0]);
	double depth = log(ratio) / log(deepest);

	if (strcmp(json_string_of(metric, "better"), "higher") == 0)
		depth = -depth;
	return fmin(fmax(depth, -1), 1);
}

static void append_cell(struct chart_plot *plot, const char *server, const json_t *point,
			size_t row, size_t column)
{
	struct block_ratio ratio = part_ratio(plot->part, server, point,
					      plot->definition->metrics[0]);
	bool yardstick = is_yardstick(plot, server);
	char text[FORMAT_SIZE];

	if (!yardstick && ratio.summary.count)
		fill_csv(plot, server, point, &ratio);
	if (!yardstick && !ratio.summary.count)
		return;
	text_append_format(
		&plot->data, "%zu %zu %.4f %d", row, column,
		yardstick ? 0 : depth_of(plot, ratio.summary.median),
		part_value_is_bound(plot->part, server, point, plot->definition->metrics[0]));
	chart_append_text(&plot->data,
			  yardstick ? "1" : format_ratio_number(ratio.summary.median, text));
	text_append(&plot->data, "\n");
}

static size_t append_columns(struct chart_plot *plot)
{
	const struct part *part = plot->part;
	const char *axis = part_main_axis(part);
	char label[FORMAT_SIZE];
	size_t column = 0;

	text_append(&plot->settings, "set xtics (");
	for (size_t i = 0; i < part->point_count; i++) {
		if (!chart_has_point(plot, part->points[i]))
			continue;
		text_append(&plot->settings, column++ ? ", " : "");
		text_append_gnuplot(
			&plot->settings,
			format_axis_value(axis, part_load(part, part->points[i], axis), label));
		text_append_format(&plot->settings, " %zu", column);
	}
	text_append_format(
		&plot->settings,
		") scale 0\ncolumns = %zu\nset xrange [0.5:%zu.5]\naxis_title = ", column, column);
	text_append_gnuplot(&plot->settings, format_axis_title(axis));
	text_append(&plot->settings, "\n");
	return column;
}

int chart_fill_grid(struct chart_plot *plot)
{
	const struct part *part = plot->part;
	size_t rows = 0, columns = append_columns(plot);
	const char **names = calloc(part->server_count + 1, sizeof *names);
	int code = names ? 0 : -ENOMEM;

	plot->empty = !part->against || columns < 2 || part->server_count < 3;
	if (code == 0 && !plot->empty) {
		csv_header(plot);
		text_append(&plot->data, "# cells: row column depth bound text\n");
	}
	for (size_t i = 0; i < part->server_count && code == 0 && !plot->empty; i++) {
		size_t column = 0;

		names[rows++] = part->servers[i];
		for (size_t j = 0; j < part->point_count && code == 0; j++) {
			if (!chart_has_point(plot, part->points[j]))
				continue;
			append_cell(plot, part->servers[i], part->points[j], rows, ++column);
			if (!is_yardstick(plot, part->servers[i]))
				code = fill_blocks(plot, part->servers[i], part->points[j], 0);
		}
	}
	if (!plot->empty) {
		text_append(&plot->data, "\n\n");
		append_scale(plot, NULL);
		chart_append_rows(plot, names, rows, cell_px, edge_px);
	}
	free(names);
	return code == 0 && !text_failed(&plot->data) ? 0 : -ENOMEM;
}
