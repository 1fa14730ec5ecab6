/* What a chart shows is what was measured: where points stand, what curves go through, what axes say. */
#include "tests/unit/report_fixture.h"

#include "lib/json.h"
#include "report/chart_plot.h"

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

/* How many tics an axis has that are within its range. */
static size_t tics_between(double low, double high, const char *unit, bool log, double pixels)
{
	struct chart_definition definition = {.title = "x"};
	struct chart_plot plot = {
		.definition = &definition,
		.y = {.low = low, .high = high, .log = log, .unit = unit},
		.x = {.low = 1, .high = 0},
	};
	struct text_buffer out = {0};
	const char *tics;
	size_t count = 0;

	chart_append_scales(&out, &plot, 700, pixels);
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
