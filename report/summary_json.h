/* A report for programs: what was found, answers, verdicts and figures, as results/SCHEMA.md has it. */
#ifndef TENK_REPORT_SUMMARY_JSON_H
#define TENK_REPORT_SUMMARY_JSON_H

#include "report/section.h"

/* All of summary.json. New reference; NULL: no memory. */
json_t *summary_to_json(const struct report *report);

#endif
