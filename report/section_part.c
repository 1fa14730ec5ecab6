/* One part of a scenario on the page. */
#include "report/section.h"

#include "report/answer.h"
#include "report/section_pieces.h"

#include <math.h>
#include <string.h>

static void part_chart(struct page *page, const struct report *report, const struct chart *chart)
{
	const char *const files[] = {chart->csv_file, chart->trials_csv_file};

	if (chart == report->picture) {
		struct text_buffer text = {0};

		text_append_format(&text, "%s: the picture at the top of this page.", chart->title);
		page_reference(page, chart->id, text_string(&text));
		text_destroy(&text);
	} else if (chart->why) {
		struct text_buffer text = {0};

		text_append_format(&text, "%s: %s. Its figures are in the table and in the files.",
				   chart->title, chart->why);
		page_remark(page, "remark", "A chart is missing.", text_string(&text));
		page_files(page, "Data of this chart:", files, 2);
		text_destroy(&text);
	} else {
		section_figure(page, chart);
	}
}

/* "Resident ...: refuted here, overstated x 30": one of a claim's metrics. */
static void append_verdict(struct text_buffer *out, const struct verdict *verdict)
{
	const char *title = json_string_of(verdict->descriptor, "title");

	text_append_format(out, "%s%s: %s", out->length ? "; " : "",
			   *title ? title : verdict->metric, verdict_word(verdict->kind));
	if (*verdict->factor_word && isfinite(verdict->factor))
		text_append_format(out, ", %s \xc3\x97" TEXT_NBSP "%.3g", verdict->factor_word,
				   verdict->factor);
}

/* What became of the claims that this part decides: a remark for each, in the order of the file. */
static void part_verdicts(struct page *page, const struct report *report, const struct part *part)
{
	for (size_t i = 0, next; i < report->verdict_count; i = next) {
		const struct verdict *first = &report->verdicts[i];
		struct text_buffer text = {0}, word = {0};

		for (next = i; next < report->verdict_count; next++) {
			if (report->verdicts[next].claim != first->claim)
				break;
			append_verdict(&text, &report->verdicts[next]);
		}
		text_append_format(&word, "Claim %s.", json_string_of(first->claim, "id"));
		text_append(&text, ".");
		if (strcmp(first->part, part_text(part, "name")) == 0 &&
		    strcmp(first->scenario, json_string_of(part->scenario, "name")) == 0)
			page_remark(page, "remark", text_string(&word), text_string(&text));
		text_destroy(&text);
		text_destroy(&word);
	}
}

void section_part(struct page *page, const struct report *report, size_t index)
{
	const struct part *part = &report->parts[index];
	const struct charts *charts = &report->charts[index];
	const char *question = part_text(part, "question"), *title = part_text(part, "title");
	struct text_buffer answer = {0};

	page_heading(page, 2, part->id, *question ? question : *title ? title : part->id);
	answer_append(&answer, part, false);
	page_paragraph(page, "answer", text_string(&answer));
	part_verdicts(page, report, part);
	page->html.failed = page->html.failed || text_failed(&answer);
	text_destroy(&answer);
	section_ladder(page, part);
	for (size_t i = 0; i < charts->count; i++)
		part_chart(page, report, &charts->items[i]);
	section_method(page, part);
	section_limits(page, part);
	section_data(page, part);
}
