/* The points of a part in the order of their values. */
#ifndef TENK_REPORT_POINTS_H
#define TENK_REPORT_POINTS_H

#include "report/part.h"

/* Those that were looked at, ascending, axis by axis. malloc'ed, its elements the part's; NULL: no memory. */
const json_t **points_sort(const struct part *part, size_t *count);

#endif
