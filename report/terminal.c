#include "report/terminal.h"

#include "stored/claims.h"
#include "stored/ladder_end.h"
#include "stored/axis.h"
#include "stored/blocks.h"
#include "stored/codes.h"
#include "stored/metric.h"
#include "lib/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_WIDTH = 34, CELL_WIDTH = 17, POINTS_MOST = 12, METRICS_MOST = 5 };

/* Which metrics tell what a chart shows. */
static const struct headline {
	const char *chart;
	const char *metrics[METRICS_MOST];
	bool by_point; /* a column for each point, or (slopes) one value for all of them */
} headlines[] = {
	{"throughput", {"requests_per_s"}, true},
	{"cpu", {"server_cpu_per_request_ns"}, true},
	{"latency", {"latency_p50_ns", "latency_p99_ns"}, true},
	{"memory",
	 {"virtual_per_connection_bytes", "resident_per_connection_bytes",
	  "kernel_per_connection_bytes", "total_per_connection_bytes",
	  "kernel_both_ends_per_connection_bytes"},
	 false},
};

/* Whether the rate of a cell is "at least": any of its trials was not limited by the server. */
static bool is_lower_bound(const struct results *results, const struct cell *cell)
{
	for (size_t i = 0; i < results->trial_count; i++)
		if (results_trial_matches(results->trials[i], cell) &&
		    results_trial_counts(results->trials[i]) &&
		    json_is_true(json_object_get(results->trials[i], "rate_is_lower_bound")))
			return true;
	return false;
}

/* Whether the cell was left out because the model cannot hold as many connections. */
static bool is_beyond_model(const struct results *results, const struct cell *cell)
{
	for (size_t i = 0; i < results->trial_count; i++)
		if (results_trial_matches(results->trials[i], cell) &&
		    trial_has_code(results->trials[i], TRIAL_CODE_MODEL))
			return true;
	return false;
}

static void print_cell(const struct results *results, const struct cell *cell, const char *metric,
		       FILE *out)
{
	const json_t *descriptor = results_metric(results, metric);
	struct summary summary = blocks_summary(results, cell, metric);
	char value[32], text[64];
	bool bound = strcmp(metric, "requests_per_s") == 0 && is_lower_bound(results, cell);

	if (summary.count == 0) {
		snprintf(text, sizeof text, "%s",
			 is_beyond_model(results, cell)			   ? "over limit"
			 : results_count_outcome(results, cell, "failed")  ? "failed"
			 : results_count_outcome(results, cell, "invalid") ? "invalid"
									   : "-");
	} else {
		double spread = summary.median != 0
					? 50 * (summary.high - summary.low) / fabs(summary.median)
					: 0;
		char around[24] = " ±?"; /* one trial has no spread */

		if (summary.count > 1)
			snprintf(around, sizeof around, " ±%.*f%%", spread < 9.95 ? 1 : 0, spread);
		snprintf(text, sizeof text, "%s%s%s", bound ? ">=" : "",
			 units_format(metric_unit(descriptor), summary.median, value, sizeof value),
			 around);
	}
	/* "±" is two bytes and one column. */
	fprintf(out, "%*s", CELL_WIDTH + (strstr(text, "±") ? 1 : 0), text);
}

static void print_point(const json_t *point, FILE *out)
{
	const char *axis;
	const json_t *value;
	char text[64] = "", number[32];

	json_object_foreach((json_t *)(uintptr_t)point, axis, value)
	{
		enum axis_kind known = axis_find(axis);
		enum unit_kind kind = units_kind_named(known < AXIS_COUNT ? axis_at(known)->unit
									  : "");

		if (*text)
			strncat(text, " ", sizeof text - strlen(text) - 1);
		if (kind == UNIT_COUNT)
			snprintf(number, sizeof number, "%.10g", json_number_value(value));
		else
			units_format(kind, json_number_value(value), number, sizeof number);
		strncat(text, number, sizeof text - strlen(text) - 1);
	}
	fprintf(out, "%*s", CELL_WIDTH, text);
}

/* The points of a part in ascending order of their first appearance in sorted order. */
static size_t collect_points(const struct results *results, const char *scenario,
			     const json_t *part, const json_t **points)
{
	struct cell cell = {scenario, json_string_value(json_object_get(part, "name")), NULL, NULL};
	size_t count = 0;

	for (size_t i = 0; i < results->trial_count; i++) {
		const json_t *point = json_object_get(results->trials[i], "point");
		bool known = !results_trial_matches(results->trials[i], &cell);

		for (size_t j = 0; j < count && !known; j++)
			known = json_equal(points[j], point);
		if (!known && count < POINTS_MOST)
			points[count++] = point;
	}
	return count;
}

static int compare_points(const void *left, const void *right)
{
	const json_t *a = *(const json_t *const *)left, *b = *(const json_t *const *)right;
	const char *axis;
	const json_t *value;

	json_object_foreach((json_t *)(uintptr_t)a, axis, value)
	{
		double x = json_number_value(value),
		       y = json_number_value(json_object_get(b, axis));

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

/* Of the column of names: the longest of this part's servers has to fit. */
static int name_width(const json_t *part)
{
	int width = NAME_WIDTH - 2;
	const json_t *server;
	size_t i;

	json_array_foreach(json_object_get(part, "servers"), i, server)
	{
		int length = (int)json_string_length(server);

		if (length > width)
			width = length;
	}
	return width;
}

static void print_by_point(const struct results *results, const char *scenario, const json_t *part,
			   const char *metric, FILE *out)
{
	const json_t *points[POINTS_MOST], *server;
	size_t count = collect_points(results, scenario, part, points), i;
	int width = name_width(part);
	const char *axis = json_object_iter_key(
		json_object_iter(count ? (json_t *)(uintptr_t)points[0] : NULL));

	qsort(points, count, sizeof *points, compare_points);
	fprintf(out, "\n  %-*s", axis ? width : 0,
		json_string_value(json_object_get(results_metric(results, metric), "title")));
	for (i = 0; axis && i < count; i++)
		print_point(points[i], out);
	fprintf(out, "%s%s\n", axis ? "   " : "", axis ? axis : "");
	json_array_foreach(json_object_get(part, "servers"), i, server)
	{
		struct cell cell = {scenario, json_string_value(json_object_get(part, "name")),
				    json_string_value(server), NULL};

		fprintf(out, "  %-*s", width, cell.server);
		for (size_t j = 0; j < count; j++) {
			cell.point = points[j];
			print_cell(results, &cell, metric, out);
		}
		fputc('\n', out);
	}
}

/* Whether any server of the part has a figure. */
static bool part_has(const struct results *results, const char *scenario, const json_t *part,
		     const char *metric)
{
	const json_t *server;
	size_t i;

	json_array_foreach(json_object_get(part, "servers"), i, server)
	{
		struct cell cell = {scenario, json_string_value(json_object_get(part, "name")),
				    json_string_value(server), NULL};

		if (blocks_summary(results, &cell, metric).count > 0)
			return true;
	}
	return false;
}

static void print_slopes(const struct results *results, const char *scenario, const json_t *part,
			 const struct headline *headline, FILE *out)
{
	static const char *const titles[METRICS_MOST] = {"virtual", "resident", "kernel", "total",
							 "kernel, both ends"};
	const char *kernel = headline->metrics[2];
	bool apart = part_has(results, scenario, part, kernel), shown[METRICS_MOST];
	const json_t *server;
	int width = name_width(part);
	size_t i;

	fprintf(out, "\n  %-*s", width, "Memory per connection");
	for (i = 0; i < METRICS_MOST; i++) {
		/* Both ends together only where the server's own is not known. */
		shown[i] = i < 2 || (i == METRICS_MOST - 1) != apart;
		if (shown[i])
			fprintf(out, "%*s", CELL_WIDTH + (i == METRICS_MOST - 1 ? 2 : 0),
				titles[i]);
	}
	fputs("   bytes, a slope over connections\n", out);
	json_array_foreach(json_object_get(part, "servers"), i, server)
	{
		struct cell cell = {scenario, json_string_value(json_object_get(part, "name")),
				    json_string_value(server), NULL};

		fprintf(out, "  %-*s", width, cell.server);
		for (size_t j = 0; j < METRICS_MOST; j++)
			if (shown[j])
				print_cell(results, &cell, headline->metrics[j], out);
		fputc('\n', out);
	}
}

/* What a server holds in all or, for want of cgroups, of its own. */
static const char *any_total(const struct results *results, const char *scenario,
			     const json_t *part)
{
	return part_has(results, scenario, part, "total_bytes") ? "total_bytes" : "resident_bytes";
}

/* Servers that came to the same end stand together: that is a line of what would lift it for all. */
static void print_ladder(const struct results *results, const char *scenario, const json_t *part,
			 FILE *out)
{
	const json_t *server;
	int width = name_width(part);
	char held[32], next[32], last[400] = "";
	size_t i;

	fprintf(out, "\n  %-*s%*s%*s   limit\n", width, "Connections", CELL_WIDTH, "held",
		CELL_WIDTH, "not held");
	json_array_foreach(json_object_get(part, "servers"), i, server)
	{
		const struct cell cell = {scenario,
					  json_string_value(json_object_get(part, "name")),
					  json_string_value(server), NULL};
		struct ladder_end end = ladder_find_end(results, &cell);

		snprintf(held, sizeof held, "%.0f", end.held);
		snprintf(next, sizeof next, "%.0f", end.next);
		fprintf(out, "  %-*s%*s%*s   %s\n", width, cell.server, CELL_WIDTH,
			end.held > 0 ? held : "-", CELL_WIDTH, isnan(end.next) ? "-" : next,
			isnan(end.next) ? "nothing gave way"
			: *end.limit	? end.limit
					: end.text);
		if (*end.remedy && strcmp(end.remedy, last) != 0)
			fprintf(out, "  %*s   to lift it: %s\n", width, "", end.remedy);
		snprintf(last, sizeof last, "%s", end.remedy);
	}
}

static void print_part(const struct results *results, const char *scenario, const json_t *part,
		       FILE *out)
{
	const json_t *chart;
	size_t i;

	fprintf(out, "\n%s\n", json_string_value(json_object_get(part, "question")));
	if (ladder_is(part))
		print_ladder(results, scenario, part, out);
	json_array_foreach(json_object_get(part, "charts"), i,
			   chart) for (size_t j = 0; j < sizeof headlines / sizeof *headlines; j++)
	{
		const struct headline *headline = &headlines[j];

		if (strcmp(headline->chart, json_string_value(chart)) != 0)
			continue;
		if (!headline->by_point && part_has(results, scenario, part, headline->metrics[0]))
			print_slopes(results, scenario, part, headline, out);
		else if (!headline->by_point) /* too few counts: what there is */
			print_by_point(results, scenario, part, any_total(results, scenario, part),
				       out);
		for (size_t k = 0; headline->by_point && k < METRICS_MOST && headline->metrics[k];
		     k++)
			print_by_point(results, scenario, part, headline->metrics[k], out);
	}
}

static void print_verdict(const struct verdict *verdict, FILE *out)
{
	const char *kind = json_string_value(json_object_get(verdict->claim, "kind"));
	bool ratio = kind && strcmp(kind, "ratio") == 0;
	enum unit_kind unit = ratio ? UNIT_COUNT : metric_unit(verdict->descriptor);
	const char *says = json_string_value(json_object_get(verdict->claim, "says"));
	const char *title = json_string_value(json_object_get(verdict->descriptor, "title"));
	char estimate[32], low[32], high[32];

	if (verdict->metric == NULL || says == NULL)
		return;
	fprintf(out, "    %-32s %s", title ? title : verdict->metric, verdict_word(verdict->kind));
	if (*verdict->factor_word)
		fprintf(out, ", %s x %.3g", verdict->factor_word, verdict->factor);
	if (isfinite(verdict->estimate))
		fprintf(out, ": %s [%s, %s], %zu trial%s",
			units_format(unit, verdict->estimate, estimate, sizeof estimate),
			units_format(unit, verdict->low, low, sizeof low),
			units_format(unit, verdict->high, high, sizeof high), verdict->trials,
			verdict->trials == 1 ? "" : "s");
	if (*verdict->why)
		fprintf(out, "; %s", verdict->why);
	fputc('\n', out);
}

long summary_print_claims(const struct results *results, FILE *out)
{
	struct verdict *verdicts = NULL;
	long count = claims_evaluate(results, &verdicts);
	const json_t *claim = NULL;

	for (long i = 0; i < count; i++) {
		if (verdicts[i].claim != claim) {
			claim = verdicts[i].claim;
			fprintf(out, "\n  %s   %s%s\n",
				json_string_value(json_object_get(claim, "id")),
				json_string_value(json_object_get(claim, "says")),
				json_is_true(json_object_get(claim, "own_model"))
					? "  (tenk's own model)"
					: "");
		}
		print_verdict(&verdicts[i], out);
	}
	if (count >= 0)
		free(verdicts);
	return count;
}

json_t *summary_claims_to_json(const struct results *results)
{
	struct verdict *verdicts = NULL;
	long count = claims_evaluate(results, &verdicts);
	json_t *list = count < 0 ? NULL : json_array();

	for (long i = 0; i < count; i++)
		json_array_append_new(list, verdict_to_json(&verdicts[i]));
	if (count >= 0)
		free(verdicts);
	return list;
}

void summary_print(const struct results *results, FILE *out)
{
	const json_t *scenario, *part;
	size_t i, j;

	json_array_foreach(json_object_get(results->run, "scenarios"), i, scenario)
		json_array_foreach(json_object_get(scenario, "parts"), j, part) print_part(
			results, json_string_value(json_object_get(scenario, "name")), part, out);
	summary_print_claims(results, out);
}
