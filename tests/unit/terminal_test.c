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
	terminal_print(&results, out);
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
