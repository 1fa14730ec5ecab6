#include "stored/history/series.h"
#include "stored/blocks/blocks.h"
#include "lib/json.h"
#include "lib/random.h"
#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[256], file[300];

static void set_up(void)
{
	temporary_template(folder, sizeof folder, "tenk-history");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(file, sizeof file, "%s/history.jsonl", folder);
}

static void tear_down(void)
{
	temporary_remove(folder);
}

TestSuite(history, .init = set_up, .fini = tear_down, .timeout = 20);

static const char machine_a[] = "aaaaaaaaaaaaaaaa", machine_b[] = "bbbbbbbbbbbbbbbb";

/* A run of day `day`, on a machine, with one cell's rate and memory. */
static json_t *line_of(int day, const char *machine, double rate, double bytes)
{
	char run[32], date[32];

	snprintf(run, sizeof run, "run-%02d", day);
	snprintf(date, sizeof date, "2026-%02d-%02dT00:00:00Z", 1 + day / 28, 1 + day % 28);
	return json_pack(
		"{s:i, s:s, s:s, s:{s:s}, s:[{s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}],"
		" s:[{s:s, s:s, s:s, s:{s:i}, s:{s:{s:f, s:f, s:f, s:i}, s:{s:f, s:f, s:f, s:i}}}]}",
		"schema", 1, "run", run, "started_at", date, "environment", "fingerprint", machine,
		"metrics", "key", "requests_per_s", "better", "higher", "unit", "per_s", "key",
		"resident_per_connection_bytes", "better", "lower", "unit", "bytes", "slope_of",
		"resident_bytes", "cells", "scenario", "quick", "part", "throughput", "server",
		"epoll", "point", "connections", 64, "values", "requests_per_s", "median", rate,
		"low", rate * 0.99, "high", rate * 1.01, "trials", 5,
		"resident_per_connection_bytes", "median", bytes, "low", bytes, "high", bytes,
		"trials", 5);
}

static void add_new(json_t *line)
{
	struct error error = {""};
	size_t cut;

	cr_assert_eq(history_add(file, line, &cut, &error), 0, "%s", error.text);
	cr_expect_eq(cut, 0);
	json_decref(line);
}

static void load(struct history *history)
{
	struct error error = {""};

	cr_assert_eq(history_load(history, file, &error), 0, "%s", error.text);
}

static void write_text(const char *text)
{
	FILE *out = fopen(file, "ae");

	cr_assert_not_null(out);
	cr_assert(fputs(text, out) >= 0);
	cr_assert_eq(fclose(out), 0);
}

Test(history, keeps_of_a_run_what_its_gating_metrics_were)
{
	struct results results;
	struct error error = {""};
	json_t *commit = json_pack("{s:s, s:b}", "hash", "0123456789abcdef", "dirty", 1);
	struct history_entry entry = {&results, "v1", commit};
	const json_t *cell, *value;
	json_t *line;
	char name[96];
	size_t i, cells = 0;

	cr_assert_eq(results_load(&results, "tests/fixtures/report-run", &error), 0);
	line = history_line(&entry, &error);
	cr_assert_not_null(line, "%s", error.text);
	cr_expect_str_eq(json_string_of(line, "run"), json_string_of(results.run, "id"));
	cr_expect_str_eq(history_fingerprint(line), "9f3ab2c1");
	cr_expect_not_null(
		strstr(history_name(line, name, sizeof name), "(v1, 01234567 and changes)"), "%s",
		name);
	json_array_foreach(json_object_get(line, "cells"), i, cell)
	{
		struct cell where = {json_string_of(cell, "scenario"), json_string_of(cell, "part"),
				     json_string_of(cell, "server"),
				     json_object_get(cell, "point")};
		const char *metric;

		cells++;
		json_object_foreach(json_object_get(cell, "values"), metric, value)
		{
			struct summary summary = blocks_summary(&results, &where, metric);

			cr_expect(json_is_true(json_object_get(results_metric(&results, metric),
							       "gating")),
				  "%s", metric);
			cr_expect_float_eq(json_number_of(value, "median"), summary.median, 1e-6);
			cr_expect_eq(json_number_of(value, "trials"), (double)summary.count);
		}
	}
	cr_expect_gt(cells, 3);
	json_decref(line);
	json_decref(commit);
	results_destroy(&results);
}

Test(history, keeps_nothing_of_a_run_that_was_not_finished)
{
	struct results results;
	struct error error = {""};
	struct history_entry entry = {&results, NULL, NULL};

	cr_assert_eq(results_load(&results, "tests/fixtures/report-run", &error), 0);
	json_object_set_new(results.run, "status", json_string("aborted"));
	cr_expect_null(history_line(&entry, &error));
	cr_expect_not_null(strstr(error.text, "--resume"), "%s", error.text);
	results_destroy(&results);
}

Test(history, is_read_in_the_order_of_runs_not_of_lines)
{
	struct history history;

	add_new(line_of(3, machine_a, 100, 8));
	add_new(line_of(1, machine_a, 100, 8));
	add_new(line_of(2, machine_a, 100, 8));
	load(&history);
	cr_assert_eq(history.count, 3);
	cr_expect_str_eq(json_string_of(history.lines[0], "run"), "run-01");
	cr_expect_str_eq(json_string_of(history.lines[2], "run"), "run-03");
	history_destroy(&history);
}

Test(history, a_run_is_in_it_once)
{
	json_t *line = line_of(1, machine_a, 100, 8);
	struct history history;
	struct error error = {""};
	size_t cut;

	add_new(json_incref(line));
	cr_expect_eq(history_add(file, line, &cut, &error), -EEXIST);
	cr_expect_not_null(strstr(error.text, "run-01 is in "), "%s", error.text);
	load(&history);
	cr_expect_eq(history.count, 1);
	history_destroy(&history);
	json_decref(line);
}

Test(history, a_last_line_that_was_cut_is_left_out_told_and_cut_off_by_the_next)
{
	json_t *line = line_of(2, machine_a, 100, 8);
	struct history history;
	struct error error = {""};
	size_t cut;

	add_new(line_of(1, machine_a, 100, 8));
	write_text("{\"schema\":1,\"run\":\"run-0");
	load(&history);
	cr_expect_eq(history.count, 1);
	cr_expect_eq(history.cut, 2);
	history_destroy(&history);
	cr_expect_eq(history_add(file, line, &cut, &error), 0, "%s", error.text);
	cr_expect_eq(cut, 2);
	load(&history);
	cr_expect_eq(history.count, 2);
	cr_expect_eq(history.cut, 0);
	history_destroy(&history);
	json_decref(line);
}

Test(history, what_is_no_line_of_a_history_is_named_with_its_place)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"{\"schema\":1,\n", "history.jsonl:1:"},
		{"\n{\"schema\":1}\n", "history.jsonl:2: not a line of a history"},
		{"[1]\n", "history.jsonl:1: no valid \"schema\""},
		{"{\"schema\":99}\n", "newer tenk"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct history history;
		struct error error = {""};

		unlink(file);
		write_text(cases[i].text);
		cr_expect_eq(history_load(&history, file, &error), -EINVAL);
		cr_expect_not_null(strstr(error.text, cases[i].expected), "%s", error.text);
		history_destroy(&history);
	}
}

/* What moves by `noise` up and down, the same for the same seed. */
static double around(struct random *random, double value, double noise)
{
	return value * (1 + noise * (2 * random_unit(random) - 1));
}

Test(history, a_shift_is_found_once_near_its_run_with_its_size)
{
	struct history history;
	struct history_analysis analysis;
	struct random random;
	const struct history_series *series;

	random_seed(&random, 7);
	for (int day = 0; day < 30; day++)
		add_new(line_of(day, machine_a, around(&random, day < 15 ? 100e3 : 90e3, 0.02),
				around(&random, 8000, 0.01)));
	load(&history);
	cr_assert_eq(history_analyse(&analysis, &history, NULL, 1), 0);
	cr_assert_eq(analysis.count, 2);
	cr_expect_eq(analysis.shift_count, 1);
	series = &analysis.items[0];
	cr_expect_str_eq(series->metric, "requests_per_s");
	cr_assert_eq(series->change_count, 1);
	cr_expect_leq(abs((int)series->changes[0].at - 15), 2);
	cr_expect_float_eq(series->changes[0].size, -0.10, 0.02);
	cr_expect(series->changes[0].worse);
	cr_expect_eq(analysis.items[1].change_count, 0, "memory has not changed");
	history_analysis_destroy(&analysis);
	history_destroy(&history);
}

Test(history, a_change_that_does_not_matter_is_none)
{
	struct history history;
	struct history_analysis analysis;
	struct random random;

	random_seed(&random, 7);
	for (int day = 0; day < 24; day++)
		add_new(line_of(day, machine_a, around(&random, day < 12 ? 100e3 : 99e3, 0.001),
				8000));
	load(&history);
	cr_assert_eq(history_analyse(&analysis, &history, NULL, 1), 0);
	cr_expect_eq(analysis.shift_count, 0);
	history_analysis_destroy(&analysis);
	history_destroy(&history);
}

Test(history, what_changed_together_is_one_shift)
{
	struct history history;
	struct history_analysis analysis;
	struct random random;

	random_seed(&random, 7);
	for (int day = 0; day < 30; day++) {
		bool after = day >= 15;

		add_new(line_of(day, machine_a, around(&random, after ? 80e3 : 100e3, 0.02),
				around(&random, after ? 9000 : 8000, 0.01)));
	}
	load(&history);
	cr_assert_eq(history_analyse(&analysis, &history, NULL, 1), 0);
	cr_expect_eq(analysis.items[0].change_count, 1);
	cr_expect_eq(analysis.items[1].change_count, 1);
	cr_expect(analysis.items[1].changes[0].worse);
	cr_expect_eq(analysis.shift_count, 1);
	history_analysis_destroy(&analysis);
	history_destroy(&history);
}

Test(history, another_machine_is_another_series)
{
	struct history history;
	struct history_analysis analysis;
	struct random random;

	random_seed(&random, 7);
	for (int day = 0; day < 32; day++)
		add_new(line_of(day, day % 4 < 2 ? machine_a : machine_b,
				around(&random, day % 4 < 2 ? 100e3 : 50e3, 0.01), 8000));
	load(&history);
	cr_assert_eq(history_analyse(&analysis, &history, NULL, 1), 0);
	cr_assert_eq(analysis.count, 4);
	cr_expect_eq(analysis.shift_count, 0);
	for (size_t i = 0; i < 4; i++) {
		cr_expect_str_eq(analysis.items[i].fingerprint, i < 2 ? machine_a : machine_b);
		cr_expect_eq(analysis.items[i].count, 16);
	}
	history_analysis_destroy(&analysis);
	history_destroy(&history);
}

Test(history, values_at_zero_and_lower_bounds_are_borne)
{
	struct history history;
	struct history_analysis analysis;

	for (int day = 0; day < 20; day++) {
		json_t *line = line_of(day, machine_a, day < 10 ? 50e3 : 100e3,
				       day < 10 ? 0 : 4096);
		json_t *values = json_object_get(json_array_get(json_object_get(line, "cells"), 0),
						 "values");

		json_object_set_new(json_object_get(values, "requests_per_s"), "at_least",
				    json_true());
		add_new(line);
	}
	load(&history);
	cr_assert_eq(history_analyse(&analysis, &history, NULL, 1), 0);
	cr_expect_eq(analysis.items[0].change_count, 0, "the generator's doing");
	cr_assert_eq(analysis.items[1].change_count, 1);
	cr_expect_not(analysis.items[1].changes[0].is_ratio);
	cr_expect_eq(analysis.items[1].changes[0].size, 4096);
	history_analysis_destroy(&analysis);
	history_destroy(&history);
}
