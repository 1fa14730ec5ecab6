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
 *  "known_differences":[{"row","server","reason","expected","came"}],
 *  "details":[{"server","own","version","known":[{"row","reason"}],"not_applicable":[]}]}, where
 * "known" has also what is known to differ sometimes and did not. NULL: no memory.
 */
json_t *check_suite_json(const struct check_suite *suite);

#endif
