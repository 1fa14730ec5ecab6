/*
 * How far something long is: one line that is redrawn on a terminal, a plain line every ten seconds elsewhere. On
 * stderr, so that results on stdout can be piped.
 */
#ifndef TENK_PROGRESS_LINE_H
#define TENK_PROGRESS_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress_line {
	bool terminal, colour, drawn;
	uint64_t shown_ns; /* when it was drawn last, or began */
};

struct progress_state {
	size_t done, total;
	const char *things; /* "trials" */
	double share;	    /* of the whole, from 0 to 1 */
	double left_s;	    /* NAN: not known yet */
	bool at_most;	    /* it may be over earlier */
	const char *doing;
};

/* Colour needs a terminal and no NO_COLOR. Times are of CLOCK_MONOTONIC. */
void progress_line_init(struct progress_line *line, uint64_t now_ns);

/* Whether it is time to draw it again: ten times a second, or every ten seconds. */
bool progress_line_is_due(const struct progress_line *line, uint64_t now_ns);

void progress_line_draw(struct progress_line *line, const struct progress_state *state,
			uint64_t now_ns);

/* Clears the line, so that something else can be printed. */
void progress_line_clear(struct progress_line *line);

#endif
