/* tenk claims: what a stored run says of published claims. */
#include "harness/command/command.h"
#include "lib/command_line.h"
#include "stored/claims/claims.h"
#include "stored/results.h"
#include "report/terminal.h"

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum key { KEY_JSON = 256 };

struct arguments {
	const char *run;
	bool json;
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
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
		verdicts = claims_to_json(&results, 1);
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
