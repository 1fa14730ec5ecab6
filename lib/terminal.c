#include "lib/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool terminal_can_redraw(FILE *stream)
{
	const char *terminal = getenv("TERM");

	return isatty(fileno(stream)) == 1 && terminal && strcmp(terminal, "dumb") != 0;
}

bool terminal_has_colour(FILE *stream)
{
	const char *no_colour = getenv("NO_COLOR");

	return terminal_can_redraw(stream) && !(no_colour && *no_colour);
}
