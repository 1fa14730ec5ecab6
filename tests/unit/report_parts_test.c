/* The pieces of a report: definitions of charts, what becomes of gnuplot's SVG, figures in words. */
#include "stored/results.h"
#include "lib/text_buffer.h"
#include "harness/measure/metrics.h"
#include "report/chart_definition.h"
#include "report/format.h"
#include "report/svg.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RUN	  "tests/fixtures/report-run"
#define RESOURCES "report"

#define expect_has(text, what)	   cr_expect_not_null(strstr(text, what), "missing: %s", what)
#define expect_has_not(text, what) cr_expect_null(strstr(text, what), "should not be: %s", what)

Test(chart, unknown_chart_is_left_out)
{
	struct chart_definition *definitions = calloc(CHART_FILES_MAX, sizeof *definitions);
	struct error error = {""};

	cr_assert_not_null(definitions);
	cr_expect_eq(chart_definitions_read(definitions, RESOURCES, "no-such-chart", &error), 0);
	cr_expect_eq(chart_definitions_read(definitions, RESOURCES, "../charts/cpu", &error), 0);
	cr_expect_eq(chart_definitions_read(definitions, RESOURCES, "cpu", &error), 3);
	cr_expect_str_eq(definitions[0].name, "cpu");
	cr_expect_str_eq(definitions[1].name, "cpu-grid");
	cr_expect_str_eq(definitions[2].name, "cpu-ratio");
	free(definitions);
}

Test(chart, every_chart_file_is_described)
{
	static const char *const names[] = {"throughput", "latency",  "memory", "cpu",
					    "ladder",	  "tradeoff", "claims"};
	struct results results = {.run = json_pack("{s:o}", "metrics", metrics_describe())};
	struct chart_definition *definitions = calloc(CHART_FILES_MAX, sizeof *definitions);
	struct error error = {""};

	cr_assert_not_null(definitions);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		long count = chart_definitions_read(definitions, RESOURCES, names[i], &error);

		cr_assert_gt(count, 0, "%s: %s", names[i], error.text);
		for (long j = 0; j < count; j++) {
			cr_expect_gt(strlen(definitions[j].caption), 20, "%s", definitions[j].name);
			for (size_t k = 0; k < definitions[j].metric_count; k++)
				cr_expect_not_null(
					results_metric(&results, definitions[j].metrics[k]), "%s",
					definitions[j].metrics[k]);
		}
	}
	json_decref(results.run);
	free(definitions);
}

Test(svg, gnuplot_output_takes_the_page_colours)
{
	static const char drawn[] =
		"<svg \n viewBox=\"0 0 10 20\"\n>\n<g id=\"gnuplot_canvas\">\n"
		"\t<circle id='gpDot'/>\n"
		"\t<circle id='gpPt9'/>\n"
		"<g fill=\"none\" color=\"black\" stroke=\"currentColor\">\n</g>\n"
		"<g id=\"chart_plot_1\" ><title>epoll</title>\n"
		"<g fill=\"none\" color=\"black\" stroke=\"rgb(0,0,0)\">\n<text>a &lt; b</text></g>\n"
		"<g onmousemove=\"gnuplot_svg.showHypertext(evt,'epoll, 64: 160k/s')\" "
		"onmouseout=\"gnuplot_svg.hideHypertext()\"><title> </title>\n"
		"<use xlink:href='#gpDot'/></g>\n"
		"\t<path stroke='gray'  d='M70.00,361.26 L-246.07,5.50\nL246.97,54.02'/>\n"
		"<g transform=\"translate(20.00,4.55)\" text-anchor=\"end\">\n<text>12.50 Large</text>\n</g>\n"
		"<g transform=\"translate(20.00,4.55) rotate(270.00)\">\n<text>turned</text>\n</g>\n"
		"</g>\n<g id=\"chart_plot_2\" ><title>chart_plot_2</title>\n\t</g>\n</g>\n</svg>\n";
	struct text_buffer out = {0};

	cr_assert_eq(svg_make_element(&out, drawn, "mem", "What <is> seen"), 0);
	expect_has(text_string(&out), "viewBox=\"0 0 10 20\"");
	expect_has(text_string(&out), "<title id=\"mem-title\">What &lt;is&gt; seen</title>");
	expect_has(text_string(&out), "<circle id='m");
	expect_has(text_string(&out), "<use href='#m");
	expect_has(text_string(&out), "-gpDot'");
	expect_has_not(text_string(&out), "'gpDot'");
	expect_has_not(text_string(&out), "#gpDot'");
	expect_has_not(text_string(&out), "gpPt9"); /* nothing refers to it */
	expect_has(text_string(&out), "<g data-series=\"epoll\">");
	expect_has(text_string(&out), "<g><title>epoll, 64: 160k/s</title>");
	expect_has(text_string(&out), "<text>a &lt; b</text>");
	expect_has(text_string(&out), "d='M70,361.3 -246.1,5.5\n247,54'/>");
	expect_has(text_string(&out),
		   "<text x=\"20\" y=\"4.55\" text-anchor=\"end\">12.50 Large</text>\n");
	expect_has(text_string(&out),
		   "<g transform=\"translate(20,4.55) rotate(270)\">\n<text>turned</text>\n</g>");
	expect_has_not(text_string(&out), "black");
	expect_has_not(text_string(&out), "rgb(0,0,0)");
	expect_has_not(text_string(&out), "chart_plot");
	expect_has_not(text_string(&out), "gnuplot_svg");
	expect_has_not(text_string(&out), "<g>\n\t</g>");
	text_destroy(&out);
	cr_expect_lt(svg_make_element(&out, "not an image", "x", "y"), 0);
	text_destroy(&out);
}

Test(format, figures_carry_unit_and_interval)
{
	struct summary rate = {.count = 3, .median = 131000, .low = 129000, .high = 133000};
	struct summary mixed = {.count = 3, .median = 1040, .low = 1000, .high = 1060};
	struct text_buffer text = {0};
	char out[FORMAT_SIZE];

	format_summary(&text, "per_s", &rate, true);
	cr_expect_str_eq(text_string(&text),
			 "\xe2\x89\xa5" TEXT_NBSP "131k/s [129," TEXT_NBSP "133]");
	cr_expect_str_eq(format_interval("bytes", &mixed, out),
			 "[1000" TEXT_NBSP "B," TEXT_NBSP "1.04" TEXT_NBSP "KiB]");
	cr_expect_str_eq(format_value("ns", 61200, out), "61.2" TEXT_NBSP "\xc2\xb5s");
	cr_expect_str_eq(format_value("bytes", NAN, out), FORMAT_NONE);
	cr_expect_str_eq(format_value("count", 10000, out), "10,000");
	text_destroy(&text);
}

Test(format, tics_say_no_more_than_they_must)
{
	char out[FORMAT_SIZE];

	cr_expect_str_eq(format_tick("per_s", 20000, out), "20k");
	cr_expect_str_eq(format_tick("ns", 500000, out), "500" TEXT_NBSP "\xc2\xb5s");
	cr_expect_str_eq(format_tick("bytes", 4096, out), "4" TEXT_NBSP "KiB");
	cr_expect_str_eq(format_tick("ns", 0, out), "0");
	cr_expect_str_eq(format_integer(-1234567, out), "-1,234,567");
	cr_expect_str_eq(format_claimed("bytes", 2e6, out), "2" TEXT_NBSP "MB");
}
