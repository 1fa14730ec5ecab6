#include "report/chart_plot.h"

#include "stored/axis.h"

#include <math.h>
#include <string.h>

void chart_plot_destroy(struct chart_plot *plot)
{
	text_destroy(&plot->data);
	text_destroy(&plot->settings);
	text_destroy(&plot->csv);
	text_destroy(&plot->trials_csv);
	text_destroy(&plot->note);
}

void chart_append_number(struct text_buffer *out, double value)
{
	if (isfinite(value))
		text_append_format(out, " %.12g", value);
	else
		text_append(out, " NaN");
}

void chart_append_csv_number(struct text_buffer *out, double value)
{
	if (isfinite(value))
		text_append_format(out, "%.12g", value);
}

void chart_append_text(struct text_buffer *out, const char *text)
{
	text_append(out, " \"");
	for (; *text; text++)
		text_append_bytes(out, *text == '"' || *text == '\\' ? "'" : text, 1);
	text_append(out, "\"");
}

void chart_range_add(struct chart_range *range, double value)
{
	if (!isfinite(value))
		return;
	if (value < range->low)
		range->low = value;
	if (value > range->high)
		range->high = value;
}

const char *chart_axis(const struct chart_definition *definition, const struct part *part)
{
	for (enum axis_kind axis = 0; axis < AXIS_COUNT; axis++) {
		const char *key = axis_at(axis)->key;

		if (strstr(definition->along, key) && part_varies(part, key))
			return key;
	}
	return part_main_axis(part);
}

bool chart_has_point(const struct chart_plot *plot, const json_t *point)
{
	const char *axis;
	json_t *value;

	json_object_foreach((json_t *)plot->point, axis, value)
	{
		if (json_number_of(point, axis) != json_number_value(value))
			return false;
	}
	return true;
}

void chart_csv_axes_header(struct text_buffer *out, const struct part *part)
{
	const char *axis;
	json_t *value;

	if (!part->point_count)
		return;
	json_object_foreach(part->points[0], axis, value)
	{
		text_append_csv(out, axis);
		text_append(out, ",");
	}
}

void chart_csv_axes(struct text_buffer *out, const struct part *part, const json_t *point)
{
	const char *axis;
	json_t *value;

	if (!part->point_count)
		return;
	json_object_foreach(part->points[0], axis, value)
	{
		chart_append_csv_number(out, json_number_of(point, axis));
		text_append(out, ",");
	}
}

void chart_csv_summary(struct text_buffer *out, const struct summary *summary)
{
	const double figures[] = {summary->median, summary->low, summary->high};

	for (size_t i = 0; i < 3; i++) {
		text_append(out, ",");
		if (summary->count)
			chart_append_csv_number(out, figures[i]);
	}
	text_append_format(out, ",%.6g,%zu", summary->coverage, summary->count);
}

void chart_note_outcomes(struct chart_plot *plot, const struct part_outcomes *outcomes,
			 const char *const shown[3])
{
	const struct {
		size_t count;
		const char *thing, *more, *shown;
	} rows[] = {
		{outcomes->saturated, "saturated trial", "", shown[0]},
		{outcomes->failed - outcomes->beyond, "failed trial", "", shown[1]},
		{outcomes->beyond, "trial", " over what a model can hold", shown[1]},
		{outcomes->invalid, "invalid trial", "", shown[2]},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!rows[i].count)
			continue;
		text_append(&plot->note, " ");
		format_count(&plot->note, rows[i].count, rows[i].thing);
		text_append_format(&plot->note, "%s (%s).", rows[i].more, rows[i].shown);
	}
}

void chart_append_rows(struct chart_plot *plot, const char *const *names, size_t count,
		       double row_px, double right_px)
{
	/* Pixels: of a character, above the rows, below them for tics and the title of x. */
	const double character_px = 8, top_px = 38, bottom_px = 52, gap_px = 16;
	struct text_buffer *out = &plot->settings;
	double left_px = 0;

	text_append(out, "set ytics (");
	for (size_t i = 0; i < count; i++) {
		left_px = fmax(left_px, character_px * (double)strlen(names[i]));
		text_append(out, i ? ", " : "");
		text_append_gnuplot(out, names[i]);
		text_append_format(out, " %zu", i + 1);
	}
	left_px += gap_px;
	text_append_format(out, ") scale 0\narray row_name[%zu]\n", count);
	for (size_t i = 0; i < count; i++) {
		text_append_format(out, "row_name[%zu] = ", i + 1);
		text_append_gnuplot(out, names[i]);
		text_append(out, "\n");
	}
	plot->plot_height_px = row_px * (double)count;
	plot->height_px = top_px + plot->plot_height_px + bottom_px;
	plot->plot_width_px = CHART_WIDTH_PX - left_px - right_px;
	text_append_format(out,
			   "rows = %zu\nset yrange [%zu.5:0.5]\n"
			   "set lmargin at screen sx(%.5f)\nset rmargin at screen sx(%.5f)\n"
			   "set tmargin at screen sy(%.5f)\nset bmargin at screen sy(%.5f)\n",
			   count, count, left_px / CHART_WIDTH_PX, 1 - right_px / CHART_WIDTH_PX,
			   1 - top_px / plot->height_px, bottom_px / plot->height_px);
}
