/*
 * Charts of response time against the percentile: a curve for each trial, from the histogram in
 * its load report (or from the stored percentiles where there is none), and the median over the
 * trials of a server, percentile by percentile. A curve ends where fewer than RESULTS_TAIL_SAMPLES
 * responses lie beyond it in the shortest trial; the median also where most trials have none, as it
 * was not the server that was late.
 */
#include "report/chart_plot.h"

#include "report/chart_curve.h"
#include "report/kinds.h"
#include "stored/metric.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const outcomes_shown[] = {"drawn like the others", "not drawn", "not drawn"};

enum {
	GRID_MAX = CURVE_PER_DECADE * 7,
	GRID_SIZE = GRID_MAX + CURVE_STORED + 1,
};

/* How many response times of a trial the chart is of. */
static double count_of(const json_t *trial, const char *kind)
{
	char key[KINDS_KEY_SIZE];

	return metric_responses(kind ? kinds_key(key, "", kind) : "", trial);
}

/*
 * The percentiles of a server's curves, as 1/(1-p): evenly along the logarithmic axis, up to
 * where the tail gets too thin. `sparse`: those that trials store, as nothing is known between
 * them. Returns their number.
 */
static size_t grid_make(double grid[GRID_SIZE], double fewest, bool sparse)
{
	double last = fewest / RESULTS_TAIL_SAMPLES;
	size_t count = 0, stored = 0;

	for (size_t i = 0; i < GRID_MAX; i++) {
		double x = pow(10, (double)i / CURVE_PER_DECADE);

		double place = curve_stored_place(stored);

		if (place <= x * (1 + 1e-9) && place <= last * (1 + 1e-9)) {
			grid[count++] = place;
			stored++;
			if (x <= place * (1 + 1e-9))
				continue;
		}
		if (x >= last)
			break;
		if (!sparse)
			grid[count++] = x;
	}
	if (last > 1 && !sparse && grid[count - 1] < last * (1 - 1e-9))
		grid[count++] = last;
	return count;
}

/* The counting trials of a server at the chart's point, and their curves. */
struct curves {
	size_t count;
	const json_t **trials;
	struct curve *curves;
	double fewest; /* responses in the shortest trial */
	bool sparse;   /* some trial has no histogram, only its stored percentiles */
};

static void curves_destroy(struct curves *all)
{
	for (size_t i = 0; i < all->count; i++)
		curve_destroy(&all->curves[i]);
	free(all->curves);
	free(all->trials);
}

static int curves_read(struct curves *all, const struct chart_plot *plot, const char *server)
{
	const struct part *part = plot->part;
	const json_t *trial;

	all->trials = calloc(part->results->trial_count + 1, sizeof *all->trials);
	all->curves = calloc(part->results->trial_count + 1, sizeof *all->curves);
	all->fewest = INFINITY;
	if (!all->trials || !all->curves)
		return -ENOMEM;
	for (size_t i = 0; (trial = part_next_trial(part, server, plot->point, &i));) {
		double total = count_of(trial, plot->kind);

		if (!results_trial_counts(trial) || isnan(total))
			continue;
		all->trials[all->count++] = trial;
		if (curve_read(&all->curves[all->count - 1], part, trial, plot->kind,
			       &all->sparse) < 0)
			return -ENOMEM;
		if (total < all->fewest)
			all->fewest = total;
	}
	return 0;
}

static void csv_row(struct text_buffer *out, const struct chart_plot *plot, const char *server)
{
	text_append_csv(out, server);
	text_append(out, ",");
	chart_csv_axes(out, plot->part, plot->point);
}

/* What tables say of a percentile that is stored; without a count for any other. */
static struct summary stored_summary(const struct chart_plot *plot, const char *server,
				     double place)
{
	const char *metric = curve_stored_key(place);

	if (metric) {
		char key[KINDS_KEY_SIZE];

		return part_shown_summary(plot->part, server, plot->point,
					  plot->kind ? kinds_key(key, metric, plot->kind) : metric);
	}
	return statistics_summarise(NULL, 0, 0.95);
}

/* The dataset of medians: 1/(1-p) median low high. `end` is the last of them. */
static int fill_medians(struct chart_plot *plot, const char *server, const struct curves *all,
			const double *grid, size_t grid_count, double *end)
{
	double *values = calloc(all->count + 1, sizeof *values);

	if (!values)
		return -ENOMEM;
	text_append(&plot->data, "# medians: 1/(1-p) median low high\nNaN NaN NaN NaN\n");
	for (size_t i = 0; i < grid_count; i++) {
		struct summary summary;
		size_t known = 0;

		for (size_t j = 0; j < all->count; j++) {
			values[j] = curve_at(&all->curves[j], count_of(all->trials[j], plot->kind),
					     grid[i]);
			known += !isnan(values[j]);
		}
		if (results_are_few(known, all->count))
			break;
		summary = stored_summary(plot, server, grid[i]);
		if (!summary.count)
			summary = statistics_summarise(values, all->count, 0.95);
		if (!summary.count)
			continue;
		plot->empty = false;
		*end = summary.median;
		chart_range_add(&plot->x, grid[i]);
		chart_append_number(&plot->data, grid[i]);
		chart_append_number(&plot->data, summary.median);
		chart_append_number(&plot->data, summary.low);
		chart_append_number(&plot->data, summary.high);
		text_append(&plot->data, "\n");
		csv_row(&plot->csv, plot, server);
		text_append_format(&plot->csv, "%.7g", 1 - 1 / grid[i]);
		chart_csv_summary(&plot->csv, &summary);
		text_append(&plot->csv, "\r\n");
	}
	text_append(&plot->data, "\n\n");
	free(values);
	return 0;
}

/* The dataset of trials: a line each, a blank line between two. */
static void fill_trials(struct chart_plot *plot, const char *server, const struct curves *all,
			const double *grid, size_t grid_count)
{
	text_append(&plot->data, "# trials: 1/(1-p) value\nNaN NaN\n");
	for (size_t i = 0; i < all->count; i++) {
		double total = count_of(all->trials[i], plot->kind);

		for (size_t j = 0; j < grid_count; j++) {
			double value = curve_at(&all->curves[i], total, grid[j]);

			if (isnan(value))
				continue;
			chart_range_add(&plot->y, value);
			chart_append_number(&plot->data, grid[j]);
			chart_append_number(&plot->data, value);
			text_append(&plot->data, "\n");
			csv_row(&plot->trials_csv, plot, server);
			chart_append_csv_number(&plot->trials_csv,
						json_number_of(all->trials[i], "trial"));
			text_append_format(&plot->trials_csv, ",%s,%.7g,%.12g\r\n",
					   json_string_of(all->trials[i], "outcome"),
					   1 - 1 / grid[j], value);
		}
		text_append(&plot->data, "\n");
	}
	text_append(&plot->data, "NaN NaN\n\n\n");
}

static int fill_server(struct chart_plot *plot, const char *server, double *end)
{
	struct curves all = {0};
	int code = curves_read(&all, plot, server);

	if (code == 0) {
		double grid[GRID_SIZE];
		size_t grid_count = grid_make(grid, all.count ? all.fewest : 0, all.sparse);

		code = fill_medians(plot, server, &all, grid, grid_count, end);
		fill_trials(plot, server, &all, grid, grid_count);
	}
	curves_destroy(&all);
	return code;
}

static bool is_burst(const struct part *part)
{
	return json_is_true(json_object_get(json_object_get(part->json, "load"), "burst"));
}

/* Of who is answered against time: what was up is across, and every line ends when all are. */
static void turn_over(struct chart_plot *plot, double *ends)
{
	plot->x = plot->y;
	plot->x.low = 0;
	plot->x.log = false;
	plot->y = (struct chart_range){.low = 0, .high = 1};
	for (size_t i = 0; i < plot->part->server_count; i++)
		ends[i] = isnan(ends[i]) ? NAN : 1;
}

static void fill_headers(struct chart_plot *plot)
{
	text_append(&plot->csv, "server,");
	chart_csv_axes_header(&plot->csv, plot->part);
	text_append(&plot->csv,
		    "percentile_ratio,median_ns,low_ns,high_ns,coverage_ratio,trials\r\n");
	text_append(&plot->trials_csv, "server,");
	chart_csv_axes_header(&plot->trials_csv, plot->part);
	text_append(&plot->trials_csv, "trial,outcome,percentile_ratio,latency_ns\r\n");
}

static void fill_note(struct chart_plot *plot)
{
	struct part_outcomes outcomes = part_count(plot->part, NULL, plot->point);

	if (plot->part->kind == PART_LATENCY)
		text_append(&plot->note, " Response time counts from when the request was due.");
	else if (!is_burst(plot->part))
		text_append(&plot->note,
			    " A closed loop: response time counts from when the request "
			    "was sent, so waiting to be sent is not in it.");
	chart_note_outcomes(plot, &outcomes, outcomes_shown);
}

int chart_fill_percentiles(struct chart_plot *plot)
{
	const struct part *part = plot->part;
	double *ends;
	int code = 0;

	plot->empty = true;
	if ((plot->definition->data == CHART_ANSWERED) != is_burst(part))
		return 0;
	ends = calloc(part->server_count + 1, sizeof *ends);
	if (!ends)
		return -ENOMEM;
	plot->x = (struct chart_range){.low = 1, .high = 1, .log = true};
	plot->y = (struct chart_range){.low = INFINITY,
				       .high = -INFINITY,
				       .log = plot->definition->y == CHART_SCALE_LOG,
				       .unit = "ns"};
	fill_headers(plot);
	for (size_t i = 0; i < part->server_count && code == 0; i++) {
		ends[i] = NAN;
		code = fill_server(plot, part->servers[i], &ends[i]);
	}
	text_append_format(&plot->settings, "x_last = %.12g\n", plot->x.high);
	fill_note(plot);
	if (plot->y.log && !(plot->y.low > 0))
		plot->y.log = false;
	if (is_burst(part))
		turn_over(plot, ends);
	if (code == 0 && !plot->empty)
		code = chart_append_panels(plot, ends);
	free(ends);
	return code == 0 && !text_failed(&plot->data) ? 0 : -ENOMEM;
}
