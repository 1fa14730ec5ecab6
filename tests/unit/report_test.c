#include "tests/unit/report_fixture.h"

#include "lib/json.h"
#include "tests/unit/emulated.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(report, .init = set_up, .fini = tear_down, .timeout = 60);

Test(report, writes_all_that_it_promises)
{
	static const char *const files[] = {
		"r/index.html",
		"r/report.md",
		"r/charts/quick-throughput-throughput.svg",
		"r/charts/quick-throughput-cpu.svg",
		"r/charts/quick-latency-latency.svg",
		"r/charts/quick-memory-memory.svg",
		"r/charts/quick-throughput-cpu-ratio.svg",
		"r/charts/threads-cost-memory.svg",
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
	char *html, *csv;
	int missing;

	skip_if_emulated("posix_spawn does not tell that there is no such program");
	missing = report_make("r", "/no/gnuplot", &error);
	cr_assert_eq(missing, 9, "%d charts missing", missing);
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
	cr_expect_eq(occurrences(html, "<script>"), 1, "one script, and that within the page");
	cr_expect_eq(occurrences(html, "<script"), 1);
	expect_has_not(html, "<link");
	expect_has_not(html, "@import");
	expect_has_not(html, "src=");
	expect_has_not(html, "{{");
	expect_has(html, "prefers-color-scheme: dark");
	expect_has(html, "currentColor");
	free(html);
}

Test(report, a_published_page_says_what_a_link_to_it_shows)
{
	char path[512], *html;
	struct report_options options = {.report_directory = path,
					 .resource_directory = RESOURCES,
					 .base_url = "https://example.org/a\"b"};
	struct error error = {""};

	SKIP_WITHOUT_GNUPLOT();
	cr_assert_eq(report_make("r", NULL, &error), 0, "%s", error.text);
	html = content_of("r/index.html");
	expect_has(html, "<meta name=\"description\" content=\"Compared with epoll");
	expect_has_not(html, "og:");
	free(html);
	snprintf(path, sizeof path, "%s/p", folder);
	cr_assert_eq(report_write(&results, &options, &error), 0, "%s", error.text);
	html = content_of("p/index.html");
	expect_has(html, "<meta property=\"og:title\" content=\"Compared with epoll");
	expect_has(html, "content=\"https://example.org/a&quot;b/share/picture.png\"");
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
	expect_has_not(html, "<script>alert");
	cr_expect_eq(occurrences(html, "<script"), 1);
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

/* The size of a PNG is in its first chunk, in the order of the network. */
Test(report, there_is_a_picture_to_pass_on)
{
	static const unsigned char expected[] = {0, 0, 1200 >> 8, 1200 & 255,
						 0, 0, 630 >> 8,  630 & 255};
	struct text_buffer picture = {0};
	struct error error;

	SKIP_WITHOUT_GNUPLOT();
	cr_assert_eq(report_make("r", NULL, &error), 0, "%s", error.text);
	cr_assert_eq(file_read(&picture, folder, "r/share/picture.png", &error), 0, "%s",
		     error.text);
	cr_assert_gt(picture.length, 5000);
	cr_expect_eq(memcmp(picture.text, "\x89PNG", 4), 0);
	cr_expect_eq(memcmp(picture.text + 16, expected, sizeof expected), 0);
	text_destroy(&picture);
}

Test(report, a_chart_is_in_the_page_once)
{
	struct error error;
	char *html;

	SKIP_WITHOUT_GNUPLOT();
	cr_assert_eq(report_make("r", NULL, &error), 0, "%s", error.text);
	html = content_of("r/index.html");
	cr_expect_eq(occurrences(html, "<figure id=\"quick-throughput-throughput\""), 1);
	cr_expect_eq(occurrences(html, "<svg "), occurrences(html, "<figure "));
	free(html);
}
