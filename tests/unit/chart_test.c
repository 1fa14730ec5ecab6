/* What a chart shows is what was measured: where points stand, what curves go through, what axes say. */
#include "tests/unit/report_fixture.h"

#include "lib/json.h"
#include "report/chart_plot.h"
#include "report/figures.h"

#include <math.h>

TestSuite(chart_data, .init = set_up, .fini = tear_down, .timeout = 30);

/* The part of the made-up run of that name. */
static void part_open(struct part *part, const char *name)
{
	const json_t *scenario = json_array_get(json_object_get(results.run, "scenarios"), 0);
	const json_t *json = json_find(json_object_get(scenario, "parts"), "name", name);

	cr_assert_not_null(json, "no part %s", name);
	cr_assert_eq(part_init(part, &results, scenario, json), 0);
}

/* A chart's definition; the first that is meant by the name. */
static struct chart_definition *definition_open(const char *name)
{
	struct chart_definition *definitions = calloc(CHART_FILES_MAX, sizeof *definitions);
	struct error error = {""};

	cr_assert_not_null(definitions);
	cr_assert_geq(chart_definitions_read(definitions, RESOURCES, name, &error), 1, "%s",
		      error.text);
	return definitions;
}

/* Series beside each other at one x were once parted by moving them; a point stands where it was measured. */
Test(chart_data, points_stand_at_the_very_connections_that_were_measured)
{
	struct part part;
	struct chart_plot plot = {.definition = definition_open("throughput"), .part = &part};
	json_t *all = json_object();
	size_t seen = 0;

	part_open(&part, "throughput");
	plot.point = all;
	cr_assert_eq(chart_fill_axis(&plot), 0);
	for (const char *line = text_string(&plot.data); *line;
	     line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n')) {
		double x = strtod(line, NULL);
		bool measured = false;

		if (*line != ' ')
			continue;
		for (size_t i = 0; i < part.point_count; i++)
			measured = measured || x == part_load(&part, part.points[i], "connections");
		cr_expect(measured, "%.12g connections were not measured", x);
		seen++;
	}
	cr_expect_gt(seen, 10);
	json_decref(all);
	free((void *)plot.definition);
	chart_plot_destroy(&plot);
	part_destroy(&part);
}

/* How many rows of a data file have so many connections, say so of the server, and end a line or not. */
static size_t rows_of(const char *data, const char *server, int connections, bool ends)
{
	size_t count = 0;

	for (const char *line = data; *line; line += strcspn(line, "\n") + 1) {
		struct text_buffer title = {0};
		double x = 0, figures[3];
		int trials, bound, swamped;
		const char *quote = strchr(line, '"');

		text_append_format(&title, "\"%s,", server);
		if (sscanf(line, " %lf %lf %lf %lf %d %d %d", &x, &figures[0], &figures[1],
			   &figures[2], &trials, &bound, &swamped) == 7 &&
		    (int)x == connections && quote &&
		    strncmp(quote, text_string(&title), title.length) == 0)
			count += swamped == ends;
		text_destroy(&title);
		if (!line[strcspn(line, "\n")])
			break;
	}
	return count;
}

/* The first offered rate that is not answered is the last one of a line, with a cross. */
Test(chart_data, a_line_ends_where_what_is_offered_is_not_answered)
{
	struct part part;
	struct chart_plot plot = {.definition = definition_open("throughput"), .part = &part};
	json_t *all = json_object();

	for (size_t i = 0; i < results.trial_count; i++) {
		const json_t *point = json_object_get(results.trials[i], "point");

		if (strcmp(json_string_of(results.trials[i], "server"), "epoll") == 0 &&
		    json_number_of(point, "connections") == 64)
			json_object_set_new(results.trials[i], "outcome", json_string("saturated"));
	}
	json_object_set_new(json_object_get(part_json(0, 0), "load"), "rate_per_s",
			    json_integer(1000));
	part_open(&part, "throughput");
	plot.point = all;
	cr_assert_eq(chart_fill_axis(&plot), 0);
	cr_expect_eq(rows_of(text_string(&plot.data), "epoll", 1, false), 1);
	cr_expect_eq(rows_of(text_string(&plot.data), "epoll", 64, true), 1);
	cr_expect_eq(rows_of(text_string(&plot.data), "epoll", 256, false), 0);
	cr_expect_eq(rows_of(text_string(&plot.data), "epoll", 256, true), 0);
	cr_expect_eq(rows_of(text_string(&plot.data), "libuv", 256, false), 1);
	json_decref(all);
	free((void *)plot.definition);
	chart_plot_destroy(&plot);
	part_destroy(&part);
}

static bool is_logarithmic(void)
{
	struct part part;
	struct chart_plot plot = {.definition = definition_open("throughput"), .part = &part};
	json_t *all = json_object();
	bool log;

	part_open(&part, "throughput");
	plot.point = all;
	cr_assert_eq(chart_fill_axis(&plot), 0);
	log = plot.y.log;
	json_decref(all);
	free((void *)plot.definition);
	chart_plot_destroy(&plot);
	part_destroy(&part);
	return log;
}

/* What is a hundredth of the others would be zero beside them, and what is a hundred times all others a spike over zeros. */
Test(chart_data, figures_that_are_far_apart_have_a_scale_of_powers)
{
	cr_expect_not(is_logarithmic());
	for (size_t i = 0; i < results.trial_count; i++) {
		json_t *metrics = json_object_get(results.trials[i], "metrics");
		double rate = json_number_of(metrics, "requests_per_s");

		if (strcmp(json_string_of(results.trials[i], "server"), "epoll") == 0 && rate > 0)
			json_object_set_new(metrics, "requests_per_s", json_real(rate / 100));
	}
	cr_expect(is_logarithmic());
}

/* The rank of a percentile in the histogram may be rounded otherwise than where it was computed. */
Test(chart_data, curves_go_through_the_percentiles_that_tables_show)
{
	static const char *const keys[] = {"latency_p50_ns", "latency_p99_ns"};
	static const char *const ratios[] = {"0.5", "0.99"};
	struct part part;
	struct chart_plot plot = {.definition = definition_open("latency"), .part = &part};
	size_t compared = 0;

	for (size_t i = 0; i < results.trial_count; i++) {
		json_t *metrics = json_object_get(results.trials[i], "metrics");

		for (size_t j = 0; j < 2; j++)
			if (isfinite(json_number_of(metrics, keys[j])))
				json_object_set_new(
					metrics, keys[j],
					json_real(json_number_of(metrics, keys[j]) + 3));
	}
	part_open(&part, "latency");
	plot.point = part.points[0];
	cr_assert_eq(chart_fill_percentiles(&plot), 0);
	for (size_t i = 0; i < part.server_count; i++) {
		for (size_t j = 0; j < 2; j++) {
			struct summary summary = part_shown_summary(&part, part.servers[i],
								    plot.point, keys[j]);
			struct text_buffer row = {0};
			const char *found;

			text_append_format(&row, "%s,%s,%.12g,%.12g,%.12g,", part.servers[i],
					   ratios[j], summary.median, summary.low, summary.high);
			found = strstr(text_string(&plot.csv), text_string(&row));
			if (summary.count)
				cr_expect_not_null(found, "%s", text_string(&row));
			compared += summary.count > 0;
			text_destroy(&row);
		}
	}
	cr_expect_gt(compared, 2);
	free((void *)plot.definition);
	chart_plot_destroy(&plot);
	part_destroy(&part);
}

/* Beyond the median most trials were sent late: there the line of medians has its end, as the table's figure has. */
Test(chart_data, a_curve_ends_where_most_trials_have_nothing)
{
	static const char *const keys[] = {"latency_p90_ns", "latency_p99_ns", "latency_p99_9_ns",
					   "latency_max_ns"};
	struct part part;
	struct chart_plot plot = {.definition = definition_open("latency"), .part = &part};

	for (size_t i = 0; i < results.trial_count; i++) {
		json_t *metrics = json_object_get(results.trials[i], "metrics");

		for (size_t j = 0; j < sizeof keys / sizeof *keys; j++)
			if (json_number_of(results.trials[i], "trial") > 1)
				json_object_set_new(metrics, keys[j], json_null());
	}
	part_open(&part, "latency");
	plot.point = part.points[0];
	cr_assert_eq(chart_fill_percentiles(&plot), 0);
	cr_expect_eq(part_shown_summary(&part, "epoll", plot.point, "latency_p50_ns").count, 3);
	cr_expect_eq(part_shown_summary(&part, "epoll", plot.point, "latency_p90_ns").count, 0);
	cr_expect_not_null(strstr(text_string(&plot.csv), "epoll,0.5,"));
	cr_expect_null(strstr(text_string(&plot.csv), "epoll,0.9,"));
	free((void *)plot.definition);
	chart_plot_destroy(&plot);
	part_destroy(&part);
}

/* How many tics an axis has that are within its range. */
static size_t tics_between(double low, double high, const char *unit, bool log, double pixels)
{
	struct chart_definition definition = {.title = "x"};
	struct chart_plot plot = {
		.definition = &definition,
		.y = {.low = low, .high = high, .log = log, .unit = unit},
		.x = {.low = 1, .high = 0},
		.plot_width_px = 700,
		.plot_height_px = pixels,
	};
	struct text_buffer out = {0};
	const char *tics;
	size_t count = 0;

	chart_append_scales(&out, &plot);
	tics = strstr(text_string(&out), "set ytics");
	cr_assert_not_null(tics);
	for (; *tics && *tics != '\n'; tics++)
		count += *tics == '(' || *tics == ',';
	text_destroy(&out);
	return count;
}

Test(chart_data, every_axis_of_figures_has_three_tics_at_least)
{
	static const char *const units[] = {"ns", "bytes", "per_s", "count"};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		for (double ratio = 1.05; ratio < 1e6; ratio *= 1.7) {
			for (double pixels = 150; pixels < 500; pixels += 100) {
				size_t log = tics_between(3.1e4, 3.1e4 * ratio, units[i], true,
							  pixels);
				size_t linear = tics_between(3.1e4, 3.1e4 * ratio, units[i], false,
							     pixels);

				cr_expect_geq(log, 3, "%zu tics from 31k to %g times that, %s", log,
					      ratio, units[i]);
				cr_expect_leq((double)log, fmax(9, pixels / 25));
				cr_expect_geq(linear, 3, "%zu tics, linear, to %g %s", linear,
					      3.1e4 * ratio, units[i]);
			}
		}
	}
}

/* The figure of a server's metric as tenk run --json prints it; the part's over all points where it has none. */
static const json_t *figure_of(const json_t *cells, const char *part, const char *server,
			       const json_t *point, const char *metric)
{
	for (size_t i = 0; i < json_array_size(cells); i++) {
		const json_t *cell = json_array_get(cells, i);
		const json_t *at = json_object_get(cell, "point");

		if (strcmp(json_string_of(cell, "part"), part) == 0 &&
		    strcmp(json_string_of(cell, "server"), server) == 0 &&
		    (point ? json_equal(at, point) : !json_is_object(at)))
			return json_object_get(json_object_get(cell, "metrics"), metric);
	}
	return NULL;
}

static void expect_row(const struct text_buffer *csv, const struct text_buffer *row)
{
	cr_expect_not_null(strstr(text_string(csv), text_string(row)), "missing: %s",
			   text_string(row));
}

/* One value, several forms: the chart's data, the words in it, and what is printed for programs. */
Test(chart_data, a_bar_is_what_is_told_of_it)
{
	static const char metric[] = "resident_per_connection_bytes";
	struct part part;
	struct chart_plot plot = {.definition = definition_open("memory"), .part = &part};
	json_t *cells = figures_to_json(&results);
	size_t compared = 0;

	part_open(&part, "memory");
	cr_assert_eq(chart_fill_stack(&plot), 0);
	for (size_t i = 0; i < part.server_count; i++) {
		const json_t *figure = figure_of(cells, "memory", part.servers[i], NULL, metric);
		struct text_buffer row = {0}, words = {0};
		char text[FORMAT_SIZE];

		if (!figure)
			continue;
		text_append_format(&row, "%s,%s,%.12g,%.12g,%.12g,", part.servers[i], metric,
				   json_number_of(figure, "median"), json_number_of(figure, "low"),
				   json_number_of(figure, "high"));
		expect_row(&plot.csv, &row);
		text_append_format(&words, "\"%s",
				   format_value("bytes", json_number_of(figure, "median"), text));
		expect_row(&plot.data, &words);
		compared++;
		text_destroy(&row);
		text_destroy(&words);
	}
	cr_expect_geq(compared, 2);
	json_decref(cells);
	free((void *)plot.definition);
	chart_plot_destroy(&plot);
	part_destroy(&part);
}

Test(chart_data, a_ratio_is_what_is_told_of_it)
{
	struct part part;
	struct chart_plot plot = {.definition = definition_open("throughput-ratio"), .part = &part};
	json_t *cells = figures_to_json(&results), *all = json_object();
	size_t compared = 0;

	part_open(&part, "throughput");
	plot.point = all;
	cr_assert_eq(chart_fill_ratios(&plot), 0);
	for (size_t i = 0; i < part.server_count; i++) {
		for (size_t j = 0; j < part.point_count; j++) {
			const json_t *figure =
				json_object_get(figure_of(cells, "throughput", part.servers[i],
							  part.points[j], "requests_per_s"),
						"ratio");
			struct block_ratio ratio = part_ratio(&part, part.servers[i],
							      part.points[j], "requests_per_s");
			struct text_buffer row = {0}, words = {0};
			char text[FORMAT_SIZE];

			text_append_format(&row, "%s,%.12g,requests_per_s,", part.servers[i],
					   json_number_of(part.points[j], "connections"));
			if (figure && strstr(text_string(&plot.csv), text_string(&row))) {
				text_append_format(
					&row, "%s,%s,%.12g,",
					part_value_is_bound(&part, part.servers[i], part.points[j],
							    "requests_per_s")
						? "true"
						: "false",
					part.against, json_number_of(figure, "estimate"));
				expect_row(&plot.csv, &row);
				text_append_format(&words, "\"%s ",
						   format_ratio_value(&ratio, text));
				expect_row(&plot.data, &words);
				compared++;
			}
			text_destroy(&row);
			text_destroy(&words);
		}
	}
	cr_expect_geq(compared, 2);
	json_decref(all);
	json_decref(cells);
	free((void *)plot.definition);
	chart_plot_destroy(&plot);
	part_destroy(&part);
}

/* Four powers of ten where there is room for nearly four: half of them would be two, and no scale. */
Test(chart_data, a_wide_axis_keeps_its_powers)
{
	cr_expect_eq(tics_between(0.003, 13, "count", true, 114), 4);
}

Test(chart_data, a_claim_on_the_ruler_reads_as_its_verdict)
{
	struct chart_run run = {0};
	struct chart_plot plot = {.definition = definition_open("claims"), .run = &run};
	struct verdict *verdicts = NULL;
	long count = claims_evaluate(&results, 1, &verdicts);
	size_t headlines = 0;

	cr_assert_gt(count, 0);
	run.verdicts = verdicts;
	run.verdict_count = (size_t)count;
	cr_assert_eq(chart_fill_claims(&plot), 0);
	for (long i = 0; i < count; i++) {
		struct text_buffer row = {0}, words = {0};

		text_append_format(&row, "%s,%s,%s,%s,", json_string_of(verdicts[i].claim, "id"),
				   verdicts[i].metric, verdicts[i].headline ? "true" : "false",
				   verdict_key(verdicts[i].kind));
		expect_row(&plot.csv, &row);
		text_append_format(&words, " \"%s", verdict_reads(&verdicts[i]));
		if (verdicts[i].headline)
			expect_row(&plot.data, &words);
		headlines += verdicts[i].headline;
		text_destroy(&row);
		text_destroy(&words);
	}
	cr_expect_gt(headlines, 0);
	free(verdicts);
	free((void *)plot.definition);
	chart_plot_destroy(&plot);
}

/* "A fraction of": its range begins at nothing, and so the ruler counts from where it ends. */
Test(chart_data, a_range_from_nothing_has_its_place_on_the_ruler)
{
	struct chart_run run = {0};
	struct chart_plot plot = {.definition = definition_open("claims"), .run = &run};
	struct verdict *verdicts = NULL;
	long count = claims_evaluate(&results, 1, &verdicts), at = 0;

	while (at < count && !(verdicts[at].headline && verdicts[at].estimate > 0))
		at++;
	cr_assert_lt(at, count);
	verdicts[at].accepted_low = 0;
	verdicts[at].accepted_high = 2 * verdicts[at].estimate;
	run.verdicts = &verdicts[at];
	run.verdict_count = 1;
	cr_assert_eq(chart_fill_claims(&plot), 0);
	cr_expect_not_null(strstr(text_string(&plot.data), "\n1 0.5 "), "%s",
			   text_string(&plot.data));
	free(verdicts);
	free((void *)plot.definition);
	chart_plot_destroy(&plot);
}
