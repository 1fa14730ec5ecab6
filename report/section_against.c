/* The page's run beside others, figure by figure. */
#include "report/section.h"

#include "report/against.h"
#include "report/format.h"
#include "report/section_pieces.h"

#include <string.h>

enum { COLUMNS_MOST = 2 + 2 * AGAINST_RUNS_MOST, TITLE_SIZE = 64 };

static void runs_table(struct page *page, const struct against *against)
{
	static const struct page_column columns[] = {
		{"here", false},   {"run", false},   {"began", false},	    {"processor", false},
		{"kernel", false}, {"trials", true}, {"not as in A", false}};
	char letter[2] = "", list[400], trials[FORMAT_SIZE];

	page_table_begin(page, "data", "The runs, and what differs of where they were made.",
			 columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < against->run_count; i++) {
		const json_t *run = against->runs[i]->run;
		const json_t *environment = json_object_get(run, "environment");

		letter[0] = against_letter(i);
		against_differences(against, i, list, sizeof list);
		page_table_cell(page, letter, NULL);
		page_table_cell(page, json_string_of(run, "id"), NULL);
		page_table_cell(page, json_string_of(run, "started_at"), NULL);
		page_table_cell(page, json_string_of(environment, "cpu_model"), NULL);
		page_table_cell(page, json_string_of(environment, "kernel"), NULL);
		page_table_cell(page, format_integer((double)against->runs[i]->trial_count, trials),
				NULL);
		page_table_cell(page,
				i == 0	? FORMAT_NONE
				: *list ? list
					: "nothing that is known, but the hour",
				NULL);
	}
	page_table_end(page);
}

static void value_cell(struct page *page, const struct against_table *table,
		       const struct against_value *value)
{
	char text[FORMAT_SIZE];

	if (table->metric)
		section_summary_cell(page, table->unit, &value->summary, value->bound);
	else
		page_table_cell(page,
				value->summary.count ? format_integer(value->summary.median, text)
						     : FORMAT_NONE,
				NULL);
}

static void ratio_cell(struct page *page, const struct against_table *table,
		       const struct against_row *row, size_t run)
{
	const struct against_value *value = &row->values[run];
	char text[FORMAT_SIZE], interval[FORMAT_SIZE];

	if (strcmp(row->server, table->part->against) == 0 && value->summary.count)
		page_table_cell(page, "1", NULL);
	else
		page_table_cell(page, format_ratio_value(&value->ratio, text),
				value->ratio.summary.count
					? format_ratio_interval(&value->ratio, interval)
					: NULL);
}

static void table_rows(struct page *page, const struct against_table *table, size_t runs,
		       bool points, bool ratios)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct against_row *row = &table->rows[i];
		struct text_buffer point = {0};

		section_server_cell(page, table->part, row->server);
		section_point(&point, table->part, row->point);
		if (points)
			page_table_cell(page, text_string(&point), NULL);
		text_destroy(&point);
		for (size_t j = 0; j < runs; j++)
			value_cell(page, table, &row->values[j]);
		for (size_t j = 0; ratios && j < runs; j++)
			ratio_cell(page, table, row, j);
	}
}

static void one_table(struct page *page, const struct against_table *table, size_t runs)
{
	char titles[2 * AGAINST_RUNS_MOST][TITLE_SIZE];
	struct page_column columns[COLUMNS_MOST];
	const char *against = table->metric ? table->part->against : NULL;
	bool points = json_object_size(table->rows[0].point) > 0;
	struct text_buffer caption = {0};
	size_t count = 0;

	columns[count++] = (struct page_column){"server", false};
	if (points)
		columns[count++] = (struct page_column){section_point_title(table->part), true};
	for (size_t i = 0; i < (against ? 2 : 1) * runs; i++) {
		if (i < runs)
			snprintf(titles[i], TITLE_SIZE, "%c", against_letter(i));
		else
			snprintf(titles[i], TITLE_SIZE, "%c: \xc3\x97" TEXT_NBSP "%s",
				 against_letter(i - runs), against);
		columns[count++] = (struct page_column){titles[i], true};
	}
	text_append_format(&caption, "%s (%s).", table->title, part_text(table->part, "name"));
	page_table_begin(page, "data", text_string(&caption), columns, count);
	table_rows(page, table, runs, points, against != NULL);
	page_table_end(page);
	page->html.failed = page->html.failed || text_failed(&caption);
	text_destroy(&caption);
}

void section_against(struct page *page, const struct report *report)
{
	const struct against *against = report->against;
	struct text_buffer answer = {0};

	against_append_answer(&answer, against);
	page_paragraph(page, "answer", text_string(&answer));
	page->html.failed = page->html.failed || text_failed(&answer);
	text_destroy(&answer);
	page_remark(page, "remark", "Read the ratios.", against_caution);
	runs_table(page, against);
	page_fold_begin(page, NULL, "The figures of all runs, side by side");
	page_paragraph(page, "note", against_brackets);
	for (size_t i = 0; i < against->count; i++)
		one_table(page, &against->tables[i], against->run_count);
	page_fold_end(page);
}
