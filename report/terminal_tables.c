/* Every table of a run, part by part, and its verdicts. */
#include "report/terminal.h"

#include "lib/units.h"
#include "report/format.h"
#include "report/kinds.h"
#include "report/lines.h"
#include "report/observed.h"
#include "report/part.h"
#include "report/points.h"
#include "report/slices.h"
#include "report/terminal_claims.h"
#include "stored/axis.h"
#include "stored/ladder_end.h"
#include "stored/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_WIDTH = 34, CELL_WIDTH = 17, POINTS_ACROSS = 12, METRICS_MOST = 5 };

/* Which metrics tell what a chart shows. */
static const struct headline {
	const char *chart;
	const char *metrics[METRICS_MOST];
	bool by_point; /* a column for each point, or (slopes) one value for all of them */
	bool ratios;   /* to another server, in a table of their own where there are many points */
} headlines[] = {
	{"throughput", {"requests_per_s"}, true, false},
	{"cpu", {"server_cpu_per_request_ns"}, true, true},
	{"latency", {"latency_p50_ns", "latency_p99_ns"}, true, false},
	{"kinds", {0}, true, false},
	{"memory",
	 {"virtual_per_connection_bytes", "resident_per_connection_bytes",
	  "kernel_per_connection_bytes", "total_per_connection_bytes",
	  "kernel_both_ends_per_connection_bytes"},
	 false,
	 false},
};

/* Servers in the scenario's order, also those that had no trial yet. */
static const char *server_at(const struct part *part, size_t index)
{
	return json_string_value(json_array_get(json_object_get(part->json, "servers"), index));
}

static const char *why_empty(const struct part *part, const char *server, const json_t *point)
{
	struct part_outcomes outcomes = part_count(part, server, point);

	return part_is_beyond_model(part, server, point) ? "over limit"
	       : outcomes.failed			 ? "failed"
	       : outcomes.invalid			 ? "invalid"
							 : "-";
}

/* A value, and what its interval is about it: "1.42 ±3.1%". One trial, or a bound, has none. */
static void print_value(const char *before, const char *value, const struct summary *summary,
			const char *after, FILE *out)
{
	double spread = summary->median != 0
				? 50 * (summary->high - summary->low) / fabs(summary->median)
				: 0;
	char around[24] = " ±?", text[96];

	if (summary->count > 1 && isfinite(spread))
		snprintf(around, sizeof around, " ±%.*f%%", spread < 9.95 ? 1 : 0, spread);
	snprintf(text, sizeof text, "%s%s%s%s", before, value, around, after);
	fprintf(out, "%*s", CELL_WIDTH + 1, text); /* "±" is two bytes and one column */
}

/* Returns whether the figure has a mark: other trials of the cell failed. */
static bool print_cell(const struct part *part, const char *server, const json_t *point,
		       const char *metric, FILE *out)
{
	enum unit_kind unit = metric_unit(results_metric(part->results, metric));
	struct summary summary = part_shown_summary(part, server, point, metric);
	char value[32];
	bool marked = point && summary.count > 0 && part_count(part, server, point).failed > 0;

	if (summary.count == 0)
		fprintf(out, "%*s", CELL_WIDTH,
			!point && lines_is_none(part, server, metric)
				? "no line"
				: why_empty(part, server, point));
	else
		print_value(part_value_is_bound(part, server, point, metric) ? ">=" : "",
			    units_format(unit, summary.median, value, sizeof value), &summary,
			    marked ? "!" : "", out);
	return marked;
}

/* As a multiple of what part->against has in the same blocks; that one itself is one. */
static void print_ratio(const struct part *part, const char *server, const json_t *point,
			const char *metric, FILE *out)
{
	struct block_ratio ratio = part_ratio(part, server, point, metric);
	char value[FORMAT_SIZE];

	if (ratio.summary.count > 0)
		print_value(ratio.at_least  ? ">="
			    : ratio.at_most ? "<="
					    : "",
			    format_ratio_number(ratio.summary.median, value), &ratio.summary, "",
			    out);
	else
		fprintf(out, "%*s", CELL_WIDTH,
			strcmp(server, part->against) == 0 &&
					part_shown_summary(part, server, point, metric).count > 0
				? "1"
				: "-");
}

static void explain_mark(bool marked, FILE *out)
{
	if (marked)
		fputs("  ! of those that count: others of its trials failed, as the report tells\n",
		      out);
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

/* Of the column of names: the longest of this part's servers has to fit. */
static int name_width(const struct part *part)
{
	int width = NAME_WIDTH - 2;
	const char *server;

	for (size_t i = 0; (server = server_at(part, i)); i++)
		if ((int)strlen(server) > width)
			width = (int)strlen(server);
	return width;
}

/* Some points side by side: the figures, or how they stand to another server's. */
struct table {
	const struct part *part;
	const char *metric;
	const json_t *const *points;
	size_t count;
	bool figures, ratios; /* both: a column of ratios behind a single one of figures */
};

/* "Server CPU per request, x epoll", and what each column is of. */
static void print_head(const struct table *table, const char *axis, int width, FILE *out)
{
	const char *against = table->part->against;
	char title[160];

	snprintf(title, sizeof title, "%s%s%s",
		 json_string_of(results_metric(table->part->results, table->metric), "title"),
		 table->figures ? "" : ", x ", table->figures ? "" : against);
	fprintf(out, "\n  %-*s", axis || table->ratios ? width : 0, title);
	for (size_t i = 0; axis && i < table->count; i++)
		print_point(table->points[i], out);
	snprintf(title, sizeof title, "x %s", against ? against : "");
	if (table->figures && table->ratios)
		fprintf(out, "%*s", CELL_WIDTH * (axis ? 1 : 2), title);
	fprintf(out, "%s%s\n", axis ? "   " : "", axis ? axis : "");
}

/* A row a server, a column a point. */
static void print_table(const struct table *table, FILE *out)
{
	const char *axis = json_object_iter_key(
		json_object_iter(table->count ? (json_t *)(uintptr_t)table->points[0] : NULL));
	const struct part *part = table->part;
	const char *server;
	int width = name_width(part);
	bool marked = false;

	print_head(table, axis, width, out);
	for (size_t i = 0; (server = server_at(part, i)); i++) {
		fprintf(out, "  %-*s", width, server);
		for (size_t j = 0; table->figures && j < table->count; j++)
			marked |= print_cell(part, server, table->points[j], table->metric, out);
		for (size_t j = 0; table->ratios && j < table->count; j++)
			print_ratio(part, server, table->points[j], table->metric, out);
		fputc('\n', out);
	}
	explain_mark(marked, out);
}

/*
 * More points than stand side by side go on in another table. Ratios stand beside the figures of a
 * single point, else in a table of their own if they are asked for.
 */
static void print_by_point(const struct part *part, const char *metric, bool ratios, FILE *out)
{
	size_t count;
	const json_t **points = points_sort(part, &count);
	bool any = part->against != NULL;

	for (size_t first = 0; points && (first < count || first == 0); first += POINTS_ACROSS) {
		struct table table = {part,
				      metric,
				      points + first,
				      count - first < POINTS_ACROSS ? count - first : POINTS_ACROSS,
				      .figures = true,
				      .ratios = any && count == 1};

		print_table(&table, out);
		table.figures = false;
		table.ratios = true;
		if (any && ratios && count > 1)
			print_table(&table, out);
	}
	free(points);
}

/* Whether any server of the part has a figure. */
static bool part_has(const struct part *part, const char *metric)
{
	for (size_t i = 0; i < part->server_count; i++)
		if (part_summary(part, part->servers[i], NULL, metric).count > 0)
			return true;
	return false;
}

/* How well the slopes are known, in lines that a terminal holds. */
static void print_lines(const struct part *part, const char *const *metrics, const bool *shown,
			FILE *out)
{
	const char *of[METRICS_MOST];
	struct text_buffer text = {0};
	size_t count = 0;

	for (size_t i = 0; i < METRICS_MOST; i++)
		if (shown[i])
			of[count++] = metrics[i];
	lines_describe(&text, part, of, count);
	if (text.length > 0)
		fprintf(out, "  %s\n", text_string(&text));
	text_destroy(&text);
}

static void print_slopes(const struct part *part, const struct headline *headline, FILE *out)
{
	static const char *const titles[METRICS_MOST] = {"virtual", "resident", "kernel", "total",
							 "kernel, both ends"};
	const char *kernel = headline->metrics[2], *server;
	bool apart = part_has(part, kernel), shown[METRICS_MOST];
	int width = name_width(part);

	fprintf(out, "\n  %-*s", width, "Memory per connection");
	for (size_t i = 0; i < METRICS_MOST; i++) {
		/* Both ends together only where the server's own is not known. */
		shown[i] = i < 2 || (i == METRICS_MOST - 1) != apart;
		if (shown[i])
			fprintf(out, "%*s", CELL_WIDTH + (i == METRICS_MOST - 1 ? 2 : 0),
				titles[i]);
	}
	fputs("   bytes, a slope over connections\n", out);
	for (size_t i = 0; (server = server_at(part, i)); i++) {
		fprintf(out, "  %-*s", width, server);
		for (size_t j = 0; j < METRICS_MOST; j++)
			if (shown[j])
				print_cell(part, server, NULL, headline->metrics[j], out);
		fputc('\n', out);
	}
	print_lines(part, headline->metrics, shown, out);
}

/* Servers that came to the same end stand together: that is a line of what would lift it for all. */
static void print_ladder(const struct part *part, FILE *out)
{
	const char *server;
	int width = name_width(part);
	char held[32], next[32], last[400] = "";

	fprintf(out, "\n  %-*s%*s%*s   limit\n", width, "Connections", CELL_WIDTH, "held",
		CELL_WIDTH, "not held");
	for (size_t i = 0; (server = server_at(part, i)); i++) {
		const struct cell cell = part_cell(part, server, NULL);
		struct ladder_end end = ladder_find_end(part->results, &cell);

		snprintf(held, sizeof held, "%.0f", end.held);
		snprintf(next, sizeof next, "%.0f", end.next);
		fprintf(out, "  %-*s%*s%*s   %s\n", width, server, CELL_WIDTH,
			end.held > 0 ? held : "-", CELL_WIDTH, isnan(end.next) ? "-" : next,
			isnan(end.next) ? "nothing gave way"
			: *end.limit	? end.limit
					: end.text);
		if (*end.remedy && strcmp(end.remedy, last) != 0)
			fprintf(out, "  %*s   to lift it: %s\n", width, "", end.remedy);
		snprintf(last, sizeof last, "%s", end.remedy);
	}
}

/* In place of those of all requests: a median of quick and slow ones is of neither. */
static void print_kinds(const struct part *part, FILE *out)
{
	static const char *const times[] = {"latency_p50_ns", "latency_p99_ns"};
	char key[KINDS_KEY_SIZE];

	for (size_t i = 0; i < kinds_count(part); i++) {
		for (size_t j = 0; j < sizeof times / sizeof *times; j++)
			if (kinds_have(part, kinds_key(key, times[j], kinds_name(part, i)),
				       -INFINITY))
				print_by_point(part, key, false, out);
		kinds_key(key, "silent_window_ratio", kinds_name(part, i));
		if (kinds_have(part, key, 0))
			print_by_point(part, key, false, out);
	}
}

static void print_headline(const struct part *part, const struct headline *headline, FILE *out)
{
	bool times = strcmp(headline->chart, "latency") == 0;

	if (kinds_count(part) > 0 && (times || !part_has_chart(part, "latency")) &&
	    (times || strcmp(headline->chart, "kinds") == 0)) {
		print_kinds(part, out);
		return;
	}
	if (!headline->by_point && part_has(part, headline->metrics[0]))
		print_slopes(part, headline, out);
	else if (!headline->by_point) /* too few counts: what there is, in all or of its own */
		print_by_point(part,
			       part_has(part, "total_bytes") ? "total_bytes" : "resident_bytes",
			       false, out);
	for (size_t i = 0; headline->by_point && i < METRICS_MOST && headline->metrics[i]; i++)
		print_by_point(part, headline->metrics[i], headline->ratios, out);
}

static void print_observed(const struct part *part, FILE *out)
{
	struct text_buffer answer = {0};

	observed_answer(&answer, part);
	fprintf(out, "\n  %s\n", text_string(&answer));
	text_destroy(&answer);
}

static void print_part(const struct part *part, FILE *out)
{
	const json_t *charts = json_object_get(part->json, "charts");

	fprintf(out, "\n%s\n", part_text(part, "question"));
	if (ladder_is(part->json))
		print_ladder(part, out);
	for (size_t i = 0; i < json_array_size(charts); i++)
		for (size_t j = 0; j < sizeof headlines / sizeof *headlines; j++)
			if (strcmp(headlines[j].chart,
				   json_string_value(json_array_get(charts, i))) == 0)
				print_headline(part, &headlines[j], out);
	slices_print(part, out);
	if (observed_is(part))
		print_observed(part, out);
}

void terminal_print_tables(const struct results *results, FILE *out)
{
	const json_t *scenario, *json;
	struct part part;
	size_t i, j;

	json_array_foreach(json_object_get(results->run, "scenarios"), i, scenario)
	{
		json_array_foreach(json_object_get(scenario, "parts"), j, json)
		{
			if (part_init(&part, results, scenario, json) < 0)
				continue;
			print_part(&part, out);
			part_destroy(&part);
		}
	}
	fputc('\n', out);
	terminal_print_claims(results, false, out);
}
