/* Charts of metrics against a varied axis: throughput, CPU, total memory. */
#include "report/chart_plot.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const outcomes_shown[] = {"ringed", "\xc3\x97 at the foot", "+ at the foot"};

static void fill_x(struct chart_plot *plot)
{
	const char *axis = chart_axis(plot->definition, plot->part);
	struct chart_range *x = &plot->x;

	*x = (struct chart_range){
		.low = INFINITY, .high = -INFINITY, .unit = format_axis_unit(axis), .axis = axis};
	for (size_t i = 0; i < plot->part->point_count; i++) {
		double value = part_load(plot->part, plot->part->points[i], axis);
		bool seen = false;

		if (!chart_has_point(plot, plot->part->points[i]) || isnan(value))
			continue;
		chart_range_add(x, value);
		for (size_t j = 0; j < x->tick_count; j++)
			seen = seen || x->ticks[j] == value;
		if (!seen && x->tick_count < CHART_TICKS_MAX)
			x->ticks[x->tick_count++] = value;
	}
	if (plot->definition->x == CHART_SCALE_AUTO)
		x->log = x->low > 0 && x->high / x->low >= 8;
	else
		x->log = plot->definition->x == CHART_SCALE_LOG && x->low > 0;
}

static void csv_summary(struct chart_plot *plot, const char *server, const json_t *point,
			const char *metric, const struct summary *summary, bool bound)
{
	struct part_outcomes outcomes = part_count(plot->part, server, point);
	const double figures[] = {summary->median, summary->low, summary->high};
	const char *against = plot->part->against;
	struct block_ratio ratio = part_ratio(plot->part, server, point, metric);
	const double ratios[] = {ratio.summary.median, ratio.summary.low, ratio.summary.high};

	text_append_csv(&plot->csv, server);
	text_append(&plot->csv, ",");
	chart_csv_axes(&plot->csv, plot->part, point);
	text_append_csv(&plot->csv, metric);
	for (size_t i = 0; i < 3; i++) {
		text_append(&plot->csv, ",");
		chart_append_csv_number(&plot->csv, figures[i]);
	}
	text_append_format(&plot->csv, ",%.6g,%zu,%zu,%zu,%zu,%zu,%s,", summary->coverage,
			   summary->count, outcomes.ok, outcomes.saturated, outcomes.failed,
			   outcomes.invalid, bound ? "true" : "false");
	text_append_csv(&plot->csv, ratio.summary.count ? against : "");
	for (size_t i = 0; i < 3; i++) {
		text_append(&plot->csv, ",");
		if (ratio.summary.count)
			chart_append_csv_number(&plot->csv, ratios[i]);
	}
	text_append_format(&plot->csv, ",%zu\r\n", ratio.summary.count);
}

/* "epoll, 64 connections: 160k/s [158k, 161k]": what a mark says of itself. */
static void append_mark_title(struct chart_plot *plot, const char *server, const json_t *point,
			      const char *metric, const struct summary *summary, bool bound)
{
	const char *unit = format_metric_unit(plot->part->results, metric);
	struct text_buffer title = {0};

	text_append_format(&title, "%s", server);
	if (json_object_size(point)) {
		text_append(&title, ", ");
		format_point(&title, point, NULL);
	}
	text_append(&title, ": ");
	format_summary(&title, unit, summary, bound);
	chart_append_text(&plot->data, text_string(&title));
	text_destroy(&title);
}

/* Of requests that are due at a rate: the first rate that was not answered ends a line. */
static bool is_swamped(const struct chart_plot *plot, const char *server, const json_t *point)
{
	return part_is_open_loop(plot->part) && part_count(plot->part, server, point).saturated > 0;
}

/* One dataset: the medians of a series, in the order of x. Returns the last of them; NAN: there is none. */
static double fill_medians(struct chart_plot *plot, size_t series, const char *metric)
{
	const struct part *part = plot->part;
	const char *server = part->servers[series];
	double last = NAN;
	bool ended = false;

	text_append(&plot->data, "# medians: x median low high trials bound swamped title\n");
	text_append(&plot->data,
		    "NaN NaN NaN NaN 0 0 0 \"\"\n"); /* an empty dataset would not count */
	for (size_t i = 0; i < part->point_count; i++) {
		const json_t *point = part->points[i];
		struct summary summary;
		bool bound;

		if (!chart_has_point(plot, point))
			continue;
		summary = part_shown_summary(part, server, point, metric);
		bound = part_value_is_bound(part, server, point, metric);
		csv_summary(plot, server, point, metric, &summary, bound);
		if (!summary.count || ended)
			continue;
		plot->empty = false;
		ended = is_swamped(plot, server, point);
		last = summary.median;
		chart_append_number(&plot->data, part_load(part, point, plot->x.axis));
		chart_append_number(&plot->data, summary.median);
		chart_append_number(&plot->data, summary.low);
		chart_append_number(&plot->data, summary.high);
		text_append_format(&plot->data, " %zu %d %d", summary.count, bound, ended);
		append_mark_title(plot, server, point, metric, &summary, bound);
		text_append(&plot->data, "\n");
	}
	text_append(&plot->data, "\n\n");
	return last;
}

/* One dataset: every trial of a series that has a figure to count. */
static void fill_trials(struct chart_plot *plot, size_t series, const char *metric)
{
	const struct part *part = plot->part;
	const json_t *trial;

	text_append(&plot->data, "# trials: x value saturated trials\nNaN NaN 0 0\n");
	for (size_t i = 0; i < part->point_count; i++) {
		const char *server = part->servers[series];
		const json_t *point = part->points[i];
		double x = part_load(part, point, plot->x.axis);
		size_t count = part_shown_summary(part, server, point, metric).count;

		if (!chart_has_point(plot, point) || !count)
			continue;
		for (size_t j = 0; (trial = part_next_trial(part, server, point, &j));) {
			double value = json_number_of(json_object_get(trial, "metrics"), metric);

			if (!results_trial_counts(trial) || isnan(value))
				continue;
			chart_range_add(&plot->y, value);
			chart_append_number(&plot->data, x);
			chart_append_number(&plot->data, value);
			text_append_format(
				&plot->data, " %d %zu\n",
				strcmp(json_string_of(trial, "outcome"), "saturated") == 0, count);
		}
	}
	text_append(&plot->data, "\n\n");
}

/* One dataset: the trials of a series that have no figure, marked at the foot of the chart. */
static void fill_marks(struct chart_plot *plot, size_t series)
{
	const struct part *part = plot->part;
	const json_t *trial;

	text_append(&plot->data, "# marks: x failed\nNaN 0\n");
	for (size_t i = 0;
	     (trial = part_next_trial(part, part->servers[series], plot->point, &i));) {
		const json_t *point = json_object_get(trial, "point");

		if (results_trial_counts(trial))
			continue;
		chart_append_number(&plot->data, part_load(part, point, plot->x.axis));
		text_append_format(&plot->data, " %d\n",
				   strcmp(json_string_of(trial, "outcome"), "failed") == 0);
	}
	text_append(&plot->data, "\n\n");
}

static void csv_trials(struct chart_plot *plot, const char *server)
{
	const struct part *part = plot->part;
	const json_t *trial;

	for (size_t i = 0; (trial = part_next_trial(part, server, plot->point, &i));) {
		const json_t *metrics = json_object_get(trial, "metrics");

		text_append_csv(&plot->trials_csv, server);
		text_append(&plot->trials_csv, ",");
		chart_csv_axes(&plot->trials_csv, part, json_object_get(trial, "point"));
		chart_append_csv_number(&plot->trials_csv, json_number_of(trial, "trial"));
		text_append(&plot->trials_csv, ",");
		chart_append_csv_number(&plot->trials_csv, json_number_of(trial, "order"));
		text_append(&plot->trials_csv, ",");
		text_append_csv(&plot->trials_csv, json_string_of(trial, "outcome"));
		text_append_format(&plot->trials_csv, ",%s",
				   json_is_true(json_object_get(trial, "rate_is_lower_bound"))
					   ? "true"
					   : "false");
		for (size_t j = 0; j < plot->definition->metric_count; j++) {
			text_append(&plot->trials_csv, ",");
			chart_append_csv_number(
				&plot->trials_csv,
				json_number_of(metrics, plot->definition->metrics[j]));
		}
		text_append(&plot->trials_csv, "\r\n");
	}
}

static void csv_headers(struct chart_plot *plot)
{
	text_append(&plot->csv, "server,");
	chart_csv_axes_header(&plot->csv, plot->part);
	text_append(&plot->csv, "metric,median,low,high,coverage_ratio,trials,ok,saturated,failed,"
				"invalid,is_lower_bound,ratio_to,ratio,ratio_low,ratio_high,"
				"ratio_blocks\r\n");
	text_append(&plot->trials_csv, "server,");
	chart_csv_axes_header(&plot->trials_csv, plot->part);
	text_append(&plot->trials_csv, "trial,order,outcome,rate_is_lower_bound");
	for (size_t i = 0; i < plot->definition->metric_count; i++) {
		text_append(&plot->trials_csv, ",");
		text_append_csv(&plot->trials_csv, plot->definition->metrics[i]);
	}
	text_append(&plot->trials_csv, "\r\n");
}

/* All datasets; where each server's first metric ends goes to `ends`. */
static void fill_series(struct chart_plot *plot, double *ends)
{
	const struct chart_definition *definition = plot->definition;
	const struct part *part = plot->part;

	for (size_t i = 0; i < part->server_count; i++) {
		for (size_t j = 0; j < definition->metric_count; j++) {
			double end = fill_medians(plot, i, definition->metrics[j]);

			if (j == 0)
				ends[i] = end;
			fill_trials(plot, i, definition->metrics[j]);
		}
		csv_trials(plot, part->servers[i]);
	}
	for (size_t i = 0; i < part->server_count; i++)
		fill_marks(plot, i);
}

/* From so many times the least on a linear scale shows the most, and all others as one line at its foot. */
static const double y_wide = 20;

int chart_fill_axis(struct chart_plot *plot)
{
	const struct chart_definition *definition = plot->definition;
	const struct part *part = plot->part;
	struct part_outcomes outcomes = part_count(part, NULL, plot->point);
	double *ends;
	int code;

	plot->empty = true;
	if (*definition->along && !strstr(definition->along, chart_axis(definition, part)))
		return 0;
	ends = calloc(part->server_count + 1, sizeof *ends);
	if (!ends)
		return -ENOMEM;
	plot->y = (struct chart_range){
		.low = INFINITY,
		.high = -INFINITY,
		.log = definition->y == CHART_SCALE_LOG,
		.unit = format_metric_unit(part->results, definition->metrics[0])};
	fill_x(plot);
	if (plot->x.tick_count < 2 && part->against && !plot->kind) {
		free(ends); /* there is no line to draw: ratios and tables tell of a single point */
		return 0;
	}
	csv_headers(plot);
	fill_series(plot, ends);
	text_append_format(&plot->settings,
			   "series = %zu\nmetrics = %zu\nx_title = ", part->server_count,
			   definition->metric_count);
	text_append_gnuplot(&plot->settings, format_axis_title(plot->x.axis));
	text_append(&plot->settings, "\n");
	chart_note_outcomes(plot, &outcomes, outcomes_shown);
	if (definition->y == CHART_SCALE_AUTO)
		plot->y.log = plot->y.high / plot->y.low >= y_wide;
	/* A log scale has no place for zero or less. */
	if (plot->y.log && !(plot->y.low > 0))
		plot->y.log = false;
	code = plot->empty ? 0 : chart_append_panels(plot, ends);
	free(ends);
	return code < 0 || text_failed(&plot->data) || text_failed(&plot->settings) ? -ENOMEM : 0;
}
