/* tenk demo: two servers side by side, for a lecture. */
#include "harness/command/command.h"
#include "harness/demo/play.h"
#include "lib/command_line.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>

enum { KEY_SECONDS = 's', SECONDS_DEFAULT = 20 };

struct arguments {
	const struct demonstration *kind; /* NULL: they are listed */
	unsigned seconds;
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case KEY_SECONDS:
		arguments->seconds = (unsigned)command_parse_number(state, "seconds", text,
								    DEMO_SECONDS_MOST);
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->kind)
			argp_error(state, "one demonstration at a time");
		arguments->kind = demonstration_find(text);
		if (!arguments->kind)
			argp_error(state, "there is no demonstration \"%s\"; tenk demo lists them",
				   text);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option option_table[] = {
	{"seconds", KEY_SECONDS, "N", 0, "how long it lasts, 1 to 60 (20)", 0}, {0}};

static const char documentation[] =
	"Shows on the terminal, while it happens, what tenk measures: two servers side by side under "
	"the same load. It ends by itself, and says what was shown and how to repeat it. Without "
	"DEMONSTRATION: lists them.\v"
	"Bars of both sides have the same scale, from 0 to the highest of them. Where output is no "
	"terminal, each side has a plain line for each column.\n\n"
	"slowest: of quick requests, the p99 of the slowest tenth of a second in each second, from "
	"when each was due, sent late or not. While none is answered it is how long the first of them has "
	"waited.\n"
	"answers: quick requests that were answered, a second.\n"
	"CPU: time of the server's process, of one core.\n"
	"process: private memory that is resident, less what the server had before, for each "
	"connection.\n"
	"kernel: what the kernel has charged to the server's control group, likewise; not known where "
	"none can be made; together: both.\n\n"
	"A figure in the closing sentence is one that was drawn: that of the middle second, or of the "
	"last step. One look at a machine on which other things run has no spread and decides nothing; "
	"the scenario that is named measures it.\n\n"
	"Examples:\n"
	"  tenk demo\n"
	"  tenk demo blocking\n"
	"  tenk demo memory --seconds 40\n\n"
	"Exit codes: 0 done, 1 it could not be shown, 2 wrong usage, 130 interrupted (what was shown "
	"until then is told).";

static int list(void)
{
	for (size_t i = 0; demonstrations[i]; i++)
		printf("  %-10s %s\n", demonstrations[i]->name, demonstrations[i]->summary);
	puts("\ntenk demo blocking shows the first of them.");
	return EXIT_OK;
}

int command_demo(int argc, char **argv)
{
	static const struct argp argp = {
		option_table, parse_option, "[DEMONSTRATION]", documentation, NULL, NULL, NULL};
	struct arguments arguments = {.seconds = SECONDS_DEFAULT};
	struct error error;
	int result;

	command_line_read(&argp, argc, argv, &arguments);
	if (!arguments.kind)
		return list();
	result = demo_play(arguments.kind, arguments.seconds, stdout, &error);
	if (result == -EINTR)
		return command_fail(EXIT_INTERRUPTED, error.text);
	if (result == -EPIPE) /* whoever read it has seen enough */
		return EXIT_FAILED;
	return result < 0 ? command_fail(EXIT_FAILED, error.text) : EXIT_OK;
}
