/* What a stream's terminal can show. */
#ifndef TENK_LIB_TERMINAL_H
#define TENK_LIB_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* Whether it is a terminal in which a line can be drawn again: one, and TERM is not "dumb". */
bool terminal_can_redraw(FILE *stream);

/* The same for colours, which NO_COLOR, unless empty, switches off (no-color.org). */
bool terminal_has_colour(FILE *stream);

/* How many columns it has; what COLUMNS says, else `otherwise`, where it is no terminal. */
int terminal_width(FILE *stream, int otherwise);

/* How many lines it has; `otherwise` where it is no terminal. */
int terminal_height(FILE *stream, int otherwise);

/* Whether the locale of the environment is one of UTF-8: LC_ALL, LC_CTYPE, LANG, the first that is set. */
bool terminal_has_utf8(void);

#endif
