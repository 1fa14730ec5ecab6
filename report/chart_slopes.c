/*
 * Charts with a row for each server and a mark for each metric, over all points of a part: what a
 * connection costs. A claimed range of one of the metrics is drawn as a band.
 */
#include "report/chart_plot.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* On a logarithmic axis what is under one byte, or less than nothing, stands at its left end. */
static const double least_shown = 1;

/* How often each value goes into the amount, where that is asked for. Returns how many are left. */
static size_t fit_values(const struct chart_amount *fit, double *values, long *blocks, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (fit->each > 0 && !(values[i] > 0))
			continue; /* nothing was found to cost: no number of them is told by that */
		blocks[kept] = blocks[i];
		values[kept++] = fit->each > 0 ? fit->each / values[i] : values[i];
	}
	return kept;
}

static double shown(const struct chart_plot *plot, double value)
{
	return plot->x.log && !(value >= least_shown) ? least_shown : value;
}

/* Which metrics have a figure for any server, and where their lines stand. */
struct layout {
	bool stacked; /* all on one line */
	bool present[CHART_METRICS_MAX];
	size_t present_count;
};

static struct layout layout_make(const struct chart_plot *plot)
{
	struct layout layout = {.stacked = plot->definition->stacked};

	for (size_t i = 0; i < plot->definition->metric_count; i++) {
		for (size_t j = 0; j < plot->part->server_count && !layout.present[i]; j++)
			layout.present[i] = part_summary(plot->part, plot->part->servers[j], NULL,
							 plot->definition->metrics[i])
						    .count > 0;
		layout.present_count += layout.present[i];
	}
	return layout;
}

/* Lines count from 1 at the top: a server's name, then its metrics. */
static size_t line_of_server(const struct layout *layout, size_t series)
{
	return 1 + series * (1 + (layout->stacked ? 1 : layout->present_count));
}

static size_t line_of(const struct layout *layout, size_t series, size_t metric)
{
	size_t line = line_of_server(layout, series) + 1;

	for (size_t i = 0; i < metric && !layout->stacked; i++)
		line += layout->present[i];
	return line;
}

static void csv_summary(struct chart_plot *plot, const char *server, const char *metric,
			const struct summary *summary)
{
	const double figures[] = {summary->median, summary->low, summary->high};

	text_append_csv(&plot->csv, server);
	text_append(&plot->csv, ",");
	text_append_csv(&plot->csv, metric);
	for (size_t i = 0; i < 3; i++) {
		text_append(&plot->csv, ",");
		chart_append_csv_number(&plot->csv, figures[i]);
	}
	text_append_format(&plot->csv, ",%.6g,%zu\r\n", summary->coverage, summary->count);
}

/* Two datasets for each metric: medians with their labels, and trials. */
static int fill_metric(struct chart_plot *plot, const struct layout *layout, size_t index)
{
	const char *metric = plot->definition->metrics[index];
	const struct part *part = plot->part;
	const struct chart_amount *fit = &plot->definition->fit;
	const char *unit = fit->each > 0 ? "count" : format_metric_unit(part->results, metric);
	const char *name = fit->each > 0 ? fit->title : metric;
	struct text_buffer trials = {0};
	int code = 0;

	text_append(&plot->data, "# medians: line median low high series label\n");
	text_append(&plot->data, "NaN NaN NaN NaN 1 -\n");
	text_append(&trials, "# trials: line value series\nNaN NaN 1\n");
	for (size_t i = 0; i < part->server_count && code == 0; i++) {
		struct cell cell = part_cell(part, part->servers[i], NULL);
		size_t line = line_of(layout, i, index);
		struct block_values of;
		struct summary summary;
		char label[FORMAT_SIZE];
		size_t kept;

		code = block_values_read(&of, part->results, &cell, metric);
		kept = fit_values(fit, of.values, of.blocks, of.count);
		summary = statistics_summarise(of.values, kept, 0.95);
		csv_summary(plot, part->servers[i], name, &summary);
		for (size_t j = 0; j < kept; j++) {
			chart_range_add(&plot->x, shown(plot, of.values[j]));
			text_append_format(&trials, "%zu", line);
			chart_append_number(&trials, shown(plot, of.values[j]));
			text_append_format(&trials, " %zu\n", i + 1);
			text_append_csv(&plot->trials_csv, part->servers[i]);
			text_append_format(&plot->trials_csv, ",%s,%ld,%.12g\r\n", name,
					   of.blocks[j], of.values[j]);
		}
		text_append_format(&plot->settings, "slope[%zu] = %.12g\n",
				   i * plot->definition->metric_count + index + 1,
				   summary.count ? summary.median : 0);
		if (summary.count) {
			plot->empty = false;
			text_append_format(&plot->data, "%zu", line);
			chart_append_number(&plot->data, shown(plot, summary.median));
			chart_append_number(&plot->data, shown(plot, summary.low));
			chart_append_number(&plot->data, shown(plot, summary.high));
			text_append_format(&plot->data, " %zu \"%s\"\n", i + 1,
					   format_value(unit, summary.median, label));
		}
		block_values_destroy(&of);
	}
	text_append(&plot->data, "\n\n");
	text_append(&plot->data, text_string(&trials));
	text_append(&plot->data, "\n\n");
	text_destroy(&trials);
	return code;
}

/* What the chart needs to know of its lines; a metric that is not there is named in the note. */
static void fill_lines(struct chart_plot *plot, const struct layout *layout)
{
	const struct chart_definition *definition = plot->definition;
	struct text_buffer *out = &plot->settings;
	size_t servers = plot->part->server_count;

	text_append_format(
		out, "metrics = %zu\narray metric_title[%zu]\narray metric_present[%zu]\n",
		definition->metric_count, definition->metric_count, definition->metric_count);
	for (size_t i = 0; i < definition->metric_count; i++) {
		const json_t *metric = results_metric(plot->part->results, definition->metrics[i]);
		const char *title = json_string_of(metric, "title");

		title = *title ? title : definition->metrics[i];
		text_append_format(out, "metric_title[%zu] = ", i + 1);
		text_append_gnuplot(out, title);
		text_append_format(out, "\nmetric_present[%zu] = %d\n", i + 1, layout->present[i]);
		if (!layout->present[i])
			text_append_format(&plot->note, " Not measured: %s.", title);
	}
	plot->line_count = servers * (1 + (layout->stacked ? 1 : layout->present_count));
	text_append_format(out, "lines = %zu\narray server_line[%zu]\n", plot->line_count, servers);
	for (size_t i = 0; i < servers; i++)
		text_append_format(out, "server_line[%zu] = %zu\n", i + 1,
				   line_of_server(layout, i));
}

/* The range that a claim of this part gives to a metric of the chart, if there is one. */
static void fill_claim(struct chart_plot *plot)
{
	const json_t *claims = json_object_get(plot->part->json, "claims"), *within = NULL;
	double low, high;
	char text[FORMAT_SIZE];

	for (size_t i = 0; i < json_array_size(claims) && !within; i++) {
		const json_t *claim = json_array_get(claims, i);
		const json_t *metrics = json_object_get(claim, "metrics");
		bool bounds_it = strcmp(json_string_of(claim, "kind"), "threshold") == 0;

		for (size_t j = 0; bounds_it && j < json_array_size(metrics); j++) {
			const char *key = json_string_value(json_array_get(metrics, j));

			for (size_t k = 0; key && k < plot->definition->metric_count; k++)
				if (strcmp(key, plot->definition->metrics[k]) == 0)
					within = json_object_get(claim, "within");
		}
	}
	low = json_number_value(json_array_get(within, 0));
	high = json_number_value(json_array_get(within, 1));
	text_append_format(&plot->settings, "claims = %d\n", within && low > 0 && high >= low);
	if (!within || !(low > 0) || high < low)
		return;
	chart_range_add(&plot->x, low);
	chart_range_add(&plot->x, high);
	text_append_format(&plot->settings, "claim_low = %.12g\nclaim_high = %.12g\n", low, high);
	text_append(&plot->note, " The shaded band is the claimed range, ");
	text_append_format(&plot->note, "%s to ", format_claimed(plot->x.unit, low, text));
	text_append_format(&plot->note, "%s.", format_claimed(plot->x.unit, high, text));
}

int chart_fill_slopes(struct chart_plot *plot)
{
	const struct chart_definition *definition = plot->definition;
	const struct part *part = plot->part;
	struct layout layout = layout_make(plot);
	int code = 0;

	plot->empty = true;
	plot->x = (struct chart_range){
		.low = INFINITY,
		.high = -INFINITY,
		.log = definition->x == CHART_SCALE_LOG,
		.unit = definition->fit.each > 0
				? "count"
				: format_metric_unit(part->results, definition->metrics[0])};
	text_append_format(&plot->settings, "array slope[%zu]\n",
			   part->server_count * definition->metric_count);
	text_append(&plot->csv, "server,metric,median,low,high,coverage_ratio,trials\r\n");
	text_append(&plot->trials_csv, "server,metric,trial,value\r\n");
	for (size_t i = 0; i < definition->metric_count && code == 0; i++)
		code = fill_metric(plot, &layout, i);
	if (definition->stacked && !layout.present[0])
		plot->empty = true; /* a part without the whole would be taken for it */
	if (!definition->stacked && !(definition->fit.each > 0)) /* claims are of the metric */
		fill_claim(plot);
	fill_lines(plot, &layout);
	chart_append_series(plot);
	if (!plot->empty && !plot->x.log)
		chart_range_add(&plot->x, plot->x.high * 1.1); /* for the label */
	if (!plot->empty && plot->x.log) {
		/* Room for the label to the right of the last mark, and for both ends of a byte. */
		chart_range_add(&plot->x, least_shown);
		chart_range_add(&plot->x, plot->x.high * 16);
	}
	return code == 0 && !text_failed(&plot->data) ? 0 : -ENOMEM;
}
