/* A mix: the figures of a kind are the same in the terminal, the page, its charts' data and for machines. */
#include "tests/unit/report_fixture.h"

#include "report/figures.h"
#include "report/kinds.h"
#include "report/terminal.h"
#include "lib/json.h"
#include "lib/units.h"
#include "report/format.h"

#include <math.h>
#include <stdint.h>

static const char *const bases[] = {"latency_p50_ns", "latency_p99_ns", "silent_window_ratio"};
static const char *const kinds[] = {"quick", "slow"};

static json_t *mixed_part(void)
{
	const json_t *scenario = json_find(json_object_get(results.run, "scenarios"), "name",
					   "quick");

	return (json_t *)(uintptr_t)json_find(json_object_get(scenario, "parts"), "name",
					      "latency");
}

static void describe(const char *base, const char *kind, const char *key)
{
	json_t *metrics = json_object_get(results.run, "metrics");
	const json_t *of_all = json_find(metrics, "key", base);
	bool silent = strcmp(base, "silent_window_ratio") == 0;
	json_t *own = of_all ? json_deep_copy(of_all)
			     : json_pack("{s:s, s:b, s:s, s:n}", "better", "lower", "gating", 0,
					 "group", "latency", "slope_of");
	char title[100];

	snprintf(title, sizeof title, "%s (%s)", silent ? "Time without an answer" : base, kind);
	json_object_set_new(own, "key", json_string(key));
	json_object_set_new(own, "title", json_string(title));
	json_object_set_new(own, "unit", json_string(silent ? "ratio" : "ns"));
	json_array_append_new(metrics, own);
}

/* The made-up run's latency part as a mix of 99 and 1: quick ones take half as long as all, slow ones 100 times. */
static void make_mix(void)
{
	json_t *part;
	char key[KINDS_KEY_SIZE];

	set_up();
	part = mixed_part();
	json_object_set_new(json_object_get(part, "load"), "mix",
			    json_pack("[{s:s, s:s, s:s, s:i}, {s:s, s:s, s:s, s:i}]", "name",
				      "quick", "method", "GET", "target", "/plaintext", "weight",
				      99, "name", "slow", "method", "GET", "target", "/block/50",
				      "weight", 1));
	json_object_set_new(part, "charts", json_pack("[s, s]", "kinds", "latency"));
	for (size_t i = 0; i < 6; i++)
		describe(bases[i % 3], kinds[i / 3], kinds_key(key, bases[i % 3], kinds[i / 3]));
	for (size_t i = 0; i < results.trial_count; i++) {
		json_t *metrics = json_object_get(results.trials[i], "metrics");
		bool silent = strcmp(json_string_of(results.trials[i], "server"), "epoll") == 0;

		if (strcmp(json_string_of(results.trials[i], "part"), "latency") != 0)
			continue;
		for (size_t j = 0; j < 4; j++)
			json_object_set_new(metrics, kinds_key(key, bases[j % 2], kinds[j / 2]),
					    json_real(json_number_of(metrics, bases[j % 2]) *
						      (j < 2 ? 0.5 : 100)));
		json_object_set_new(metrics, "silent_window_ratio@quick",
				    json_real(silent ? 0.25 : 0));
		json_object_set_new(results.trials[i], "latency_counts",
				    json_pack("{s:i, s:i}", "quick", 9900, "slow", 100));
	}
}

TestSuite(report_kinds, .init = make_mix, .fini = tear_down, .timeout = 20);

static char *printed(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	terminal_print_tables(&results, out);
	fclose(out);
	return text;
}

/* A server's median of a metric as --json has it; NAN: it is not shown. */
static double median_of(const char *server, const char *metric)
{
	json_t *cells = figures_to_json(&results), *cell;
	double median = NAN;
	size_t i;

	json_array_foreach(cells, i, cell)
	{
		if (strcmp(json_string_of(cell, "server"), server) == 0 &&
		    strcmp(json_string_of(cell, "part"), "latency") == 0 &&
		    json_is_object(json_object_get(cell, "point")))
			median = json_number_of(
				json_object_get(json_object_get(cell, "metrics"), metric),
				"median");
	}
	json_decref(cells);
	return median;
}

Test(report_kinds, one_value_for_all_who_show_it)
{
	double p50_ns = median_of("epoll", "latency_p50_ns@quick");
	char record[160], *terminal = printed(), *csv, *page, text[FORMAT_SIZE];
	struct error error;

	cr_assert(p50_ns > 0);
	cr_expect_float_eq(median_of("epoll", "latency_p50_ns") / p50_ns, 2, 1e-9);
	cr_assert_geq(report_make("report", "/no/gnuplot", &error), 0, "%s", error.text);
	csv = content_of("report/data/quick-latency-kinds-quick.csv");
	snprintf(record, sizeof record, "epoll,latency_p50_ns@quick,%.12g,", p50_ns);
	expect_has(csv, record);
	page = content_of("report/index.html");
	expect_has(page, format_value("ns", p50_ns, text));
	expect_has(terminal, units_format(UNIT_DURATION, p50_ns, text, sizeof text));
	expect_has(terminal, "latency_p50_ns (quick)");
	free(csv);
	free(page);
	free(terminal);
}

/* Which of the two charts asks for them makes no difference to the tables, nor that both do. */
Test(report_kinds, tables_of_kinds_stand_once_in_place_of_those_of_all)
{
	static const char *const charts[][2] = {
		{"latency", NULL}, {"kinds", NULL}, {"kinds", "latency"}};

	for (size_t i = 0; i < sizeof charts / sizeof *charts; i++) {
		json_t *names = json_array();
		char *terminal;

		for (size_t j = 0; j < 2 && charts[i][j]; j++)
			json_array_append_new(names, json_string(charts[i][j]));
		json_object_set_new(mixed_part(), "charts", names);
		terminal = printed();
		cr_expect_eq(occurrences(terminal, "latency_p50_ns (quick)"), 1, "%s", terminal);
		expect_has_not(terminal, "Response time, median");
		free(terminal);
	}
}

Test(report_kinds, a_percentile_needs_samples_of_its_own_kind)
{
	char *terminal = printed();

	cr_expect_not(isnan(median_of("epoll", "latency_p50_ns@slow")), "50 of 100 lie beyond it");
	cr_expect(isnan(median_of("epoll", "latency_p99_ns@slow")), "one of 100 does");
	cr_expect_not(isnan(median_of("epoll", "latency_p99_ns@quick")));
	expect_has(terminal, "latency_p50_ns (slow)");
	expect_has_not(terminal, "latency_p99_ns (slow)");
	free(terminal);
}

Test(report_kinds, words_tell_of_quick_requests_and_of_the_mix)
{
	char *page, text[160], share[FORMAT_SIZE];
	struct error error;

	cr_assert_geq(report_make("report", "/no/gnuplot", &error), 0, "%s", error.text);
	page = content_of("report/index.html");
	expect_has(page, "the p99 of quick requests beside slow ones is");
	snprintf(text, sizeof text,
		 "A mix of GET /plaintext (quick, %s of the requests) and GET /block/50",
		 format_value("ratio", 0.99, share));
	expect_has(page, text);
	free(page);
}
