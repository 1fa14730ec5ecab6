/* One part of a scenario on the page. */
#include "report/section.h"

#include "report/answer.h"
#include "report/format.h"

#include <math.h>
#include <string.h>

void section_server_cell(struct page *page, const struct part *part, const char *server)
{
	const json_t *servers = json_object_get(part->results->run, "servers");
	struct palette_entry look = palette_find(servers, server);

	page_table_swatch(page, look.colour, server);
}

const char *section_point_title(const struct part *part)
{
	bool one = part->point_count && json_object_size(part->points[0]) == 1;

	return one ? format_axis_title(part_main_axis(part)) : "at";
}

void section_point(struct text_buffer *out, const struct part *part, const json_t *point)
{
	const char *axis = part_main_axis(part);
	char text[FORMAT_SIZE];

	if (json_object_size(point) == 1)
		text_append(out, format_axis_value(axis, json_number_of(point, axis), text));
	else
		format_point(out, point, NULL);
}

void section_summary_cell(struct page *page, const char *unit, const struct summary *summary,
			  bool bound)
{
	char text[FORMAT_SIZE], interval[FORMAT_SIZE];
	struct text_buffer value = {0};

	if (!summary->count) {
		page_table_cell(page, FORMAT_NONE, NULL);
		return;
	}
	text_append_format(&value, "%s%s", bound ? "\xe2\x89\xa5" TEXT_NBSP : "",
			   format_value(unit, summary->median, text));
	page_table_cell(page, text_string(&value), format_interval(unit, summary, interval));
	text_destroy(&value);
}

static void part_chart(struct page *page, const struct report *report, const struct chart *chart)
{
	const char *const files[] = {chart->csv_file, chart->trials_csv_file};
	const struct page_figure figure = {.id = chart->id,
					   .title = chart->title,
					   .caption = chart->caption,
					   .svg_wide = chart->svg_wide,
					   .svg_narrow = chart->svg_narrow,
					   .svg_file = chart->svg_file,
					   .csv_file = chart->csv_file,
					   .trials_csv_file = chart->trials_csv_file};

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
		page_figure(page, &figure);
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
