/*
 * Charts of what a whole is made of: a bar a server, its parts end to end, the least first. The first
 * metric of the definition is the whole, the last stands beside it in words, those between are the parts.
 * Where the whole was not measured the first part stands for itself alone, and the chart says so.
 */
#include "report/chart_plot.h"

#include "stored/metric.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double row_px = 26, words_px = 180;

struct bar {
	const char *server;
	struct summary summaries[CHART_METRICS_MAX];
};

/* Which metric is the whole: the first, or where nobody has it the part that is told then. */
static size_t whole_of(const struct bar *bars, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bars[i].summaries[0].count)
			return 0;
	return 1;
}

/* The least first; the whole is in front of the parts, whatever it is. */
static int compare_bars(const void *left, const void *right)
{
	const struct summary *a = ((const struct bar *)left)->summaries;
	const struct summary *b = ((const struct bar *)right)->summaries;

	if (!a->count || !b->count)
		return (a->count == 0) - (b->count == 0);
	return (a->median > b->median) - (a->median < b->median);
}

/* Those with a figure, sorted; `whole` is the metric that the bars' first summary is of. */
static size_t bars_read(struct bar *bars, const struct chart_plot *plot, const json_t *point,
			size_t *whole)
{
	const struct chart_definition *definition = plot->definition;
	size_t count = 0;

	for (size_t i = 0; i < plot->part->server_count; i++) {
		struct bar *bar = &bars[count];

		bar->server = plot->part->servers[i];
		for (size_t j = 0; j < definition->metric_count; j++)
			bar->summaries[j] = part_shown_summary(plot->part, bar->server, point,
							       definition->metrics[j]);
		count += bar->summaries[0].count || bar->summaries[1].count;
	}
	*whole = whole_of(bars, count);
	for (size_t i = 0; i < count; i++)
		bars[i].summaries[0] = bars[i].summaries[*whole];
	qsort(bars, count, sizeof *bars, compare_bars);
	return count;
}

/* "3.80 KiB [3.79, 3.81]; 0.2 KiB reserved": behind the bar. */
static void append_words(struct chart_plot *plot, const struct bar *bar, const char *unit)
{
	const struct summary *beside = &bar->summaries[plot->definition->metric_count - 1];
	struct text_buffer words = {0};
	char text[FORMAT_SIZE];

	text_append(&words, format_value(unit, bar->summaries[0].median, text));
	if (beside->count && beside->median > bar->summaries[0].median)
		text_append_format(&words, ", virtual %s", format_tick(unit, beside->median, text));
	chart_append_text(&plot->data, text_string(&words));
	text_destroy(&words);
}

static void fill_parts(struct chart_plot *plot, const struct bar *bar, size_t row, const char *unit)
{
	double end = 0;
	char text[FORMAT_SIZE];

	for (size_t i = 1; i + 1 < plot->definition->metric_count; i++) {
		const struct summary *part = &bar->summaries[i];
		double begin = end;

		if (!part->count || !(part->median > 0))
			continue;
		end += part->median;
		chart_range_add(&plot->x, end);
		text_append_format(&plot->data, "%zu %.12g %.12g %zu", row, begin, end, i);
		chart_append_text(&plot->data, format_tick(unit, part->median, text));
		text_append(&plot->data, "\n");
	}
}

/* Every block's whole, as dots where they are few. */
static int fill_trials(struct chart_plot *plot, const struct bar *bar, size_t row,
		       const json_t *point, size_t whole)
{
	const struct chart_definition *definition = plot->definition;
	struct cell cell = part_cell(plot->part, bar->server, point);

	for (size_t i = 0; i < definition->metric_count; i++) {
		struct block_values values;
		int code = block_values_read(&values, plot->part->results, &cell,
					     definition->metrics[i]);

		if (code < 0)
			return code;
		for (size_t j = 0; j < values.count; j++) {
			text_append_csv(&plot->trials_csv, bar->server);
			text_append_format(&plot->trials_csv, ",%s,%ld,%.12g\r\n",
					   definition->metrics[i], values.blocks[j],
					   values.values[j]);
			if (i != whole)
				continue;
			chart_range_add(&plot->x, values.values[j]);
			text_append_format(&plot->data, "%zu %.12g %zu\n", row, values.values[j],
					   values.count);
		}
		block_values_destroy(&values);
	}
	return 0;
}

static void fill_csv(struct chart_plot *plot, const struct bar *bar, size_t whole)
{
	for (size_t i = whole; i < plot->definition->metric_count; i++) {
		text_append_csv(&plot->csv, bar->server);
		text_append_format(&plot->csv, ",%s", plot->definition->metrics[i]);
		chart_csv_summary(&plot->csv, &bar->summaries[i]);
		text_append(&plot->csv, "\r\n");
	}
}

/* Three datasets: parts, wholes and the wholes of single blocks. */
static int fill_bars(struct chart_plot *plot, const struct bar *bars, size_t count,
		     const json_t *point, size_t whole)
{
	int code = 0;

	text_append(&plot->data, "# parts: row begin end metric text\n");
	for (size_t i = 0; i < count; i++)
		fill_parts(plot, &bars[i], i + 1, plot->x.unit);
	text_append(&plot->data, "\n\n# wholes: row median low high blocks text\n");
	for (size_t i = 0; i < count; i++) {
		const struct summary *summary = &bars[i].summaries[0];

		text_append_format(&plot->data, "%zu %.12g %.12g %.12g %zu", i + 1, summary->median,
				   summary->low, summary->high, summary->count);
		append_words(plot, &bars[i], plot->x.unit);
		text_append(&plot->data, "\n");
		fill_csv(plot, &bars[i], whole);
	}
	text_append(&plot->data, "\n\n# blocks: row whole blocks\nNaN NaN 0\n");
	for (size_t i = 0; i < count && code == 0; i++)
		code = fill_trials(plot, &bars[i], i + 1, point, whole);
	text_append(&plot->data, "\n\n");
	return code;
}

/* Where there are the most connections; NULL: there is no point. */
static const json_t *last_point(const struct part *part)
{
	return part->point_count ? part->points[part->point_count - 1] : NULL;
}

/* Whether some server has a slope of this metric over the part's connections. */
static bool has_slopes(const struct part *part, const char *metric)
{
	const json_t *metrics = json_object_get(part->results->run, "metrics"), *descriptor;
	size_t i;

	json_array_foreach(metrics, i, descriptor)
	{
		const char *of = metric_slope_of(descriptor);

		if (!of || strcmp(of, metric) != 0)
			continue;
		for (size_t j = 0; j < part->server_count; j++)
			if (part_summary(part, part->servers[j], NULL,
					 json_string_of(descriptor, "key"))
				    .count)
				return true;
	}
	return false;
}

/* "memory of the server, 2,000 connections". */
static void append_title(struct chart_plot *plot, const json_t *point)
{
	struct text_buffer title = {0};

	text_append(&title, plot->definition->y_title);
	if (json_object_size(point)) {
		text_append(&title, ", ");
		format_point(&title, point, NULL);
	}
	text_append(&plot->settings, "x_title = ");
	text_append_gnuplot(&plot->settings, text_string(&title));
	text_append(&plot->settings, "\n");
	text_destroy(&title);
}

int chart_fill_stack(struct chart_plot *plot)
{
	const struct chart_definition *definition = plot->definition;
	struct bar *bars = calloc(plot->part->server_count + 1, sizeof *bars);
	const char **names = calloc(plot->part->server_count + 1, sizeof *names);
	const bool slope =
		metric_slope_of(results_metric(plot->part->results, definition->metrics[0])) ||
		metric_slope_of(results_metric(plot->part->results, definition->metrics[1]));
	const json_t *point;
	size_t count, whole;
	int code = bars && names ? 0 : -ENOMEM;

	if (code < 0)
		goto done;
	point = slope ? NULL : last_point(plot->part);
	if (!slope && (has_slopes(plot->part, definition->metrics[0]) ||
		       has_slopes(plot->part, definition->metrics[1]))) {
		plot->empty = true; /* what one connection costs says more */
		goto done;
	}
	count = bars_read(bars, plot, point, &whole);
	plot->x = (struct chart_range){
		.low = 0,
		.unit = format_metric_unit(plot->part->results, definition->metrics[whole])};
	text_append(&plot->csv, "server,metric,median,low,high,coverage_ratio,trials\r\n");
	text_append(&plot->trials_csv, "server,metric,trial,value\r\n");
	plot->empty = count == 0;
	for (size_t i = 0; i < count; i++)
		names[i] = bars[i].server;
	code = fill_bars(plot, bars, count, point, whole);
	append_title(plot, point);
	if (whole == 1)
		text_append(&plot->note, " The kernel's share was not measured here: bars are what "
					 "the servers hold themselves.");
	chart_append_rows(plot, names, count, row_px, words_px);
done:
	free(names);
	free(bars);
	return code == 0 && !text_failed(&plot->data) && !text_failed(&plot->settings) ? 0
										       : -ENOMEM;
}
