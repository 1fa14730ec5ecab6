#include "report/figures.h"

#include "report/part.h"
#include "stored/ladder_end.h"
#include "stored/metric.h"

#include <math.h>

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *describe_summary(const struct summary *summary)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:I}", "median", number(summary->median), "low",
			 number(summary->low), "high", number(summary->high), "coverage",
			 number(summary->coverage), "trials", (json_int_t)summary->count);
}

/* How a server stands to part->against within blocks; nothing where that is not known. */
static void add_ratio(json_t *figure, const struct part *part, const char *server,
		      const json_t *point, const char *metric)
{
	struct block_ratio ratio = part_ratio(part, server, point, metric);
	const struct summary *summary = &ratio.summary;

	if (summary->count > 0)
		json_object_set_new(figure, "ratio",
				    json_pack("{s:s, s:o, s:o, s:o, s:o, s:I}", "to", part->against,
					      "estimate", number(summary->median), "low",
					      number(summary->low), "high", number(summary->high),
					      "coverage", number(summary->coverage), "blocks",
					      (json_int_t)summary->count));
}

/* Of one point the stored metrics, of no point (NULL) those that are slopes over connections. */
static json_t *describe_metrics(const struct part *part, const char *server, const json_t *point)
{
	const json_t *descriptors = json_object_get(part->results->run, "metrics"), *descriptor;
	json_t *metrics = json_object();
	size_t i;

	json_array_foreach(descriptors, i, descriptor)
	{
		const char *key = json_string_of(descriptor, "key");
		struct summary summary;
		json_t *figure;

		if ((metric_slope_of(descriptor) != NULL) == (point != NULL))
			continue;
		summary = part_shown_summary(part, server, point, key);
		if (summary.count == 0)
			continue;
		figure = describe_summary(&summary);
		if (metric_compared_by(descriptor) == METRIC_BY_RATIO)
			add_ratio(figure, part, server, point, key);
		json_object_set_new(metrics, key, figure);
	}
	return metrics;
}

static json_t *describe_ladder(const struct part *part, const char *server)
{
	const struct cell cell = part_cell(part, server, NULL);
	struct ladder_end end;

	if (!ladder_is(part->json))
		return json_null();
	end = ladder_find_end(part->results, &cell);
	return json_pack("{s:o, s:o, s:s}", "held", number(end.held), "not_held", number(end.next),
			 "limit", *end.limit ? end.limit : end.text);
}

static void add_cell(json_t *cells, const struct part *part, const char *server,
		     const json_t *point)
{
	struct part_outcomes outcomes = part_count(part, server, point);
	json_t *metrics, *cell;

	if (outcomes.all == 0)
		return;
	metrics = describe_metrics(part, server, point);
	if (!point && json_object_size(metrics) == 0 && !ladder_is(part->json)) {
		json_decref(metrics);
		return;
	}
	cell = json_pack("{s:s, s:s, s:s, s:O?, s:{s:I, s:I, s:I, s:I}, s:b, s:o}", "scenario",
			 json_string_of(part->scenario, "name"), "part", part_text(part, "name"),
			 "server", server, "point", point, "trials", "ok", (json_int_t)outcomes.ok,
			 "saturated", (json_int_t)outcomes.saturated, "failed",
			 (json_int_t)outcomes.failed, "invalid", (json_int_t)outcomes.invalid,
			 "rate_is_lower_bound", part_rate_is_bound(part, server, point), "metrics",
			 metrics);
	if (!point)
		json_object_set_new(cell, "ladder", describe_ladder(part, server));
	json_array_append_new(cells, cell);
}

static void add_part(json_t *cells, const struct part *part)
{
	for (size_t i = 0; i < part->server_count; i++) {
		for (size_t j = 0; j < part->point_count; j++)
			add_cell(cells, part, part->servers[i], part->points[j]);
		add_cell(cells, part, part->servers[i], NULL);
	}
}

json_t *figures_to_json(const struct results *results)
{
	const json_t *scenario, *json;
	json_t *cells = json_array();
	struct part part;
	size_t i, j;

	json_array_foreach(json_object_get(results->run, "scenarios"), i, scenario)
	{
		json_array_foreach(json_object_get(scenario, "parts"), j, json)
		{
			if (part_init(&part, results, scenario, json) < 0) {
				json_decref(cells);
				return NULL;
			}
			add_part(cells, &part);
			part_destroy(&part);
		}
	}
	return cells;
}
