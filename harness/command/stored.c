/* tenk report and tenk claims: what a stored run says. */
#include "harness/command/command.h"
#include "lib/command_line.h"
#include "harness/machine/paths.h"
#include "stored/claims/claims.h"
#include "stored/results.h"
#include "report/terminal.h"
#include "report/report.h"

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum key { KEY_OUT = 'o', KEY_JSON = 256 };

struct arguments {
	const char *run, *out;
	bool json;
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case KEY_OUT:
		arguments->out = text;
		break;
	case KEY_JSON:
		arguments->json = true;
		break;
	case ARGP_KEY_ARG:
		if (arguments->run)
			argp_error(state, "one RUN at a time");
		arguments->run = text;
		break;
	case ARGP_KEY_END:
		if (!arguments->run)
			argp_error(state, "say which run: a folder such as "
					  "results/20261121T093000Z-quick");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void parse(int argc, char **argv, const struct argp_option *options,
		  const char *documentation, struct arguments *arguments)
{
	const struct argp argp = {options, parse_option, "RUN", documentation, NULL, NULL, NULL};

	*arguments = (struct arguments){0};
	command_line_read(&argp, argc, argv, arguments);
}

int command_report(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"out", KEY_OUT, "DIR", 0, "where to write it (default: RUN/report)", 0}, {0}};
	struct report_options where = {0};
	struct arguments arguments;
	struct results results;
	struct paths paths;
	struct error error;
	int result;

	parse(argc, argv, options,
	      "Writes the report of a stored run again: one HTML page that needs no other file, "
	      "Markdown, a chart and a CSV file for each picture. Nothing is measured."
	      "\vExample:\n  tenk report results/20261121T093000Z-quick",
	      &arguments);
	if (paths_find(&paths, &error) < 0)
		return command_fail(EXIT_FAILED, error.text);
	if (results_load(&results, arguments.run, &error) < 0)
		return command_fail(EXIT_USAGE, error.text);
	where.report_directory = arguments.out;
	where.resource_directory = paths.report;
	result = report_write(&results, &where, &error);
	results_destroy(&results);
	if (result < 0)
		return command_fail(EXIT_FAILED, error.text);
	printf("%s/%sindex.html\n", arguments.out ? arguments.out : arguments.run,
	       arguments.out ? "" : "report/");
	if (result > 0) {
		fprintf(stderr, "tenk: %d charts could not be drawn: %s\n", result, error.text);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

int command_claims(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"json", KEY_JSON, NULL, 0, "print the verdicts as JSON", 0}, {0}};
	struct arguments arguments;
	struct results results;
	struct error error;
	json_t *verdicts;
	long count = 0;

	parse(argc, argv, options,
	      "Judges the published claims that a stored run tests, from its trials and nothing "
	      "else: reproduced, right direction only, refuted here, inconclusive, or not testable."
	      "\vExample:\n  tenk claims results/20261121T093000Z-threads-cost",
	      &arguments);
	if (results_load(&results, arguments.run, &error) < 0)
		return command_fail(EXIT_USAGE, error.text);
	if (arguments.json) {
		verdicts = claims_to_json(&results);
		json_dumpf(verdicts, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
		putchar('\n');
		json_decref(verdicts);
	} else {
		count = terminal_print_claims(&results, stdout);
		if (count == 0)
			puts("This run tests no claim (tenk list shows which scenario does).");
	}
	results_destroy(&results);
	return count < 0 ? command_fail(EXIT_FAILED, strerror((int)-count)) : EXIT_OK;
}
