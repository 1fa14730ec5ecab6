/* tenk agent: runs servers on this machine for a tenk on another one, which starts it by ssh. */
#include "harness/command/command.h"
#include "harness/trial/server_agent.h"
#include "lib/command_line.h"

#include <stdio.h>
#include <unistd.h>

static const char documentation[] =
	"Starts, samples and stops servers for a tenk on another machine: `tenk run --server-host` starts "
	"it by ssh and ends it. It talks on its standard input and output, and is nothing to be typed."
	"\vWhen the connection ends it ends its server and itself. docs/many-machines.md tells more.";

int command_agent(int argc, char **argv)
{
	static const struct argp argp = {NULL, NULL, "", documentation, NULL, NULL, NULL};
	struct error error = {""};

	command_line_read(&argp, argc, argv, NULL);
	if (isatty(STDIN_FILENO))
		return command_fail(EXIT_USAGE,
				    "tenk agent is started by tenk run --server-host on "
				    "another machine, not by hand");
	if (server_agent_run(STDIN_FILENO, STDOUT_FILENO, &error) < 0)
		return command_fail(EXIT_FAILED, error.text);
	return EXIT_OK;
}
