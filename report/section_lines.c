/* What a connection costs: the slopes of a part's metrics over its counts of connections. */
#include "report/section.h"
#include "report/section_columns.h"

#include "report/format.h"
#include "report/lines.h"
#include "report/section_pieces.h"

static const struct metric_column slope_columns[METRICS_MAX] = {
	{"resident_per_connection_bytes", "resident"},
	{"proportional_per_connection_bytes", "resident, shared in part"},
	{"virtual_per_connection_bytes", "virtual"},
	{"kernel_per_connection_bytes", "kernel"},
	{"total_per_connection_bytes", "total"},
	{"collected_total_per_connection_bytes", "total, collected"},
	{"load_total_per_connection_bytes", "generator, total"},
	{"kernel_both_ends_per_connection_bytes", "kernel, both ends"},
};

/*
 * Of idle connections: what the two sources of the kernel's memory differ by, and the whole machine's
 * objects, as /proc/slabinfo counts them. Of server and generator together.
 */
static const struct metric_column slab_columns[METRICS_MAX] = {
	{"kernel_unaccounted_per_connection_bytes", "kernel, both ends, in no group"},
	{"slab_socket_per_connection_bytes", "TCP sockets"},
	{"slab_inode_per_connection_bytes", "sockets' inodes"},
	{"slab_file_per_connection_bytes", "open files and entries"},
	{"slab_event_per_connection_bytes", "epoll's items"},
	{"slab_task_per_connection_bytes", "threads and mappings"},
};

/* One end of the servers' lines over connections: what each costs, or what there is without. */
static void data_lines(struct page *page, const struct part *part,
		       const struct metric_column *wanted, bool intercepts, const char *caption)
{
	const struct metric_column *present[METRICS_MAX];
	size_t metrics = section_columns_present(wanted, part, true, present), count = 0;
	struct page_column columns[COLUMNS_MAX];
	struct text_buffer lines = {0};
	const char *names[METRICS_MAX];

	if (!metrics)
		return;
	columns[count++] = (struct page_column){"server", false};
	for (size_t i = 0; i < metrics; i++) {
		names[i] = present[i]->metric;
		columns[count++] = (struct page_column){present[i]->title, true};
	}
	columns[count++] = (struct page_column){"blocks", true};
	page_table_begin(page, "data", caption, columns, count);
	for (size_t i = 0; i < part->server_count; i++) {
		const struct cell cell = part_cell(part, part->servers[i], NULL);
		size_t blocks = 0;
		char text[FORMAT_SIZE];

		section_server_cell(page, part, part->servers[i]);
		for (size_t j = 0; j < metrics; j++) {
			const char *metric = present[j]->metric;
			struct summary summary =
				intercepts ? blocks_intercepts(part->results, &cell, metric)
					   : blocks_summary(part->results, &cell, metric);

			blocks = summary.count > blocks ? summary.count : blocks;
			if (lines_is_none(part, part->servers[i], metric))
				page_table_cell(page, "no line", NULL);
			else
				section_summary_cell(page, "bytes", &summary, false);
		}
		page_table_cell(page, format_integer((double)blocks, text), NULL);
	}
	page_table_end(page);
	lines_describe(&lines, part, names, metrics);
	if (!intercepts && lines.length > 0)
		page_paragraph(page, "note", text_string(&lines));
	text_destroy(&lines);
}

void section_lines(struct page *page, const struct part *part)
{
	data_lines(page, part, slope_columns, false,
		   "What one connection costs: the slope over the counts of connections, one for "
		   "each block of trials.");
	data_lines(page, part, slope_columns, true,
		   "What there is without any: where the same lines meet the axis. The server "
		   "itself, before anybody has come.");
	if (part->idle)
		data_lines(
			page, part, slab_columns, false,
			"Of both ends together: what the whole machine's kernel took beyond what "
			"was charged to the two cgroups, and objects that it counts by kind.");
}
