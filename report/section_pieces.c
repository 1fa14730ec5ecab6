#include "report/section_pieces.h"

#include "report/format.h"
#include "report/palette.h"

void section_server_cell(struct page *page, const struct part *part, const char *server)
{
	const json_t *servers = json_object_get(part->results->run, "servers");
	struct palette_entry look = palette_find(servers, server);

	page_table_series(page, look.colour, server);
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

void section_figure(struct page *page, const struct chart *chart, const char *png_file)
{
	const char *const csv[] = {chart->csv_file, chart->trials_csv_file};
	const struct page_figure figure = {.id = chart->id,
					   .title = chart->title,
					   .caption = chart->caption,
					   .svg = chart->svg,
					   .svg_file = chart->svg_file,
					   .png_file = png_file,
					   .csv = csv,
					   .csv_count = 2};

	page_figure(page, &figure);
}
