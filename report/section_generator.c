/* What the generator cost while it measured: the instrument beside what it measured. */
#include "report/section.h"

#include "report/format.h"
#include "report/observed.h"
#include "report/section_pieces.h"

static const struct {
	const char *metric, *title;
} shown[] = {
	{"server_cpu_per_request_ns", "server CPU / request"},
	{"load_cpu_per_request_ns", "generator CPU / request"},
	{"total_cpu_per_request_ns", "both / request"},
	{"server_cores_busy_ratio", "server's cores busy"},
	{"server_cores_softirq_ratio", "in softirq"},
	{"load_utilisation_ratio", "generator's busiest thread"},
	{"send_lateness_p99_ns", "sent late, p99"},
	{"steal_ratio", "taken by the host"},
	{"others_ratio", "taken by other work"},
	{"neighbours_ratio", "by servers not asked"},
};

enum { SHOWN = sizeof shown / sizeof shown[0] };

static bool part_has(const struct part *part, const char *metric)
{
	for (size_t i = 0; i < part->server_count; i++)
		for (size_t j = 0; j < part->point_count; j++)
			if (part_summary(part, part->servers[i], part->points[j], metric).count)
				return true;
	return false;
}

static void generator_rows(struct page *page, const struct part *part, const bool present[SHOWN])
{
	for (size_t i = 0; i < part->point_count; i++) {
		struct text_buffer point = {0};

		section_point(&point, part, part->points[i]);
		for (size_t j = 0; j < part->server_count; j++) {
			char trials[FORMAT_SIZE];
			size_t most = 0;

			section_server_cell(page, part, part->servers[j]);
			page_table_cell(page, point.length ? text_string(&point) : FORMAT_NONE,
					NULL);
			for (size_t k = 0; k < SHOWN; k++) {
				struct summary summary;

				if (!present[k])
					continue;
				summary = part_summary(part, part->servers[j], part->points[i],
						       shown[k].metric);
				most = summary.count > most ? summary.count : most;
				section_summary_cell(
					page, format_metric_unit(part->results, shown[k].metric),
					&summary, false);
			}
			page_table_cell(page, format_integer((double)most, trials), NULL);
		}
		text_destroy(&point);
	}
}

static void generator_part(struct page *page, const struct part *part)
{
	struct page_column columns[SHOWN + 3] = {{"server", false},
						 {section_point_title(part), true}};
	bool present[SHOWN];
	size_t count = 2;

	for (size_t i = 0; i < SHOWN; i++) {
		present[i] = part_has(part, shown[i].metric);
		if (present[i])
			columns[count++] = (struct page_column){shown[i].title, true};
	}
	columns[count++] = (struct page_column){"trials", true};
	page_table_begin(page, "data", part_text(part, "title"), columns, count);
	generator_rows(page, part, present);
	page_table_end(page);
}

/* Memory takes no generator's time, and programs that observe themselves have none. */
static bool shows_generator(const struct part *part)
{
	return part->kind != PART_MEMORY && part->server_count && !observed_is(part);
}

void section_generator(struct page *page, const struct report *report)
{
	bool any = false;

	for (size_t i = 0; i < report->part_count; i++)
		any = any || !observed_is(&report->parts[i]);
	if (!any)
		return;
	page_fold_begin(page, "generator", "What the generator cost");
	page_paragraph(
		page, NULL,
		"The instrument's own use of the machine, beside what it measured. On "
		"loopback the kernel charges receive processing to whoever sends, so the sum "
		"of both sides says more than either. A generator whose busiest thread is "
		"near 100 % limits what can be seen of the server.");
	for (size_t i = 0; i < report->part_count; i++)
		if (shows_generator(&report->parts[i]))
			generator_part(page, &report->parts[i]);
	page_fold_end(page);
}
