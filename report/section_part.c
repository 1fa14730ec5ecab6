/* One part of a scenario on the page. */
#include "report/section.h"

#include "report/answer.h"
#include "report/observed.h"
#include "report/section_pieces.h"

#include <string.h>

static void part_chart(struct page *page, const struct report *report, const struct chart *chart)
{
	struct text_buffer text = {0};

	if (chart == report->picture) {
		text_append_format(&text, "%s: the picture at the top of this page.", chart->title);
		page_reference(page, chart->id, text_string(&text));
	} else if (chart->why) {
		text_append_format(&text, "%s: %s. Its figures are in the table and in the files.",
				   chart->title, chart->why);
		page_remark(page, "remark", "A chart is missing.", text_string(&text));
	} else {
		section_figure(page, chart, NULL);
	}
	text_destroy(&text);
}

/* Which claims this part decides; what became of them is in their own chapter. */
static void part_claims(struct page *page, const struct report *report, const struct part *part)
{
	struct text_buffer text = {0};
	const json_t *before = NULL;

	for (size_t i = 0; i < report->verdict_count; i++) {
		const struct verdict *verdict = &report->verdicts[i];

		if (verdict->claim == before ||
		    strcmp(verdict->part, part_text(part, "name")) != 0 ||
		    strcmp(verdict->scenario, json_string_of(part->scenario, "name")) != 0)
			continue;
		before = verdict->claim;
		text_append_format(&text, "%s%s", text.length ? ", " : "Decides what was claimed: ",
				   json_string_of(verdict->claim, "id"));
	}
	if (text.length)
		page_reference(page, "section-claims", text_string(&text));
	text_destroy(&text);
}

static void part_tables(struct page *page, const struct part *part, const struct charts *charts)
{
	page_fold_begin(page, NULL, "Tables and data");
	if (observed_is(part)) {
		observed_tables(page, part);
	} else {
		section_matrix(page, part);
		section_ladder(page, part);
		section_data(page, part);
	}
	for (size_t i = 0; i < charts->count; i++) {
		const struct chart *chart = &charts->items[i];
		const char *const files[] = {chart->csv_file, chart->trials_csv_file};
		struct text_buffer label = {0};

		text_append_format(&label, "%s:", chart->title);
		page_files(page, text_string(&label), files, 2);
		text_destroy(&label);
	}
	page_fold_end(page);
}

void section_part(struct page *page, const struct report *report, size_t index)
{
	const struct part *part = &report->parts[index];
	const struct charts *charts = &report->charts[index];
	const char *question = part_text(part, "question"), *title = part_text(part, "title");
	struct text_buffer answer = {0};

	page_heading(page, 3, part->id, *question ? question : *title ? title : part->id);
	answer_append(&answer, part);
	page_paragraph(page, "answer", text_string(&answer));
	page->html.failed = page->html.failed || text_failed(&answer);
	text_destroy(&answer);
	for (size_t i = 0; i < charts->count; i++)
		part_chart(page, report, &charts->items[i]);
	section_limits(page, part);
	part_claims(page, report, part);
	if (observed_is(part))
		observed_method(page, part);
	else
		section_method(page, part);
	part_tables(page, part, charts);
}
