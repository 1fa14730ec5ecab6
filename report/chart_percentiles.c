/*
 * Charts of response time against the percentile: a curve for each trial, from the histogram in
 * its load report (or from the stored percentiles where there is none), and the median over the
 * trials of a server, percentile by percentile. A curve ends where fewer than PART_TAIL_SAMPLES
 * responses lie beyond it in the shortest trial.
 */
#include "report/chart_plot.h"
#include "report/kinds.h"
#include "stored/metric.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const outcomes_shown[] = {"drawn like the others", "not drawn", "not drawn"};

enum { GRID_PER_DECADE = 12, GRID_MAX = GRID_PER_DECADE * 7 };

/* What a trial stores, and tables show: a curve goes through these very values. */
static const char *const stored_keys[] = {"latency_p50_ns", "latency_p90_ns", "latency_p99_ns",
					  "latency_p99_9_ns"};
static const double stored_places[] = {2, 10, 100, 1000}; /* as 1/(1-p) */

enum {
	STORED_COUNT = sizeof stored_keys / sizeof *stored_keys,
	GRID_SIZE = GRID_MAX + STORED_COUNT + 1,
};

/* Response times of one trial in ascending order, with how many lie at or below each. */
struct curve {
	size_t count;
	double *value_ns, *cumulative;
	double trusted;		     /* the highest percentile that is the server's doing, 1: all */
	double stored[STORED_COUNT]; /* what the trial says itself; NAN: nothing */
};

static void curve_destroy(struct curve *curve)
{
	free(curve->value_ns);
	free(curve->cumulative);
	*curve = (struct curve){0};
}

static bool path_is_inside(const char *path)
{
	return *path && *path != '/' && !strstr(path, "..");
}

/* The "histogram" of the trial's load report, NULL if there is none. New reference to the report. */
static json_t *load_report_read(const struct part *part, const json_t *trial)
{
	const char *name = json_string_of(trial, "load_report");
	struct text_buffer path = {0};
	json_t *report = NULL;

	if (!path_is_inside(name))
		return NULL;
	text_append_format(&path, "%s/%s", part->results->directory, name);
	if (!text_failed(&path))
		report = json_load_file(text_string(&path), 0, NULL);
	text_destroy(&path);
	return report;
}

static int curve_from_slots(struct curve *curve, const json_t *slots)
{
	size_t count = json_array_size(slots);
	double total = 0;

	curve->value_ns = calloc(count + 1, sizeof *curve->value_ns);
	curve->cumulative = calloc(count + 1, sizeof *curve->cumulative);
	if (!curve->value_ns || !curve->cumulative)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const json_t *slot = json_array_get(slots, i);

		total += json_number_value(json_array_get(slot, 1));
		curve->value_ns[i] = json_number_value(json_array_get(slot, 0));
		curve->cumulative[i] = total;
	}
	curve->count = count;
	return 0;
}

/* The key of a metric, of the requests that the chart is of. */
static const char *key_of(const char *metric, const char *kind, char key[KINDS_KEY_SIZE])
{
	return kind ? kinds_key(key, metric, kind) : metric;
}

/* How many response times of a trial the chart is of. */
static double count_of(const json_t *trial, const char *kind)
{
	char key[KINDS_KEY_SIZE];

	return metric_responses(key_of("", kind, key), trial);
}

/* The percentiles that the trial stores, which are all that is known of it without a histogram. */
static void stored_read(struct curve *curve, const json_t *trial, const char *kind)
{
	char key[KINDS_KEY_SIZE];
	const json_t *metrics = json_object_get(trial, "metrics");

	for (size_t i = 0; i < STORED_COUNT; i++)
		curve->stored[i] = json_number_of(metrics, key_of(stored_keys[i], kind, key));
}

/* Where a percentile is null, the generator was late there, and above it. */
static double trusted_percentile(const json_t *trial, const char *kind)
{
	char key[KINDS_KEY_SIZE];
	const json_t *metrics = json_object_get(trial, "metrics");
	double below = 0;

	for (size_t i = 0; i < STORED_COUNT; i++) {
		if (json_is_null(json_object_get(metrics, key_of(stored_keys[i], kind, key))))
			return below;
		below = 1 - 1 / stored_places[i];
	}
	return json_is_null(json_object_get(metrics, key_of("latency_max_ns", kind, key))) ? below
											   : 1;
}

static int curve_read(struct curve *curve, const struct chart_plot *plot, const json_t *trial,
		      bool *sparse)
{
	const char *kind = plot->kind;
	json_t *report = load_report_read(plot->part, trial);
	const json_t *of = kind ? json_find(json_object_get(report, "mix"), "name", kind) : report;
	const json_t *slots = json_object_get(of, "histogram");
	int code;

	curve->trusted = trusted_percentile(trial, kind);
	stored_read(curve, trial, kind);
	*sparse = *sparse || json_array_size(slots) == 0;
	code = curve_from_slots(curve, slots);
	json_decref(report);
	return code;
}

/*
 * A percentile of a trial, given as 1/(1-p): the stored one where there is one, else the value of that
 * rank in the histogram, rounded as HdrHistogram does where the stored ones are from.
 */
static double curve_at(const struct curve *curve, double total, double place)
{
	double percentile = 1 - 1 / place, rank = fmax(1, floor(total * percentile + 0.5));

	if (percentile > curve->trusted + 1e-9)
		return NAN;
	for (size_t i = 0; i < STORED_COUNT; i++)
		if (fabs(place / stored_places[i] - 1) < 1e-9 && !isnan(curve->stored[i]))
			return curve->stored[i];
	for (size_t i = 0; i < curve->count; i++)
		if (curve->cumulative[i] >= rank)
			return curve->value_ns[i];
	return NAN;
}

/*
 * The percentiles of a server's curves, as 1/(1-p): evenly along the logarithmic axis, up to
 * where the tail gets too thin. `sparse`: those that trials store, as nothing is known between
 * them. Returns their number.
 */
static size_t grid_make(double grid[GRID_SIZE], double fewest, bool sparse)
{
	double last = fewest / PART_TAIL_SAMPLES;
	size_t count = 0, stored = 0;

	for (size_t i = 0; i < GRID_MAX; i++) {
		double x = pow(10, (double)i / GRID_PER_DECADE);

		if (stored < STORED_COUNT && stored_places[stored] <= x * (1 + 1e-9) &&
		    stored_places[stored] <= last * (1 + 1e-9)) {
			grid[count++] = stored_places[stored];
			if (x <= stored_places[stored++] * (1 + 1e-9))
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
		if (curve_read(&all->curves[all->count - 1], plot, trial, &all->sparse) < 0)
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
	char key[KINDS_KEY_SIZE];

	for (size_t i = 0; i < STORED_COUNT; i++)
		if (place == stored_places[i])
			return part_shown_summary(plot->part, server, plot->point,
						  key_of(stored_keys[i], plot->kind, key));
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

		for (size_t j = 0; j < all->count; j++)
			values[j] = curve_at(&all->curves[j], count_of(all->trials[j], plot->kind),
					     grid[i]);
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
