/*
 * A metric as its descriptor in run.json has it (results/SCHEMA.md), and what its key says. A
 * descriptor may be NULL: of a metric that the run does not know.
 */
#ifndef TENK_METRIC_H
#define TENK_METRIC_H

#include "lib/units.h"

#include <jansson.h>
#include <stdbool.h>

/* How its values are written; a count if that is not known. */
enum unit_kind metric_unit(const json_t *descriptor);

/* The metric whose slope over connections it is, borrowed; NULL: it is stored itself. */
const char *metric_slope_of(const json_t *descriptor);

/* From how many connections on a slope takes heed of a trial. */
double metric_slope_from(const json_t *descriptor);

/* Whether it is a rate that a server was driven to, which can be a lower bound of what it could do. */
bool metric_is_rate(const char *key);

/* The percentile that a key names ("latency_p99_9_ns": 0.999); NAN if it names none. */
double metric_percentile(const char *key);

/*
 * The smallest ratio beyond 1 that matters (docs/method.md): 3 % for the median of response times,
 * 10 % for their tail, 2 % for everything else.
 */
double metric_smallest_difference(const char *key);

#endif
