/* What the files of the JSON report have in common. Internal to it; all return new references. */
#ifndef TENK_REPORT_JSON_PARTS_H
#define TENK_REPORT_JSON_PARTS_H

#include "loadgen/run.h"

#include <jansson.h>

json_t *json_count(uint64_t value);

/* Null for what is not known, and for NULL. */
json_t *json_count_or_null(bool known, uint64_t value);
json_t *json_real_or_null(bool known, double value);
json_t *json_text_or_null(const char *text);

/* Values from the bound on are lower bounds (UINT64_MAX: none is); their names are listed. */
json_t *json_distribution(const struct run *run, const struct histogram *histogram,
			  uint64_t bound_ns);

/* Answers by their status, those that came; errors by class; the slots that are not empty. */
json_t *json_statuses(const struct result *total);
json_t *json_errors(const uint64_t errors[ERROR_CLASSES]);
json_t *json_histogram(const struct histogram *histogram);

/* report_json_mix.c: what came of a part of the load; each kind of a mix, none if it is of one request. */
json_t *json_tally(const struct run *run, const struct tally *tally);
json_t *json_mix(const struct run *run);

/* report_json_ranks.c: "ranks", each by itself, empty where there is one process, and "partial". */
json_t *json_ranks(const struct run *run);

/* RUN_GENERATOR_ bits by their names. */
json_t *json_bottleneck(unsigned spoiled);

/* report_json_measured.c: what was measured of all requests, in the order of results/SCHEMA.md. */
json_t *json_measured(const struct run *run);

#endif
