/* Runs side by side: what can be compared between them, and what only looks as if it could. */
#include "tests/unit/report_fixture.h"

#include "report/against.h"
#include "report/part.h"

static struct results other;
static struct against against;

static void set_up_two(void)
{
	struct error error = {""};

	set_up();
	cr_assert_eq(results_load(&other, RUN, &error), 0, "%s", error.text);
	json_object_set_new(other.run, "id", json_string("20261122T000000Z-other"));
}

static void tear_down_two(void)
{
	against_destroy(&against);
	results_destroy(&other);
	tear_down();
}

TestSuite(against, .init = set_up_two, .fini = tear_down_two, .timeout = 60);

/* Every value of the other run that is a time, or of one server only. */
static void slow_down(const char *server, double factor)
{
	for (size_t i = 0; i < other.trial_count; i++) {
		json_t *metrics = json_object_get(other.trials[i], "metrics"), *value;
		const char *key;
		void *next;

		if (server && strcmp(json_string_of(other.trials[i], "server"), server) != 0)
			continue;
		json_object_foreach_safe(metrics, next, key, value)
		{
			if (json_is_number(value) && strstr(key, "_ns"))
				json_object_set_new(metrics, key,
						    json_real(factor * json_number_value(value)));
		}
	}
}

static void lay(void)
{
	static const struct results *runs[] = {&results, &other};

	cr_assert_eq(against_make(&against, runs, 2), 0);
}

/* The first row of a metric in which both runs have a ratio. */
static const struct against_row *row_of(const char *metric)
{
	for (size_t i = 0; i < against.count; i++)
		for (size_t j = 0; j < against.tables[i].count; j++) {
			const struct against_row *row = &against.tables[i].rows[j];

			if (against.tables[i].metric &&
			    strcmp(against.tables[i].metric, metric) == 0 &&
			    row->values[0].ratio.summary.count)
				return row;
		}
	return NULL;
}

Test(against, a_machine_that_is_slower_throughout_has_the_same_ratios)
{
	const struct against_row *row;

	slow_down(NULL, 3);
	lay();
	cr_assert_gt(against.shared, 0);
	cr_expect_eq(against.alike, against.shared, "%zu of %zu", against.alike, against.shared);
	row = row_of("server_cpu_per_request_ns");
	cr_assert_not_null(row);
	cr_expect_float_eq(row->values[1].summary.median, 3 * row->values[0].summary.median, 1);
	cr_expect_float_eq(row->values[1].ratio.summary.median, row->values[0].ratio.summary.median,
			   1e-9);
}

Test(against, a_server_that_is_slower_there_does_not_agree)
{
	struct text_buffer answer = {0};
	char expected[96];

	lay();
	cr_assert_str_neq(against.parts[0].against, "thread-per-connection");
	against_destroy(&against);
	slow_down("thread-per-connection", 3);
	lay();
	cr_expect_lt(against.alike, against.shared);
	cr_expect_gt(against.alike, 0);
	against_append_answer(&answer, &against);
	snprintf(expected, sizeof expected,
		 "Of %zu ratios between servers that A shares with B, %zu agree", against.shared,
		 against.alike);
	expect_has(text_string(&answer), expected);
	text_destroy(&answer);
}

Test(against, runs_of_other_servers_have_nothing_in_common)
{
	for (size_t i = 0; i < other.trial_count; i++)
		json_object_set_new(other.trials[i], "server", json_string("mine"));
	lay();
	cr_expect_eq(against.count, 0);
}

/* It has no table of another metric, and no figure where the first has none. */
Test(against, a_row_has_a_figure_in_both_runs)
{
	lay();
	cr_assert_gt(against.count, 0);
	for (size_t i = 0; i < against.count; i++)
		for (size_t j = 0; j < against.tables[i].count; j++)
			for (size_t run = 0; run < 2; run++)
				cr_expect_gt(against.tables[i].rows[j].values[run].summary.count,
					     0);
}

Test(against, the_page_says_what_differs_and_what_is_no_comparison)
{
	struct report_options options = {.report_directory = folder,
					 .resource_directory = RESOURCES,
					 .without_charts = true,
					 .against = &against};
	json_t *environment = json_object_get(other.run, "environment");
	struct text_buffer expected = {0};
	struct error error = {""};
	char *markdown, path[512];

	json_object_set_new(environment, "kernel", json_string("9.9"));
	text_append_format(&expected, "kernel %s -> 9.9",
			   json_string_of(json_object_get(results.run, "environment"), "kernel"));
	lay();
	snprintf(path, sizeof path, "%s/r", folder);
	options.report_directory = path;
	cr_assert_eq(report_write(&results, &options, &error), 0, "%s", error.text);
	markdown = content_of("r/report.md");
	expect_has(markdown, " Against another run\n");
	expect_has(markdown, text_string(&expected));
	expect_has(markdown, against_caution);
	expect_has(markdown, "20261122T000000Z-other");
	text_destroy(&expected);
	free(markdown);
}

/* One count of connections gives no slope. */
static void keep_count(struct results *of, double count)
{
	for (size_t i = 0; i < of->trial_count; i++) {
		const json_t *point = json_object_get(of->trials[i], "point");

		if (strcmp(json_string_of(of->trials[i], "part"), "memory") == 0 &&
		    json_number_of(point, "connections") != count)
			json_object_set_new(of->trials[i], "outcome", json_string("failed"));
	}
}

Test(against, memory_at_one_count_of_connections_is_laid_side_by_side_as_it_is)
{
	bool slope = false, whole = false;

	keep_count(&results, 1000);
	keep_count(&other, 1000);
	lay();
	for (size_t i = 0; i < against.count; i++) {
		const struct against_table *table = &against.tables[i];

		if (strcmp(part_text(table->part, "name"), "memory") != 0)
			continue;
		slope = slope || !table->rows[0].point;
		whole = whole ||
			strcmp(table->metric, "resident_bytes") == 0; /* no total is known there */
	}
	cr_expect_not(slope);
	cr_expect(whole);
}
