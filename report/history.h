/* A history of runs, for people: as tables for the terminal, and as a picture. */
#ifndef TENK_REPORT_HISTORY_H
#define TENK_REPORT_HISTORY_H

#include "lib/error.h"
#include "stored/history_series.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * Machine by machine and cell by cell a line a metric: its last values as a sparkline, the last one, and
 * what changed; then all changes, shift by shift. `utf8`: the stream can show block characters.
 */
void history_print(const struct history_analysis *analysis, bool utf8, FILE *out);

#endif
