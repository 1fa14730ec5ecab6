#include "report/report.h"

#include "report/files.h"
#include "report/part.h"
#include "stored/repeats.h"
#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A made-up run of two scenarios with failed, saturated and invalid trials and a claim. */
#define RUN	  "tests/fixtures/report-run"
#define RESOURCES "report"

static struct results results;
static char folder[256];

static void set_up(void)
{
	struct error error = {""};

	temporary_template(folder, sizeof folder, "tenk-report");
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(results_load(&results, RUN, &error), 0, "%s", error.text);
}

static void tear_down(void)
{
	results_destroy(&results);
	cr_assert_eq(folder_remove(folder), 0);
}

TestSuite(report, .init = set_up, .fini = tear_down, .timeout = 60);

static bool gnuplot_is_missing(void)
{
	return system("command -v gnuplot >/dev/null 2>&1") != 0;
}

#define SKIP_WITHOUT_GNUPLOT()                                    \
	do {                                                      \
		if (gnuplot_is_missing())                         \
			cr_skip_test("gnuplot is not installed"); \
	} while (0)

/* Writes the report to FOLDER/NAME. */
static int report_make(const char *name, const char *gnuplot, struct error *error)
{
	char path[512];
	struct report_options options = {
		.report_directory = path, .resource_directory = RESOURCES, .gnuplot = gnuplot};

	snprintf(path, sizeof path, "%s/%s", folder, name);
	*error = (struct error){""};
	return report_write(&results, &options, error);
}

/* The content of FOLDER/NAME, to be freed. */
static char *content_of(const char *name)
{
	struct text_buffer text = {0};
	struct error error = {""};

	cr_assert_eq(file_read(&text, folder, name, &error), 0, "%s", error.text);
	if (!text.text)
		text_append(&text, "");
	return text.text;
}

static size_t occurrences(const char *text, const char *what)
{
	size_t count = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		count++;
	return count;
}

#define expect_has(text, what)	   cr_expect_not_null(strstr(text, what), "missing: %s", what)
#define expect_has_not(text, what) cr_expect_null(strstr(text, what), "should not be: %s", what)

static json_t *part_json(size_t scenario, size_t part)
{
	json_t *scenarios = json_object_get(results.run, "scenarios");

	return json_array_get(json_object_get(json_array_get(scenarios, scenario), "parts"), part);
}

Test(report, writes_all_that_it_promises)
{
	static const char *const files[] = {
		"r/index.html",
		"r/report.md",
		"r/charts/quick-throughput-throughput.svg",
		"r/charts/quick-throughput-cpu.svg",
		"r/charts/quick-latency-latency.svg",
		"r/charts/quick-memory-memory.svg",
		"r/charts/quick-memory-memory-per-connection.svg",
		"r/charts/threads-cost-memory-per-connection.svg",
		"r/data/trials.csv",
		"r/data/quick-throughput-throughput.csv",
		"r/data/quick-latency-latency-trials.csv",
	};
	struct error error;

	SKIP_WITHOUT_GNUPLOT();
	cr_assert_eq(report_make("r", NULL, &error), 0, "%s", error.text);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char *content = content_of(files[i]);

		cr_expect_gt(strlen(content), 100, "%s", files[i]);
		free(content);
	}
}

Test(report, same_run_gives_the_same_bytes)
{
	static const char *const files[] = {"index.html", "report.md",
					    "charts/quick-latency-latency.svg", "data/trials.csv"};
	struct error error;

	SKIP_WITHOUT_GNUPLOT();
	cr_assert_eq(report_make("a", NULL, &error), 0, "%s", error.text);
	cr_assert_eq(report_make("b", NULL, &error), 0, "%s", error.text);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char first[128], second[128], *a, *b;

		snprintf(first, sizeof first, "a/%s", files[i]);
		snprintf(second, sizeof second, "b/%s", files[i]);
		a = content_of(first);
		b = content_of(second);
		cr_expect_str_eq(a, b, "%s differs", files[i]);
		free(a);
		free(b);
	}
}

Test(report, where_it_ran_tells_what_was_looked_at_and_nothing_else)
{
	json_t *environment = json_object_get(results.run, "environment");
	struct error error;
	char *page;

	json_object_update_new(environment,
			       json_pack("{s:n, s:f, s:{s:s}, s:{s:f}}", "memory_limit_bytes",
					 "cpu_quota_cores", 1.5, "sysctls", "net.a", "1 2",
					 "observed", "steal_since_boot_ratio", 0.25));
	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	page = content_of("r/report.md");
	expect_has(page, "| its limit of memory | none |");
	expect_has(page, "| its quota, in cores | 1.50 |");
	expect_has(page, "| settings of the kernel | net.a 1 2 |");
	expect_has(page, "| time that the host took since boot | 25.0 % |");
	expect_has_not(page, "transparent huge pages"); /* as in a run from before */
	expect_has(page, "| time that the host took meanwhile | ");
	free(page);
}

Test(report, replaces_an_old_report_and_leaves_nothing_beside_it)
{
	struct error error;
	DIR *stream;
	size_t entries = 0;

	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	cr_assert_eq(file_write(folder, "r/stale.txt", "old", 3, &error), 0);
	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	cr_expect_lt(file_read(&(struct text_buffer){0}, folder, "r/stale.txt", &error), 0);
	stream = opendir(folder);
	cr_assert_not_null(stream);
	while (readdir(stream))
		entries++;
	closedir(stream);
	cr_expect_eq(entries, 3, "only \".\", \"..\" and the report, not %zu entries", entries);
}

Test(report, a_failure_leaves_the_old_report_whole)
{
	char path[512], *before, *after;
	struct report_options options = {.report_directory = path,
					 .resource_directory = "tests/fixtures"};
	struct error error;

	snprintf(path, sizeof path, "%s/r", folder);
	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	before = content_of("r/index.html");
	error = (struct error){""};
	cr_expect_lt(report_write(&results, &options, &error), 0);
	cr_expect_neq(error.text[0], '\0');
	after = content_of("r/index.html");
	cr_expect_str_eq(before, after);
	free(before);
	free(after);
}

Test(report, without_gnuplot_tables_and_a_reason_remain)
{
	struct error error;
	int missing = report_make("r", "/no/gnuplot", &error);
	char *html, *csv;

	cr_assert_eq(missing, 7, "%d charts missing", missing);
	expect_has(error.text, "gnuplot is not installed");
	html = content_of("r/index.html");
	csv = content_of("r/data/quick-throughput-throughput.csv");
	expect_has(html, "A chart is missing.");
	expect_has(html, "gnuplot is not installed");
	expect_has(html, "<table");
	expect_has_not(html, "<svg");
	expect_has(csv, "requests_per_s");
	free(html);
	free(csv);
}

Test(report, a_gnuplot_that_fails_is_quoted)
{
	static const char failing[] = "#!/bin/sh\necho 'no such thing' >&2\nexit 3\n";
	struct error error;
	char script[512];

	snprintf(script, sizeof script, "%s/gnuplot", folder);
	cr_assert_eq(file_write(folder, "gnuplot", failing, strlen(failing), &error), 0);
	cr_assert_eq(chmod(script, 0755), 0);
	cr_assert_gt(report_make("r", script, &error), 0);
	expect_has(error.text, "no such thing");
}

Test(report, ids_are_unique_in_the_page)
{
	struct error error;
	char *html, *place;

	SKIP_WITHOUT_GNUPLOT();
	cr_assert_eq(report_make("r", NULL, &error), 0, "%s", error.text);
	html = content_of("r/index.html");
	for (place = html; (place = strpbrk(place, "i")); place++) {
		char id[256];
		size_t length;

		if (strncmp(place, "id=\"", 4) != 0 && strncmp(place, "id='", 4) != 0)
			continue;
		if (place[-1] != ' ')
			continue;
		length = strcspn(place + 4, "\"'");
		snprintf(id, sizeof id, " id=%c%.*s%c", place[3], (int)length, place + 4, place[3]);
		cr_expect_eq(occurrences(html, id), 1, "%s", id);
	}
	free(html);
}

Test(report, page_needs_nothing_from_elsewhere)
{
	struct error error;
	char *html;

	SKIP_WITHOUT_GNUPLOT();
	cr_assert_eq(report_make("r", NULL, &error), 0, "%s", error.text);
	html = content_of("r/index.html");
	expect_has_not(html, "<script");
	expect_has_not(html, "<link");
	expect_has_not(html, "@import");
	expect_has_not(html, "src=");
	expect_has_not(html, "{{");
	expect_has(html, "prefers-color-scheme: dark");
	expect_has(html, "currentColor");
	free(html);
}

/* What stands in a row of a Markdown table: cells are parted by pipes that are not escaped. */
static size_t pipes_in_line(const char *line)
{
	size_t count = 0;

	for (size_t i = 0; line[i] && line[i] != '\n'; i++)
		count += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
	return count;
}

Test(report, hostile_names_stay_text)
{
	static const char evil[] = "<script>alert(1)</script> `id` $(id) '\"|*_[x](y)\n!id";
	json_t *scenario = json_array_get(json_object_get(results.run, "scenarios"), 0);
	json_t *servers = json_object_get(part_json(0, 0), "servers");
	size_t columns = 0;
	struct error error;
	char *html, *markdown;

	SKIP_WITHOUT_GNUPLOT();
	json_object_set_new(scenario, "title", json_string(evil));
	json_object_set_new(part_json(0, 0), "question", json_string(evil));
	json_array_set_new(servers, 1, json_string(evil));
	for (size_t i = 0; i < results.trial_count; i++) {
		json_t *trial = results.trials[i];

		if (strcmp(json_string_of(trial, "part"), "throughput") == 0 &&
		    strcmp(json_string_of(trial, "server"), "epoll") == 0)
			json_object_set_new(trial, "server", json_string(evil));
		json_object_set_new(json_object_get(trial, "server_process"), "stderr",
				    json_string(evil));
	}
	cr_assert_eq(report_make("r", NULL, &error), 0, "%s", error.text);
	html = content_of("r/index.html");
	markdown = content_of("r/report.md");
	expect_has_not(html, "<script");
	expect_has(html, "&lt;script&gt;alert(1)");
	for (char *line = markdown; line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (*line != '|') {
			columns = 0;
			continue;
		}
		if (!columns)
			columns = pipes_in_line(line);
		cr_expect_eq(pipes_in_line(line), columns, "%.120s", line);
	}
	free(html);
	free(markdown);
}

/* The fields of one CSV record; *end is set behind it. */
static size_t csv_fields(const char *record, const char **end)
{
	size_t fields = 1;
	bool quoted = false;

	for (; *record && (quoted || *record != '\n'); record++) {
		if (*record == '"')
			quoted = !quoted;
		fields += !quoted && *record == ',';
	}
	*end = *record ? record + 1 : record;
	return fields;
}

Test(report, csv_records_are_as_long_as_their_header)
{
	struct error error;
	char path[512];
	struct dirent *entry;
	DIR *stream;

	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	snprintf(path, sizeof path, "%s/r/data", folder);
	stream = opendir(path);
	cr_assert_not_null(stream);
	while ((entry = readdir(stream))) {
		char name[300], *content;
		const char *record;
		size_t fields, records = 0;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "r/data/%s", entry->d_name);
		content = content_of(name);
		fields = csv_fields(content, &record);
		for (; *record; records++)
			cr_expect_eq(csv_fields(record, &record), fields, "%s: %.80s", name,
				     record);
		cr_expect_gt(records, 0, "%s", name);
		cr_expect_eq(occurrences(content, "\n"), occurrences(content, "\r\n"));
		free(content);
	}
	closedir(stream);
}

Test(report, every_odd_trial_is_listed_with_its_reason)
{
	struct error error;
	char *markdown;

	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	markdown = content_of("r/report.md");
	expect_has(markdown, "112 trials: 108 ok, 1 saturated, 2 failed, 1 invalid.");
	expect_has(markdown, "3 connections were reset");
	expect_has(markdown, "the host took 7.1 %");
	expect_has(markdown, "4,893 of 5,000 requests a second");
	expect_has(markdown, "ended with signal 11");
	expect_has(markdown, "stack smashing");
	expect_has(markdown, "tenk run quick threads-cost --seed 7731");
	free(markdown);
}

/* Every block once more, as if a trial of each had been spoiled. */
static void make_all_again(void)
{
	size_t count = results.trial_count;

	json_object_set_new(results.run, "repeats", json_string("blocks"));
	results.trials = reallocarray(results.trials, 2 * count, sizeof *results.trials);
	cr_assert_not_null(results.trials);
	for (; results.trial_count < 2 * count; results.trial_count++) {
		json_t *again = json_deep_copy(results.trials[results.trial_count - count]);

		json_object_set_new(again, "attempt", json_integer(2));
		results.trials[results.trial_count] = again;
	}
	cr_assert_eq(repeats_mark(results.run, results.trials, results.trial_count), 0);
}

Test(report, a_trial_of_a_block_that_was_made_again_counts_once)
{
	json_t *scenario = json_array_get(json_object_get(results.run, "scenarios"), 0);
	struct part_outcomes once, twice;
	struct error error;
	struct part part;
	char *markdown;

	cr_assert_eq(part_init(&part, &results, scenario, part_json(0, 0)), 0);
	once = part_count(&part, NULL, NULL);
	make_all_again();
	twice = part_count(&part, NULL, NULL);
	cr_expect_gt(once.ok, 0);
	cr_expect_eq(twice.ok, once.ok, "%zu", twice.ok);
	cr_expect_eq(twice.all, once.all, "%zu", twice.all);
	part_destroy(&part);
	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	markdown = content_of("r/report.md");
	expect_has(markdown, "224 trials: 108 ok, 1 saturated, 2 failed, 1 invalid, 112 of blocks "
			     "that were made once more.");
	free(markdown);
}

Test(report, verdicts_stand_with_interval_and_factor)
{
	struct error error;
	char *markdown;

	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	markdown = content_of("r/report.md");
	expect_has(markdown, "| You read | We measured | Verdict |");
	expect_has(markdown, "Resident memory per connection: 9.20 KiB [9.19, 9.21]");
	expect_has(markdown, "overstated");
	expect_has(markdown, "refuted here");
	expect_has(markdown, "not testable here");
	expect_has(markdown, "tenk's own model");
	free(markdown);
}

Test(report, what_a_claim_is_measured_against_at_least_is_marked)
{
	json_t *claim = json_array_get(json_object_get(part_json(1, 0), "claims"), 0);
	struct error error;
	char *markdown;

	json_object_set_new(claim, "metrics", json_pack("[s]", "requests_per_s"));
	for (size_t i = 0; i < results.trial_count; i++) {
		json_object_set_new(json_object_get(results.trials[i], "metrics"), "requests_per_s",
				    json_real(5000));
		json_object_set_new(results.trials[i], "rate_is_lower_bound", json_true());
	}
	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	markdown = content_of("r/report.md");
	expect_has(markdown, "Requests per second: \xe2\x89\xa5");
	expect_has(markdown, "not driven to its limit");
	free(markdown);
}

Test(report, a_run_that_was_stopped_says_so)
{
	struct error error;
	char *markdown;

	json_object_set_new(results.run, "status", json_string("aborted"));
	json_object_set_new(results.run, "planned_trials", json_integer(500));
	cr_assert_geq(report_make("r", "/no/gnuplot", &error), 0, "%s", error.text);
	markdown = content_of("r/report.md");
	expect_has(markdown, "Stopped before its end.");
	expect_has(markdown, "112 trials of 500 planned");
	free(markdown);
}

Test(report, a_run_without_trials_is_still_a_page)
{
	struct error error;
	char *html;

	while (results.trial_count)
		json_decref(results.trials[--results.trial_count]);
	cr_assert_eq(report_make("r", NULL, &error), 0, "%s", error.text);
	html = content_of("r/index.html");
	expect_has(html, "0 trials of 112 planned");
	free(html);
}

Test(report, warnings_and_late_generators_are_told)
{
	struct error error;
	char *content;

	json_object_set_new(results.run, "warnings",
			    json_pack("[s]", "libev is left out of it all"));
	for (size_t i = 0; i < results.trial_count; i++) {
		json_t *metrics = json_object_get(results.trials[i], "metrics");

		/* As of a generator that was late for one request in a hundred. */
		if (json_object_get(metrics, "latency_p99_ns")) {
			json_object_set_new(metrics, "latency_p99_ns", json_null());
			json_object_set_new(metrics, "latency_p99_9_ns", json_null());
		}
	}
	report_make("w", NULL, &error);
	content = content_of("w/report.md");
	expect_has(content, "libev is left out of it all");
	free(content);
	content = content_of("w/data/quick-latency-latency.csv");
	expect_has(content, ",0.9,");
	expect_has_not(content, ",0.99,");
	free(content);
}
