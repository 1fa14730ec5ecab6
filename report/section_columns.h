/* The columns of a part's tables: which metrics they show. Private to the sections of data. */
#ifndef TENK_REPORT_SECTION_COLUMNS_H
#define TENK_REPORT_SECTION_COLUMNS_H

#include "report/page.h"
#include "report/part.h"

enum { METRICS_MAX = 10, COLUMNS_MAX = 2 * METRICS_MAX + 4 };

struct metric_column {
	const char *metric, *title;
};

/*
 * Those of the columns that have a value somewhere in the part (over_points: as slopes over its points).
 * Returns their number.
 */
size_t section_columns_present(const struct metric_column *wanted, const struct part *part,
			       bool over_points, const struct metric_column *present[METRICS_MAX]);

/* section_lines.c: what a connection costs, as slopes over their counts; nothing where there are none. */
void section_lines(struct page *page, const struct part *part);

#endif
