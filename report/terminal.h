/* What a run found, as tables for the terminal, read from what it stored. */
#ifndef TENK_TERMINAL_H
#define TENK_TERMINAL_H

#include "stored/results.h"

#include <stdio.h>

/* What it takes of a terminal at most; its columns are PLAIN_COLUMNS. */
enum { TERMINAL_LINES = 18 };

/*
 * What was found, in sentences, one table of the servers, and what to bear in mind, in so many lines and
 * columns. Signs are those of the locale. 0 or -ENOMEM.
 */
int terminal_print(const struct results *results, FILE *out);

/* For each part the metrics of its charts, a row a server, a column a point; then the verdicts. */
void terminal_print_tables(const struct results *results, FILE *out);

#endif
