/* What a run found, as tables for the terminal, read from what it stored. */
#ifndef TENK_TERMINAL_H
#define TENK_TERMINAL_H

#include "stored/results.h"

#include <stdbool.h>
#include <stdio.h>

/* For each part the metrics of its charts, a row a server, a column a point; then the verdicts. */
void terminal_print(const struct results *results, FILE *out);

/* The verdicts alone, as `tenk claims` prints them. Returns how many there are, or -errno. */
long terminal_print_claims(const struct results *results, FILE *out);

#endif
