/* What the suite found, for people and for machines. */
#ifndef TENK_CHECK_REPORT_H
#define TENK_CHECK_REPORT_H

#include "harness/check/check.h"

/*
 * A grid of rows and servers, then every failure and difference, those that are known with their
 * reasons, then the line "N rows x M servers: K passed, F failed[, D known to differ]". `verbose`:
 * also what each row asks for, and the rule; and what came where a server is known to differ.
 */
void check_suite_print(const struct check_suite *suite, FILE *out, bool verbose);

/*
 * {"schema":1,"servers":[],"rows":[{"name","group","section","what"}],"passed","failed",
 *  "known","failures":[{"row","server","kind":"failed|differs|stale","expected","came"}],
 *  "known_differences":[{"row","server","reason","expected","came"}]}. NULL: no memory.
 */
json_t *check_suite_json(const struct check_suite *suite);

/* The page docs/conformance.md: totals, grid, known differences. 0, or -1 for want of memory. */
int check_suite_print_markdown(const struct check_suite *suite, FILE *out);

#endif
