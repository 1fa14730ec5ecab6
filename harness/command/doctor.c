/* tenk doctor: what on this machine limits or distorts a measurement. */
#include "harness/command/command.h"
#include "lib/command_line.h"
#include "harness/doctor/doctor.h"
#include "harness/machine/paths.h"
#include "harness/process/interrupt.h"

#include <argp.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum key { KEY_JSON = 256, KEY_QUICK };

struct arguments {
	bool json, quick;
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	(void)text;
	switch (key) {
	case KEY_JSON:
		arguments->json = true;
		return 0;
	case KEY_QUICK:
		arguments->quick = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int command_doctor(int argc, char **argv)
{
	static const struct argp_option option_table[] = {
		{"json", KEY_JSON, NULL, 0, "print the findings as JSON", 0},
		{"quick", KEY_QUICK, NULL, 0,
		 "leave out what takes seconds: the generator's calibration", 0},
		{0}};
	static const struct argp argp = {
		option_table,
		parse_option,
		NULL,
		"Tells what on this machine limits or distorts a measurement, and what can be done: "
		"descriptors, ports, cores, frequency, stolen time, how interrupts are counted, what "
		"the generator can do, what a context switch costs.",
		NULL,
		NULL,
		NULL};
	struct doctor_options options = {0};
	struct arguments arguments = {0};
	char server[PATH_MAX];
	struct paths paths;
	struct error error;
	int result;

	command_line_read(&argp, argc, argv, &arguments);
	if (paths_find(&paths, &error) < 0)
		return command_fail(EXIT_FAILED, error.text);
	options.json = arguments.json;
	if (!arguments.quick && paths_join(server, paths.servers, "server-epoll", "") == 0 &&
	    access(server, X_OK) == 0) {
		options.server = server;
		options.load = paths.load_generator;
	}
	interrupt_watch();
	result = doctor_run(stdout, &options, NULL);
	if (result == -EINTR)
		return command_fail(EXIT_INTERRUPTED, "interrupted: not all has been looked at");
	return result < 0 ? command_fail(EXIT_FAILED, strerror(-result)) : EXIT_OK;
}
