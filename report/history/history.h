/* A history of runs, for people: as tables for the terminal, and as a picture. */
#ifndef TENK_REPORT_HISTORY_H
#define TENK_REPORT_HISTORY_H

#include "lib/error.h"
#include "stored/history/series.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * Machine by machine and cell by cell a line a metric: its last values as a sparkline, the last one, and
 * what changed; then all changes, shift by shift. `utf8`: the stream can show block characters.
 */
void history_print(const struct history_analysis *analysis, bool utf8, FILE *out);

struct history_output {
	const char *file;		/* NAME.svg: the picture alone; NAME.html: a page with it */
	const char *resource_directory; /* as of report.h */
	const char *gnuplot;		/* the program; NULL: "gnuplot" from PATH */
};

/*
 * Draws a panel for each metric of a cell, with all servers, run after run, and where they changed. 0;
 * -EINVAL with a message for another kind of file, and for an empty history; or another -errno with one.
 */
int history_write(const struct history_analysis *analysis, const struct history_output *output,
		  struct error *error);

#endif
