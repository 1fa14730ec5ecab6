/* A run for the person at the terminal: one screen. */
#ifndef TENK_REPORT_TEXT_H
#define TENK_REPORT_TEXT_H

#include "loadgen/run.h"

#include <stdio.h>

/* Writes to `out`; with `colour`, headings are bold and what is wrong is red. */
void report_text_write(const struct run *run, FILE *out, bool colour);

/* What was not well, in half a sentence; NULL if all was. */
const char *report_text_outcome(enum run_outcome outcome);

#endif
