/* What the formats for machines share: names as JSON has them, and the interval laid around B. */
#ifndef TENK_COMPARE_NAMES_H
#define TENK_COMPARE_NAMES_H

#include "stored/comparison/comparison.h"

/* The text as a JSON string, as it is but for what is no UTF-8. New reference; NULL: no memory. */
json_t *names_json(const char *text);

/* "Server CPU per request (throughput, 64 connections)", cut to at most so many bytes. The same. */
json_t *names_subject(const struct comparison *comparison, size_t most);

/*
 * Of what tracks single values and not comparisons: the interval of the change, laid around the value of B.
 * NAN where a bound is not known.
 */
struct bounds {
	double low, high;
};
struct bounds names_bounds_of_b(const struct comparison *comparison);

#endif
