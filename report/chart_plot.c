#include "report/chart_plot.h"

#include <math.h>

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

void chart_range_add(struct chart_range *range, double value)
{
	if (!isfinite(value))
		return;
	if (value < range->low)
		range->low = value;
	if (value > range->high)
		range->high = value;
}

void chart_append_series(struct chart_plot *plot)
{
	const struct part *part = plot->part;
	const json_t *servers = json_object_get(part->results->run, "servers");
	struct text_buffer *out = &plot->settings;
	struct text_buffer marks = {0}, colours = {0};

	text_append_format(out, "series = %zu\narray series_title[%zu] = [", part->server_count,
			   part->server_count);
	for (size_t i = 0; i < part->server_count; i++) {
		struct palette_entry look = palette_find(servers, part->servers[i]);

		text_append(out, i ? ", " : "");
		text_append_gnuplot(out, part->servers[i]);
		text_append_format(&marks, "%s%d", i ? ", " : "", look.mark);
		text_append_format(&colours, "%s%lu", i ? ", " : "", palette_colour_number(&look));
	}
	text_append_format(out, "]\narray series_mark[%zu] = [%s]\n", part->server_count,
			   text_string(&marks));
	text_append_format(out, "array series_colour[%zu] = [%s]\n", part->server_count,
			   text_string(&colours));
	for (size_t i = 0; i < part->server_count; i++) {
		struct palette_entry look = palette_find(servers, part->servers[i]);

		text_append_format(out, "set linetype %zu lc rgb '%s' dt %s pt %d lw 2.2 ps 0.6\n",
				   i + 1, look.colour, look.dash, look.mark);
	}
	out->failed = out->failed || text_failed(&marks) || text_failed(&colours);
	text_destroy(&marks);
	text_destroy(&colours);
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

void chart_note_outcomes(struct chart_plot *plot, const struct part_outcomes *outcomes,
			 const char *const shown[3])
{
	const struct {
		size_t count;
		const char *variable, *thing;
	} rows[] = {
		{outcomes->saturated, "saturated", "saturated trial"},
		{outcomes->failed, "failed", "failed trial"},
		{outcomes->invalid, "invalid", "invalid trial"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		text_append_format(&plot->settings, "%s = %zu\n", rows[i].variable, rows[i].count);
		if (!rows[i].count)
			continue;
		text_append(&plot->note, " ");
		format_count(&plot->note, rows[i].count, rows[i].thing);
		text_append_format(&plot->note, " (%s).", shown[i]);
	}
}
