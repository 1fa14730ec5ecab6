/* A demonstration on the terminal, or in plain lines. */
#ifndef TENK_DEMO_SHOW_H
#define TENK_DEMO_SHOW_H

#include "harness/demo/side.h"

#include <signal.h>
#include <stdio.h>

struct demo_show {
	FILE *out;
	bool redraws, colour, utf8;  /* what it can show */
	bool on_screen;		     /* the picture has the whole of it now */
	struct sigaction stop, quit; /* what Ctrl-Z and Ctrl-\ did before that */
	const struct demo_side *sides;
	uint64_t connections; /* of the first load, at the end */
	const char *fewer;    /* why these are fewer than they should be; "": they are not */
	unsigned seconds;
	size_t columns;		     /* that there will be */
	uint64_t begun_ns, drawn_ns; /* the first column, 0: it has not; the last look */
	size_t printed;		     /* columns, in plain lines */
	int failure;		     /* errno of what could not be shown; 0: all was */
};

/* `sides` are DEMO_SIDES, looked at whenever something is shown. */
void demo_show_init(struct demo_show *show, FILE *out, const struct demo_side *sides);

/* The picture begins; demo_show_end in any case then. */
void demo_show_begin(struct demo_show *show);

/* Shows what is new: often enough, and not more often than a few times a second. */
void demo_show_tick(struct demo_show *show);

/* Gives the terminal back, and leaves the last picture on it. */
void demo_show_end(struct demo_show *show);

/* What was shown in a sentence with its figures, what measures it, and the command that repeats it. */
void demo_show_conclude(struct demo_show *show);

#endif
