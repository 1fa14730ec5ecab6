/* What a run found, as tables for the terminal, read from what it stored. */
#ifndef TENK_SUMMARY_H
#define TENK_SUMMARY_H

#include "stored/results.h"

#include <stdbool.h>
#include <stdio.h>

/* For each part the metrics of its charts, a row a server, a column a point; then the verdicts. */
void summary_print(const struct results *results, FILE *out);

/* The verdicts alone, as `tenk claims` prints them. Returns how many there are, or -errno. */
long summary_print_claims(const struct results *results, FILE *out);

/* The verdicts as results/SCHEMA.md has them. New reference; NULL: no memory. */
json_t *summary_claims_to_json(const struct results *results);

#endif
