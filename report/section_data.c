/* The tables of a part: a row for each server at each point, and what a connection costs. */
#include "report/section.h"
#include "report/section_columns.h"

#include "report/format.h"
#include "report/kinds.h"
#include "report/lines.h"
#include "report/section_pieces.h"
#include "stored/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TITLE_SIZE = 128 };

/* What a table shows of each kind of part; a metric that no cell has is left out. */
static const struct metric_column columns_of[][METRICS_MAX] = {
	[PART_RATE] = {{"requests_per_s", "requests"},
		       {"latency_p50_ns", "p50"},
		       {"latency_p99_ns", "p99"},
		       {"server_cpu_per_request_ns", "server CPU / request"},
		       {"load_cpu_per_request_ns", "generator CPU / request"},
		       {"context_switches_per_request", "switches / request"},
		       {"system_calls_per_request", "system calls / request"},
		       {"answer_bytes", "bytes / answer"},
		       {"error_count", "errors, all trials"}},
	[PART_LATENCY] = {{"achieved_ratio", "achieved"},
			  {"latency_p50_ns", "p50"},
			  {"latency_p90_ns", "p90"},
			  {"latency_p99_ns", "p99"},
			  {"latency_p99_9_ns", "p99.9"},
			  {"server_cpu_per_request_ns", "server CPU / request"},
			  {"load_cpu_per_request_ns", "generator CPU / request"},
			  {"context_switches_per_request", "switches / request"},
			  {"system_calls_per_request", "system calls / request"},
			  {"error_count", "errors, all trials"}},
	[PART_MEMORY] = {{"resident_bytes", "resident"},
			 {"virtual_bytes", "virtual"},
			 {"kernel_bytes", "kernel"},
			 {"total_bytes", "total"},
			 {"kernel_both_ends_bytes", "kernel, both ends"},
			 {"connect_all_ns", "opened in"},
			 {"threads", "threads at most"},
			 {"error_count", "errors, all trials"}},
};

/* Of a burst: one request on each connection, all due at once. */
static const struct metric_column burst_columns[METRICS_MAX] = {
	{"connect_all_ns", "opened in"},
	{"burst_sent_ns", "last sent after"},
	{"latency_max_ns", "last answer after"},
	{"latency_p50_ns", "median answer after"},
	{"requests_per_s", "answers"},
	{"tcp_memory_pressure_count", "times TCP ran short of memory"},
	{"error_count", "errors, all trials"},
};

/* Of busy connections, beside their memory. */
static const struct metric_column work_columns[METRICS_MAX] = {
	{"server_cpu_per_request_ns", "server CPU / request"},
	{"server_system_share_ratio", "in the kernel"},
	{"run_queue_delay_per_request_ns", "waited for a core / request"},
	{"voluntary_switches_per_request", "switches to wait / request"},
	{"involuntary_switches_per_request", "switches forced / request"},
	{"system_calls_per_request", "system calls / request"},
	{"page_faults_per_request", "page faults / request"},
	{"threads", "threads at most"},
	{"processes", "processes at most"},
};

/* Whether a metric's ratio to another server stands beside it. */
static bool is_compared(const char *metric)
{
	static const char *const compared[] = {"requests_per_s", "server_cpu_per_request_ns",
					       "latency_p50_ns", "latency_p99_ns"};

	for (size_t i = 0; i < sizeof compared / sizeof *compared; i++)
		if (strcspn(metric, "@") == strlen(compared[i]) &&
		    strncmp(compared[i], metric, strlen(compared[i])) == 0)
			return true;
	return false;
}

/* "3", or "2 of 3 (1 failed)". */
static void cell_trials(struct page *page, const struct part *part, const char *server,
			const json_t *point)
{
	struct part_outcomes outcomes = part_count(part, server, point);
	size_t counting = outcomes.ok + outcomes.saturated;
	struct text_buffer value = {0}, detail = {0};

	text_append_format(&value, "%zu", counting);
	if (counting < outcomes.all)
		text_append_format(&value, " of %zu", outcomes.all);
	if (outcomes.failed)
		text_append_format(&detail, "%zu failed", outcomes.failed);
	if (outcomes.invalid)
		text_append_format(&detail, "%s%zu invalid", detail.length ? ", " : "",
				   outcomes.invalid);
	if (outcomes.saturated)
		text_append_format(&detail, "%s%zu saturated", detail.length ? ", " : "",
				   outcomes.saturated);
	page_table_cell(page, text_string(&value), text_string(&detail));
	text_destroy(&value);
	text_destroy(&detail);
}

/* Errors of every trial of the cell together: those of failed ones matter most. */
static void cell_errors(struct page *page, const struct part *part, const char *server,
			const json_t *point, const char *metric)
{
	const json_t *trial;
	double sum = 0;
	bool any = false;
	char text[FORMAT_SIZE];

	for (size_t i = 0; (trial = part_next_trial(part, server, point, &i));) {
		double value = json_number_of(json_object_get(trial, "metrics"), metric);

		any = any || !isnan(value);
		sum += isnan(value) ? 0 : value;
	}
	page_table_cell(page, any ? format_integer(sum, text) : FORMAT_NONE, NULL);
}

static void cell_metric(struct page *page, const struct part *part, const char *server,
			const json_t *point, const char *metric)
{
	static const char errors[] = "error_count"; /* of all, or of a kind */
	struct summary summary = part_shown_summary(part, server, point, metric);

	if (strncmp(metric, errors, strlen(errors)) == 0)
		cell_errors(page, part, server, point, metric);
	else
		section_summary_cell(page, format_metric_unit(part->results, metric), &summary,
				     part_value_is_bound(part, server, point, metric));
}

static bool any_time_hidden(const struct part *part, const struct metric_column *const *present,
			    size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < part->server_count; j++)
			for (size_t k = 0; k < part->point_count; k++)
				if (part_summary(part, part->servers[j], part->points[k],
						 present[i]->metric)
					    .count &&
				    !part_metric_shown(part, part->servers[j], part->points[k],
						       present[i]->metric))
					return true;
	return false;
}

static void data_caption(struct text_buffer *out, const struct part *part)
{
	const char *against = part->against;

	text_append_format(out,
			   "Medians of the trials that count; in brackets the 95" TEXT_NBSP
			   "%% interval of the median, or the range of the trials where there are "
			   "fewer than %zu.",
			   statistics_trials_for_confidence(0.95));
	if (against && part->kind != PART_MEMORY)
		text_append_format(
			out,
			" \xc3\x97 %s is the ratio to %s within blocks, so that it holds "
			"also where the machine changed from one block to the next.",
			against, against);
}

/* How a server stands to the one that all are set against. */
static void cell_ratio(struct page *page, const struct part *part, const char *server,
		       const json_t *point, const char *metric)
{
	struct block_ratio ratio = part_ratio(part, server, point, metric);
	char value[FORMAT_SIZE], interval[FORMAT_SIZE];

	if (strcmp(server, part->against) == 0)
		page_table_cell(page, "1", NULL);
	else
		page_table_cell(page, format_ratio_value(&ratio, value),
				ratio.summary.count ? format_ratio_interval(&ratio, interval)
						    : NULL);
}

static void data_rows(struct page *page, const struct part *part,
		      const struct metric_column *const *present, size_t count, bool points)
{
	bool compared = part->against != NULL;

	for (size_t i = 0; i < part->point_count; i++) {
		struct text_buffer point = {0};

		section_point(&point, part, part->points[i]);
		for (size_t j = 0; j < part->server_count; j++) {
			if (!part_count(part, part->servers[j], part->points[i]).all)
				continue;
			section_server_cell(page, part, part->servers[j]);
			if (points)
				page_table_cell(page, text_string(&point), NULL);
			for (size_t k = 0; k < count; k++) {
				cell_metric(page, part, part->servers[j], part->points[i],
					    present[k]->metric);
				if (compared && is_compared(present[k]->metric))
					cell_ratio(page, part, part->servers[j], part->points[i],
						   present[k]->metric);
			}
			cell_trials(page, part, part->servers[j], part->points[i]);
		}
		text_destroy(&point);
	}
}

/* A row for each server at each point, also if it has failed at all of them. */
static void data_points(struct page *page, const struct part *part,
			const struct metric_column *wanted, const char *caption)
{
	const struct metric_column *present[METRICS_MAX];
	size_t metrics = section_columns_present(wanted, part, false, present), count = 0;
	struct page_column columns[COLUMNS_MAX];
	bool points = part->point_count && json_object_size(part->points[0]);
	const char *against = part->against;
	char title[TITLE_SIZE];

	snprintf(title, sizeof title, "\xc3\x97" TEXT_NBSP "%s", against ? against : "");
	columns[count++] = (struct page_column){"server", false};
	if (points)
		columns[count++] = (struct page_column){section_point_title(part), true};
	for (size_t i = 0; i < metrics; i++) {
		columns[count++] = (struct page_column){present[i]->title, true};
		if (against && is_compared(present[i]->metric))
			columns[count++] = (struct page_column){title, true};
	}
	columns[count++] = (struct page_column){"trials", true};
	page_table_begin(page, "data", caption, columns, count);
	data_rows(page, part, present, metrics, points);
	page_table_end(page);
	if (any_time_hidden(part, present, metrics))
		page_paragraph(
			page, "note",
			FORMAT_NONE
			" A percentile is shown only where at least 20 responses of every "
			"trial lie beyond it, and where at least half of the trials have it: "
			"in the others it was not the server that was late.");
}

static bool any_value(const struct part *part, const struct metric_column *wanted)
{
	const struct metric_column *present[METRICS_MAX];

	return section_columns_present(wanted, part, false, present) > 0;
}

/* Each kind of a mix in a table of its own. */
static void data_kinds(struct page *page, const struct part *part)
{
	static const struct metric_column of_kind[] = {
		{"requests_per_s", "requests"},
		{"latency_p50_ns", "p50"},
		{"latency_p90_ns", "p90"},
		{"latency_p99_ns", "p99"},
		{"latency_p99_9_ns", "p99.9"},
		{"silent_window_ratio", "time without an answer"},
		{"error_count", "errors, all trials"}};
	enum { COLUMNS = sizeof of_kind / sizeof *of_kind };

	for (size_t i = 0; i < kinds_count(part); i++) {
		struct metric_column columns[METRICS_MAX] = {0};
		char keys[COLUMNS][KINDS_KEY_SIZE], request[300], share[FORMAT_SIZE];
		struct text_buffer caption = {0};

		for (size_t j = 0; j < COLUMNS; j++)
			columns[j] = (struct metric_column){
				kinds_key(keys[j], of_kind[j].metric, kinds_name(part, i)),
				of_kind[j].title};
		text_append_format(&caption, "Of the requests of kind %s alone: %s, %s of all.",
				   kinds_name(part, i),
				   kinds_request(part, i, request, sizeof request),
				   format_value("ratio", kinds_share(part, i), share));
		data_points(page, part, columns, text_string(&caption));
		text_destroy(&caption);
	}
}

void section_data(struct page *page, const struct part *part)
{
	struct text_buffer caption = {0};

	section_lines(page, part);
	data_caption(&caption, part);
	data_points(page, part,
		    json_is_true(json_object_get(json_object_get(part->json, "load"), "burst"))
			    ? burst_columns
			    : columns_of[part->kind],
		    text_string(&caption));
	data_kinds(page, part);
	if (part->has_memory && part->kind != PART_MEMORY &&
	    any_value(part, columns_of[PART_MEMORY]))
		data_points(page, part, columns_of[PART_MEMORY],
			    "The server's memory in mid-window.");
	if (part->has_memory && !part->idle && any_value(part, work_columns))
		data_points(page, part, work_columns,
			    "What the same connections made the server do.");
	text_destroy(&caption);
}
