/*
 * A metric as its descriptor in run.json has it (results/SCHEMA.md), and what its key says. A
 * descriptor may be NULL: of a metric that the run does not know. Where one lacks what came later, since
 * an older tenk wrote it, what its key and unit say stands in.
 */
#ifndef TENK_METRIC_H
#define TENK_METRIC_H

#include "lib/units.h"

#include <jansson.h>
#include <stdbool.h>

/* How two values are set against each other (docs/statistics.md). */
enum metric_comparison {
	METRIC_BY_RATIO,      /* by their logarithms */
	METRIC_BY_DIFFERENCE, /* what is nearly constant or near zero: memory, system calls */
	METRIC_BY_COUNT,      /* rare events, by an exact test of their numbers: errors */
	METRIC_COMPARISONS
};

/* How its values are written; a count if that is not known. */
enum unit_kind metric_unit(const json_t *descriptor);

/* The metric whose slope over connections it is, borrowed; NULL: it is stored itself. */
const char *metric_slope_of(const json_t *descriptor);

/* Whether it is no slope, but the most that there was at any count of connections: how far a ladder came. */
bool metric_is_most(const json_t *descriptor);

/* From how many connections on a slope takes heed of a trial. */
double metric_slope_from(const json_t *descriptor);

enum metric_comparison metric_compared_by(const json_t *descriptor);

/* "ratio", "difference", "count": as the descriptor has it. */
const char *metric_comparison_word(enum metric_comparison comparison);

/* The smallest ratio beyond 1 that matters: 0.02 is 2 %. */
double metric_smallest_difference(const json_t *descriptor);

/*
 * Of one that is compared by difference, in its unit: less than this does not matter, nor does less than
 * the ratio above of what it is compared with. Of one that is compared by count, a rise for each of what there
 * was to go wrong.
 */
double metric_smallest_absolute(const json_t *descriptor);

/*
 * Whether its values are lower bounds in trials that say so (`rate_is_lower_bound`): a rate that a
 * server was not driven to. Such a value is not ranked and decides only what a bound can.
 */
bool metric_may_be_lower_bound(const json_t *descriptor);

/* "quick" of "latency_p99_ns@quick", borrowed: of a mix's requests of that kind; NULL: of all. */
const char *metric_kind(const char *key);

/*
 * The descriptor of a key, borrowed. Where there is none of a kind's, since it is not known yet which kinds there are,
 * that of all requests, if kinds have such a metric (`kinds`). NULL: no metric has that key.
 */
const json_t *metric_find(const json_t *descriptors, const char *key);

/* How many response times of a trial are behind such a metric: those of its kind; NAN: not known. */
double metric_responses(const char *key, const json_t *trial);

/* The percentile that a key names ("latency_p99_9_ns": 0.999); NAN if it names none. */
double metric_percentile(const char *key);

#endif
