#include "report/terminal.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(terminal, .timeout = 10);

enum { POINTS = 30 };

static json_t *make_trial(int connections)
{
	return json_pack("{s:i, s:s, s:s, s:s, s:{s:i}, s:i, s:s, s:[], s:{s:f}}", "schema", 1,
			 "scenario", "s", "part", "p", "server", "epoll", "point", "connections",
			 connections, "trial", 1, "outcome", "ok", "reasons", "metrics",
			 "requests_per_s", 1000.0 + connections);
}

/* More points than stand side by side, trials in the order of chance. */
Test(terminal, every_point_is_shown_in_ascending_order)
{
	json_t *values = json_array(), *trials[POINTS];
	struct results results = {.trials = trials, .trial_count = POINTS};
	char *text = NULL, *at, number[16];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; i < POINTS; i++) {
		json_array_append_new(values, json_integer(100 * (i + 1)));
		trials[i] = make_trial(100 * ((i * 7) % POINTS + 1));
	}
	results.run =
		json_pack("{s:[{s:s, s:[{s:s, s:s, s:[s], s:[s], s:{}, s:[{s:s, s:o}], s:[]}]}],"
			  " s:[{s:s, s:s, s:s}]}",
			  "scenarios", "name", "s", "parts", "name", "p", "question", "How many?",
			  "servers", "epoll", "charts", "throughput", "load", "vary", "axis",
			  "connections", "values", values, "claims", "metrics", "key",
			  "requests_per_s", "title", "Rate", "unit", "per_s");
	cr_assert(results.run != NULL);
	terminal_print_tables(&results, out);
	fclose(out);
	at = text;
	for (int i = 0; i < POINTS; i++) {
		snprintf(number, sizeof number, " %d ", 100 * (i + 1));
		at = strstr(at, number);
		cr_assert(at != NULL, "%sis not where it should be in\n%s", number, text);
	}
	free(text);
	for (int i = 0; i < POINTS; i++)
		json_decref(trials[i]);
	json_decref(results.run);
}

/* A part of two points, of which trials were made in slices at so many, and one was disturbed. */
static char *print_slices(bool first, bool second)
{
	json_t *trials[] = {make_trial(1), make_trial(2)};
	struct results results = {.trials = trials, .trial_count = 2};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	json_object_set_new(trials[1], "notes", json_pack("[{s:s}]", "code", "disturbed"));
	results.run = json_pack(
		"{s:[{s:s, s:[{s:s, s:s, s:[s], s:[], s:{}, s:[{s:s, s:[i, i]}], s:[]}]}], s:[], "
		"s:[{s:s, s:s, s:{s:i}, s:b, s:s}, {s:s, s:s, s:{s:i}, s:b, s:s}, {s:s, s:s, s:b, s:s}]}",
		"scenarios", "name", "s", "parts", "name", "p", "question", "How many?", "servers",
		"epoll", "charts", "load", "vary", "axis", "connections", "values", 1, 2, "claims",
		"metrics", "slices", "scenario", "s", "part", "p", "point", "connections", 1,
		"used", first, "why", "it is so", "scenario", "s", "part", "p", "point",
		"connections", 2, "used", second, "why", "it is so", "scenario", "s", "part",
		"another", "used", false, "why", "of another part");
	cr_assert(results.run != NULL);
	terminal_print_tables(&results, out);
	fclose(out);
	json_decref(trials[0]);
	json_decref(trials[1]);
	json_decref(results.run);
	return text;
}

Test(terminal, it_says_where_trials_followed_one_another)
{
	static const char disturbed[] = "other work was on these cores in 1 of 2 trials";
	char *all = print_slices(true, true), *one = print_slices(false, true),
	     *none = print_slices(false, false);

	cr_expect_null(strstr(all, "one another"), "%s", all);
	cr_expect_not_null(strstr(all, disturbed), "%s", all);
	cr_expect_not_null(
		strstr(one, "  at 1 of 2 points trials followed one another: it is so\n"), "%s",
		one);
	cr_expect_not_null(strstr(none, "  trials followed one another: it is so\n"), "%s", none);
	free(all);
	free(one);
	free(none);
}
