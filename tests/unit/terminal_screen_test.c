/* What a run found on one screen: lines, columns, signs, and what stands behind an empty cell. */
#include "report/terminal.h"

#include "report/format.h"
#include "report/part.h"
#include "report/plain.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(terminal_screen, .timeout = 30);

static const char *const runs[] = {
	"results/reference/quick",   "results/reference/memory",	"results/reference/limits",
	"results/reference/million", "results/reference/small-machine", "tests/fixtures/report-run",
	"tests/fixtures/run",
};

static struct results results;

static char *printed(const char *run, const char *locale)
{
	struct error error = {""};
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	cr_assert_not_null(out);
	cr_assert_eq(setenv("LC_ALL", locale, 1), 0);
	cr_assert_eq(results_load(&results, run, &error), 0, "%s", error.text);
	cr_assert_eq(terminal_print(&results, out), 0);
	fclose(out);
	return text;
}

/* The columns of a line: bytes that go on with a character take none. */
static size_t columns_of(const char *line, size_t length)
{
	size_t columns = 0;

	for (size_t i = 0; i < length; i++)
		columns += ((unsigned char)line[i] & 0xC0) != 0x80;
	return columns;
}

static void check_size(const char *run, const char *text)
{
	size_t lines = 0;

	for (const char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		size_t columns = columns_of(line, (size_t)(end - line));

		cr_expect_leq(columns, PLAIN_COLUMNS, "%s: %.*s", run, (int)(end - line), line);
		lines++;
	}
	cr_expect_leq(lines, TERMINAL_LINES, "%s:\n%s", run, text);
	cr_expect_geq(lines, 5, "%s:\n%s", run, text);
}

Test(terminal_screen, it_fits_whatever_the_run)
{
	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
		char *text = printed(runs[i], "C.UTF-8");

		check_size(runs[i], text);
		free(text);
		results_destroy(&results);
	}
}

Test(terminal_screen, without_utf8_it_is_ascii)
{
	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
		char *text = printed(runs[i], "C");

		for (const char *at = text; *at; at++)
			cr_assert_geq((int)(signed char)*at, 0, "%s: %s", runs[i], at);
		check_size(runs[i], text);
		free(text);
		results_destroy(&results);
	}
}

/* The line of a server in the table. */
static const char *row_of(const char *text, const char *server)
{
	static char row[256];
	char begin[80];
	const char *at;

	snprintf(begin, sizeof begin, "\n  %s  ", server);
	at = strstr(text, begin);
	cr_assert_not_null(at, "no row of %s in\n%s", server, text);
	snprintf(row, sizeof row, "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
	return row;
}

static void expect_in(const char *text, const char *what)
{
	cr_expect_not_null(strstr(text, what), "no \"%s\" in\n%s", what, text);
}

/* The table's figures are those that everybody else shows. */
Test(terminal_screen, the_table_has_the_values_of_the_tables_in_full)
{
	char *text = printed(runs[0], "C"), figure[FORMAT_SIZE];
	json_t *point = json_pack("{s:i}", "connections", 64);
	const struct cell cell = {"quick", "throughput", "libuv", point};
	struct summary rate = blocks_summary(&results, &cell, "requests_per_s");

	expect_in(text, "rate at 64  CPU at 64  x epoll  p99 at 5k/s  all memory\n");
	expect_in(row_of(text, "libuv"), format_value("per_s", rate.median, figure));
	expect_in(row_of(text, "epoll"), "  1  ");
	json_decref(point);
	free(text);
	results_destroy(&results);
}

Test(terminal_screen, an_empty_cell_has_its_reason)
{
	char *text = printed(runs[0], "C");
	const char *row = row_of(text, "select");

	cr_expect_eq(row[strlen(row) - 1], '-', "%s", row);
	expect_in(text, "- more than its model holds: select all memory.");
	free(text);
	results_destroy(&results);
	text = printed(runs[5], "C");
	expect_in(row_of(text, "epoll"), ">=119k/s");
	expect_in(text, ">= not driven to its limit.");
	free(text);
	results_destroy(&results);
}

/* Without epoll's figures there is nothing that a ratio could be to. */
Test(terminal_screen, a_ratio_that_is_missing_has_its_reason)
{
	struct error error = {""};
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	cr_assert_eq(results_load(&results, runs[5], &error), 0, "%s", error.text);
	for (size_t i = 0; i < results.trial_count; i++)
		if (strcmp(json_string_of(results.trials[i], "server"), "epoll") == 0)
			json_object_del(json_object_get(results.trials[i], "metrics"),
					"server_cpu_per_request_ns");
	cr_assert_eq(terminal_print(&results, out), 0);
	fclose(out);
	expect_in(text,
		  "- no figure: epoll CPU; nothing to divide by: thread-per-connection ratio,");
	cr_expect_null(strstr(row_of(text, "epoll"), "  1  "), "nor is it one of nothing");
	free(text);
	results_destroy(&results);
}

Test(terminal_screen, what_has_no_room_is_counted)
{
	char *text = printed(runs[2], "C");
	size_t shown = 0;
	char rest[60];

	for (const char *at = text; (at = strstr(at, "\n  ")); at++)
		shown += strstr(at, "descriptors ") == at + strcspn(at + 3, " ") ||
			 (strstr(at, "  19,000  descriptors") &&
			  strcspn(at + 1, "\n") >
				  (size_t)(strstr(at, "  19,000  descriptors") - at));
	snprintf(rest, sizeof rest, "and %zu more: --full\n", 20 - shown);
	expect_in(text, rest);
	free(text);
	results_destroy(&results);
}

static void stop_the_run(void)
{
	json_object_set_new(results.run, "planned_trials", json_integer(1000));
}

Test(terminal_screen, the_caveat_is_what_matters_most)
{
	char *text = printed(runs[5], "C"), *stopped = NULL;
	size_t length;
	FILE *out = open_memstream(&stopped, &length);

	expect_in(text, "A first impression: 3 trials of each, not for citation (--trials 10).\n");
	stop_the_run();
	terminal_print(&results, out);
	fclose(out);
	expect_in(stopped, "It stopped before its end: ");
	expect_in(stopped, " of 1000 trials.\n");
	free(stopped);
	free(text);
	results_destroy(&results);
}
