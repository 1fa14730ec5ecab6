#include "report/section_columns.h"

#include "report/kinds.h"
#include "report/lines.h"
#include "stored/metric.h"

#include <string.h>

size_t section_columns_present(const struct metric_column *wanted, const struct part *part,
			       bool over_points, const struct metric_column *present[METRICS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < METRICS_MAX && wanted[i].metric; i++) {
		bool any = false;

		/* Response times of quick and slow requests together are of neither. */
		if (kinds_count(part) > 0 && strncmp(wanted[i].metric, "latency_", 8) == 0 &&
		    !metric_kind(wanted[i].metric))
			continue;
		for (size_t j = 0; j < part->server_count && !any; j++)
			for (size_t k = 0; k < (over_points ? 1 : part->point_count) && !any; k++)
				any = part_summary(part, part->servers[j],
						   over_points ? NULL : part->points[k],
						   wanted[i].metric)
						      .count > 0 ||
				      (over_points &&
				       lines_is_none(part, part->servers[j], wanted[i].metric));
		if (any)
			present[count++] = &wanted[i];
	}
	return count;
}
