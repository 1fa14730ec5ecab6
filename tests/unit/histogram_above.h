/* How many values of a histogram lie above the slot of a value. */
#ifndef TENK_TESTS_HISTOGRAM_ABOVE_H
#define TENK_TESTS_HISTOGRAM_ABOVE_H

#include "lib/histogram.h"

#include <stdlib.h>

struct histogram_above {
	uint64_t limit_ns, count;
};

static inline void histogram_above_limit(void *context, uint64_t value_ns, uint64_t count)
{
	struct histogram_above *above = (struct histogram_above *)context;

	(void)count;
	above->limit_ns = value_ns;
}

static inline void histogram_above_count(void *context, uint64_t value_ns, uint64_t count)
{
	struct histogram_above *above = (struct histogram_above *)context;

	above->count += value_ns > above->limit_ns ? count : 0;
}

static inline uint64_t histogram_count_above(const struct histogram *histogram, uint64_t value_ns)
{
	struct histogram *alone = (struct histogram *)malloc(sizeof *alone);
	struct histogram_above above = {0, 0};

	histogram_init(alone);
	histogram_record(alone, value_ns);
	histogram_visit(alone, histogram_above_limit, &above);
	free(alone);
	histogram_visit(histogram, histogram_above_count, &above);
	return above.count;
}

#endif
