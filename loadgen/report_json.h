/* A run as JSON, the way results/SCHEMA.md says: the truth that programs read. */
#ifndef TENK_REPORT_JSON_H
#define TENK_REPORT_JSON_H

#include "loadgen/run.h"

#include <jansson.h>

/* A new reference; NULL when out of memory. argv is the command as typed. */
json_t *report_json_make(const struct run *run, int argc, char **argv);

#endif
