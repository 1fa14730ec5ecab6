/*
 * Server by connections, or by what else a part varies: a table for each metric that the part is about,
 * as one reads them. Where several things vary, or nothing does, the table of all is as good.
 */
#include "report/section.h"

#include "report/format.h"
#include "report/section_columns.h"
#include "report/section_pieces.h"

#include <stdlib.h>

static const struct metric_column metrics_of[][METRICS_MAX] = {
	[PART_RATE] = {{"requests_per_s", "Requests per second"},
		       {"server_cpu_per_request_ns", "Server CPU per request"},
		       {"latency_p99_ns", "99 of 100 answered within"}},
	[PART_LATENCY] = {{"latency_p50_ns", "Half of all answered within"},
			  {"latency_p99_ns", "99 of 100 answered within"},
			  {"achieved_ratio", "Answered, of what was offered"}},
	[PART_MEMORY] = {{"total_bytes", "Memory in all"}, {"resident_bytes", "Resident memory"}},
};

static void matrix_table(struct page *page, const struct part *part,
			 const struct metric_column *metric, const struct page_column *columns)
{
	const char *unit = format_metric_unit(part->results, metric->metric);
	struct text_buffer caption = {0};

	text_append_format(&caption, "%s, by %s.", metric->title, section_point_title(part));
	page_table_begin(page, "data matrix", text_string(&caption), columns,
			 part->point_count + 1);
	for (size_t i = 0; i < part->server_count; i++) {
		section_server_cell(page, part, part->servers[i]);
		for (size_t j = 0; j < part->point_count; j++) {
			struct summary summary = part_shown_summary(
				part, part->servers[i], part->points[j], metric->metric);

			section_summary_cell(page, unit, &summary,
					     part_value_is_bound(part, part->servers[i],
								 part->points[j], metric->metric));
		}
	}
	page_table_end(page);
	text_destroy(&caption);
}

void section_matrix(struct page *page, const struct part *part)
{
	const struct metric_column *present[METRICS_MAX];
	size_t count = section_columns_present(metrics_of[part->kind], part, false, present);
	struct page_column *columns;
	char(*titles)[FORMAT_SIZE];

	if (part->point_count < 2 || json_object_size(part->points[0]) != 1)
		return;
	columns = calloc(part->point_count + 1, sizeof *columns);
	titles = calloc(part->point_count, sizeof *titles);
	if (columns && titles) {
		const char *axis = part_main_axis(part);

		columns[0] = (struct page_column){"server", false};
		for (size_t i = 0; i < part->point_count; i++)
			columns[i + 1] = (struct page_column){
				format_axis_value(axis, json_number_of(part->points[i], axis),
						  titles[i]),
				true};
		for (size_t i = 0; i < count; i++)
			matrix_table(page, part, present[i], columns);
	} else {
		page->html.failed = true;
	}
	free(columns);
	free(titles);
}
