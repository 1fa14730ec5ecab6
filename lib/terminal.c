#include "lib/terminal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

int terminal_width(FILE *stream, int otherwise)
{
	const char *columns = getenv("COLUMNS");
	long said = columns ? strtol(columns, NULL, 10) : 0;
	struct winsize size;

	if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return said > 0 && said < USHRT_MAX ? (int)said : otherwise;
}

int terminal_height(FILE *stream, int otherwise)
{
	struct winsize size;

	return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row
										: otherwise;
}

bool terminal_has_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *locale = getenv(names[i]);

		if (locale && *locale)
			return strcasestr(locale, "utf-8") || strcasestr(locale, "utf8");
	}
	return false;
}
