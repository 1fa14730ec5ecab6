/* What a stream's terminal can show. */
#ifndef TENK_TERMINAL_H
#define TENK_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* Whether it is a terminal in which a line can be drawn again: one, and TERM is not "dumb". */
bool terminal_can_redraw(FILE *stream);

/* The same for colours, which NO_COLOR, unless empty, switches off (no-color.org). */
bool terminal_has_colour(FILE *stream);

#endif
