/* A report of a made-up run, in a folder of its own. */
#ifndef TENK_REPORT_FIXTURE_H
#define TENK_REPORT_FIXTURE_H

#include "report/report.h"

#include "lib/temporary.h"
#include "report/files.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A made-up run of two scenarios with failed, saturated and invalid trials and a claim. */
#define RUN	  "tests/fixtures/report-run"
#define RESOURCES "report"

static struct results results;
static char folder[256];

static inline void set_up(void)
{
	struct error error = {""};

	temporary_template(folder, sizeof folder, "tenk-report");
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(results_load(&results, RUN, &error), 0, "%s", error.text);
}

static inline void tear_down(void)
{
	results_destroy(&results);
	cr_assert_eq(folder_remove(folder), 0);
}

static inline bool gnuplot_is_missing(void)
{
	return system("command -v gnuplot >/dev/null 2>&1") != 0;
}

#define SKIP_WITHOUT_GNUPLOT()                                    \
	do {                                                      \
		if (gnuplot_is_missing())                         \
			cr_skip_test("gnuplot is not installed"); \
	} while (0)

/* Writes the report to FOLDER/NAME. */
static inline int report_make(const char *name, const char *gnuplot, struct error *error)
{
	char path[512];
	struct report_options options = {
		.report_directory = path, .resource_directory = RESOURCES, .gnuplot = gnuplot};

	snprintf(path, sizeof path, "%s/%s", folder, name);
	*error = (struct error){""};
	return report_write(&results, &options, error);
}

/* The content of FOLDER/NAME, to be freed. */
static inline char *content_of(const char *name)
{
	struct text_buffer text = {0};
	struct error error = {""};

	cr_assert_eq(file_read(&text, folder, name, &error), 0, "%s", error.text);
	if (!text.text)
		text_append(&text, "");
	return text.text;
}

static inline size_t occurrences(const char *text, const char *what)
{
	size_t count = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		count++;
	return count;
}

#define expect_has(text, what)	   cr_expect_not_null(strstr(text, what), "missing: %s", what)
#define expect_has_not(text, what) cr_expect_null(strstr(text, what), "should not be: %s", what)

static inline json_t *part_json(size_t scenario, size_t part)
{
	json_t *scenarios = json_object_get(results.run, "scenarios");

	return json_array_get(json_object_get(json_array_get(scenarios, scenario), "parts"), part);
}

#endif
