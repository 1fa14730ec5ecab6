#include "report/against.h"

#include "report/format.h"
#include "report/points.h"
#include "stored/environment.h"
#include "stored/ladder_end.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { METRICS_MOST = 3 };

const char against_caution[] =
	"Absolute figures of different machines, or of different hours of one machine, are no comparison of "
	"servers. Ratios are: within each run both servers met the same machine, in the same blocks.";

const char against_brackets[] =
	"Medians; in brackets the 95 % interval, or the range where there are fewer than 6 trials.";

/* What is set side by side of each kind of part. */
static const char *const metrics_of[][METRICS_MOST] = {
	[PART_RATE] = {"requests_per_s", "server_cpu_per_request_ns", "latency_p99_ns"},
	[PART_LATENCY] = {"latency_p50_ns", "latency_p99_ns", "server_cpu_per_request_ns"},
	[PART_MEMORY] = {"total_per_connection_bytes", "resident_per_connection_bytes"},
};

char against_letter(size_t run)
{
	return (char)('A' + run);
}

void against_differences(const struct against *against, size_t run, char *list, size_t size)
{
	*list = '\0';
	environments_differ(json_object_get(against->runs[0]->run, "environment"),
			    json_object_get(against->runs[run]->run, "environment"), list, size);
}

/* --- the parts of all runs ---------------------------------------------------------------------- */

static size_t parts_count(const struct results *results)
{
	const json_t *scenarios = json_object_get(results->run, "scenarios");
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(scenarios); i++)
		count += json_array_size(json_object_get(json_array_get(scenarios, i), "parts"));
	return count;
}

static int parts_read(struct against *against, const struct results *results)
{
	const json_t *scenario, *json;
	size_t i, j;

	json_array_foreach(json_object_get(results->run, "scenarios"), i, scenario)
	{
		json_array_foreach(json_object_get(scenario, "parts"), j, json)
		{
			struct part *part = &against->parts[against->part_count];

			if (part_init(part, results, scenario, json) < 0)
				return -ENOMEM;
			against->part_count++;
		}
	}
	return 0;
}

/* The part of that name in a run; NULL: it has none. */
static const struct part *part_in(const struct against *against, size_t run,
				  const struct part *like)
{
	for (size_t i = 0; i < against->part_count; i++) {
		const struct part *part = &against->parts[i];

		if (part->results == against->runs[run] && strcmp(part->id, like->id) == 0)
			return part;
	}
	return NULL;
}

/* --- tables ------------------------------------------------------------------------------------- */

static struct summary summary_of_ladder(const struct part *part, const char *server)
{
	const struct cell cell = part_cell(part, server, NULL);
	double held = part_count(part, server, NULL).all
			      ? ladder_find_end(part->results, &cell).held
			      : NAN;

	return statistics_summarise(&held, 1, 0.95);
}

static void value_read(struct against_value *value, const struct part *part,
		       const struct against_table *table, const struct against_row *row)
{
	if (!table->metric) {
		value->summary = summary_of_ladder(part, row->server);
		return;
	}
	value->summary = part_shown_summary(part, row->server, row->point, table->metric);
	value->bound = part_value_is_bound(part, row->server, row->point, table->metric);
	if (part->against && table->part->against &&
	    strcmp(part->against, table->part->against) == 0)
		value->ratio = part_ratio(part, row->server, row->point, table->metric);
}

/* Both ends of both are known: of a bound nothing could be said against. */
static bool is_shared(const struct block_ratio *a, const struct block_ratio *b)
{
	return a->summary.count && b->summary.count && !a->why && !b->why;
}

static bool overlap(const struct summary *a, const struct summary *b)
{
	return a->low <= b->high && b->low <= a->high;
}

/* The row is kept if the first run has a figure and another one too. */
static void row_add(struct against *against, struct against_table *table, const char *server,
		    const json_t *point)
{
	struct against_row *row = &table->rows[table->count];
	bool any = false;

	*row = (struct against_row){.server = server, .point = point};
	for (size_t run = 0; run < against->run_count; run++) {
		const struct part *part = part_in(against, run, table->part);
		struct against_value *value = &row->values[run];

		if (part)
			value_read(value, part, table, row);
		if (run == 0 || row->values[0].summary.count == 0 || value->summary.count == 0)
			continue;
		any = true;
		if (is_shared(&row->values[0].ratio, &value->ratio)) {
			against->shared++;
			against->alike += overlap(&row->values[0].ratio.summary,
						  &value->ratio.summary);
		}
	}
	table->count += any;
}

/* A table with a metric of a part (NULL: how far its ladder came), if runs have it in common. */
static int table_add(struct against *against, const struct part *part, const char *metric)
{
	struct against_table *table = &against->tables[against->count];
	const json_t *descriptor = metric ? results_metric(part->results, metric) : NULL;
	bool over_all = !metric || json_is_string(json_object_get(descriptor, "slope_of"));
	size_t points = 0;
	const json_t **sorted;

	if (metric && !descriptor)
		return 0;
	sorted = points_sort(part, &points);
	*table = (struct against_table){
		.part = part,
		.metric = metric,
		.title = metric ? json_string_of(descriptor, "title") : "Connections held",
		.unit = metric ? json_string_of(descriptor, "unit") : "count"};
	table->rows = calloc(part->server_count * (over_all ? 1 : points) + 1, sizeof *table->rows);
	if (!sorted || !table->rows) {
		free(sorted);
		free(table->rows);
		return -ENOMEM;
	}
	for (size_t i = 0; i < (over_all ? 1 : points); i++)
		for (size_t j = 0; j < part->server_count; j++)
			row_add(against, table, part->servers[j], over_all ? NULL : sorted[i]);
	free(sorted);
	if (table->count)
		against->count++;
	else
		free(table->rows);
	return 0;
}

/* Of too few counts of connections for a slope, what all of them take. */
static int tables_of(struct against *against, const struct part *part)
{
	static const char *const whole[] = {"total_bytes", "resident_bytes"};
	size_t before = against->count;
	int result = 0;

	if (ladder_is(part->json))
		return table_add(against, part, NULL);
	for (size_t i = 0; i < METRICS_MOST && metrics_of[part->kind][i] && result == 0; i++)
		result = table_add(against, part, metrics_of[part->kind][i]);
	for (size_t i = 0; i < sizeof whole / sizeof *whole && result == 0; i++)
		if (part->kind == PART_MEMORY && against->count == before)
			result = table_add(against, part, whole[i]);
	return result;
}

int against_make(struct against *against, const struct results *const *runs, size_t run_count)
{
	size_t parts = 0, first = parts_count(runs[0]);
	int result = 0;

	*against = (struct against){.runs = runs, .run_count = run_count};
	for (size_t i = 0; i < run_count; i++)
		parts += parts_count(runs[i]);
	against->parts = calloc(parts + 1, sizeof *against->parts);
	against->tables = calloc(first * METRICS_MOST + 1, sizeof *against->tables);
	if (!against->parts || !against->tables)
		return -ENOMEM;
	for (size_t i = 0; i < run_count && result == 0; i++)
		result = parts_read(against, runs[i]);
	for (size_t i = 0; i < first && result == 0; i++)
		result = tables_of(against, &against->parts[i]);
	return result;
}

void against_destroy(struct against *against)
{
	for (size_t i = 0; i < against->count; i++)
		free(against->tables[i].rows);
	for (size_t i = 0; i < against->part_count; i++)
		part_destroy(&against->parts[i]);
	free(against->tables);
	free(against->parts);
	*against = (struct against){0};
}

void against_append_answer(struct text_buffer *out, const struct against *against)
{
	if (against->shared == 0)
		text_append(out, "These runs share figures, but no ratio between servers.");
	else
		text_append_format(
			out,
			"Of %zu ratios between servers that A shares with %s, %zu agree: their "
			"intervals overlap.",
			against->shared, against->run_count > 2 ? "the others" : "B",
			against->alike);
}
