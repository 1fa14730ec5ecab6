#include "report/against.h"

#include "stored/metric.h"

#include <math.h>
#include <string.h>

/* A server of other people has its architecture where one of ours has its family. */
static bool is_loop(const struct part *part, const char *server)
{
	const json_t *servers = json_object_get(part->results->run, "servers");
	const json_t *described = json_find(servers, "name", server);

	return strcmp(json_string_of(described, "family"), "loops") == 0 ||
	       strcmp(json_string_of(described, "architecture"), "loops") == 0;
}

/* Whether any trial of it counts. */
static bool has_figures(const struct part *part, const char *server)
{
	struct part_outcomes outcomes = part_count(part, server, NULL);

	return outcomes.ok + outcomes.saturated > 0;
}

const char *against_server(const struct part *part)
{
	const char *loop = NULL, *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < part->server_count; i++) {
		const char *server = part->servers[i];

		if (!has_figures(part, server))
			continue;
		count++;
		if (strcmp(server, "epoll") == 0 || (!loop && is_loop(part, server)))
			loop = server;
		first = first ? first : server;
	}
	return count < 2 ? NULL : loop ? loop : first;
}

struct block_ratio against_ratio(const struct part *part, const char *server, const json_t *point,
				 const char *metric)
{
	const char *reference = against_server(part);
	const struct cell of = part_cell(part, server, point),
			  over = part_cell(part, reference, point);
	double percentile = metric_percentile(metric);
	struct block_ratio none = {.kind = BLOCK_RATIO_NO_VALUES};

	if (!reference || strcmp(server, reference) == 0 ||
	    (!isnan(percentile) && !(part_percentile_shown(part, server, point, percentile) &&
				     part_percentile_shown(part, reference, point, percentile))))
		return none;
	return block_ratio_find(part->results, &of, &over, metric, 0.95);
}
