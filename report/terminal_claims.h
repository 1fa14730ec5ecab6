/* The verdicts of runs as a table for the terminal, and as Markdown. */
#ifndef TENK_REPORT_TERMINAL_CLAIMS_H
#define TENK_REPORT_TERMINAL_CLAIMS_H

#include "stored/claims/collection.h"

#include <stdio.h>

/*
 * A claim in two lines of 80 columns: its verdict and factor; what was measured against what is claimed, on which
 * server, in how many blocks. Then how many there are of each verdict. `full`: also what it says and who says
 * so, the verdicts on other metrics, how the set-up differs, and from what it was decided.
 */
void terminal_print_collection(const struct claims_collection *collection, bool full, FILE *out);

/* The same of one run. Returns how many verdicts there are, or -errno. */
long terminal_print_claims(const struct results *results, bool full, FILE *out);

/* "46 claims: 12 reproduced, 20 refuted here ...", and a newline. */
void terminal_print_claims_count(const struct claims_collection *collection, FILE *out);

/*
 * The same as a table in Markdown; `full`: then each claim under a heading of its own, with the paragraph that
 * explains its verdict.
 */
void markdown_print_collection(const struct claims_collection *collection, bool full, FILE *out);

#endif
