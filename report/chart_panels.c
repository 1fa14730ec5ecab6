/*
 * Panels: the series of a chart side by side, family by family, with the one that ratios are to in grey in
 * each of them, and a name at the end of every line. Lines that would lie on each other are parted so,
 * and no point has to move.
 */
#include "report/chart_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PANELS_MAX = 6, LABEL_PX = 15 };

/* Pixels around a plot: the title of y, that of the panel; tics and the title of x; tics of y. */
static const double head_px = 30, title_px = 24, foot_px = 52, left_px = 70, gap_px = 10;
static const double character_px = 8, mark_px = 34, name_most_px = 210;
/* Heights of one row of panels alone, and of each of two. */
static const double alone_px = 310, least_px = 178;

struct panel {
	size_t family;
	const char *title;
	size_t members[CHART_SERIES_MAX];
	double label_y[CHART_SERIES_MAX]; /* of the member's name, as a share of the height */
	size_t count;
	double name_px; /* of its longest name */
};

struct panels {
	struct panel items[PANELS_MAX];
	size_t count, most; /* members of the largest */
};

static int compare_panels(const void *left, const void *right)
{
	const struct panel *a = left, *b = right;

	return (a->family > b->family) - (a->family < b->family);
}

static void panels_sort(struct panels *panels, const struct chart_plot *plot, const double *ends)
{
	const json_t *servers = json_object_get(plot->part->results->run, "servers");

	for (size_t i = 0; i < plot->part->server_count && i < CHART_SERIES_MAX; i++) {
		struct palette_entry look = palette_find(servers, plot->part->servers[i]);
		size_t at = 0;

		if (isnan(ends[i]))
			continue;
		while (at < panels->count && strcmp(panels->items[at].title, look.group) != 0)
			at++;
		if (at == PANELS_MAX)
			continue;
		if (at == panels->count)
			panels->items[panels->count++].title = look.group;
		panels->items[at].family = look.family;
		panels->items[at].members[panels->items[at].count++] = i;
	}
	qsort(panels->items, panels->count, sizeof *panels->items, compare_panels);
}

/* The one that all are compared with, before the others so that it lies below them. */
static void panels_add_ghost(struct panels *panels, const struct chart_plot *plot,
			     const double *ends)
{
	size_t ghost = 0;

	while (ghost < plot->part->server_count && plot->part->against &&
	       strcmp(plot->part->servers[ghost], plot->part->against) != 0)
		ghost++;
	if (!plot->part->against || ghost >= CHART_SERIES_MAX || isnan(ends[ghost]))
		return;
	for (size_t i = 0; i < panels->count; i++) {
		struct panel *panel = &panels->items[i];
		bool has = false;

		for (size_t j = 0; j < panel->count; j++)
			has = has || panel->members[j] == ghost;
		if (has || panel->count == CHART_SERIES_MAX)
			continue;
		memmove(panel->members + 1, panel->members, panel->count * sizeof *panel->members);
		panel->members[0] = ghost;
		panel->count++;
	}
}

/* Where names stand at the right edge: at their lines' ends, but never closer than a line of text. */
static void panel_label(struct panel *panel, const struct chart_plot *plot, const double *ends,
			double height_px)
{
	size_t order[CHART_SERIES_MAX];
	double y[CHART_SERIES_MAX], top = height_px + LABEL_PX / 2.0;

	for (size_t i = 0; i < panel->count; i++) {
		size_t at = i;
		double here = chart_position(&plot->y, true, ends[panel->members[i]]) * height_px;

		for (; at > 0 && y[at - 1] > here; at--) {
			y[at] = y[at - 1];
			order[at] = order[at - 1];
		}
		y[at] = here;
		order[at] = i;
	}
	for (size_t i = 1; i < panel->count; i++)
		y[i] = fmax(y[i], y[i - 1] + LABEL_PX);
	for (size_t i = panel->count; i > 0; i--) {
		y[i - 1] = fmin(y[i - 1], top);
		top = y[i - 1] - LABEL_PX;
	}
	for (size_t i = 0; i < panel->count; i++)
		panel->label_y[order[i]] = y[i] / height_px;
}

static void append_members(struct chart_plot *plot, const struct panels *panels)
{
	const struct part *part = plot->part;
	const json_t *servers = json_object_get(part->results->run, "servers");
	struct text_buffer *out = &plot->settings;
	size_t member = 0;

	text_append(out, "array member[99]\narray member_title[99]\narray member_mark[99]\n"
			 "array member_colour[99]\narray member_y[99]\n");
	for (size_t i = 0; i < panels->count; i++) {
		text_append_format(out, "panel_first[%zu] = %zu\n", i + 1, member + 1);
		for (size_t j = 0; j < panels->items[i].count; j++) {
			size_t series = panels->items[i].members[j];
			struct palette_entry look = palette_find(servers, part->servers[series]);
			bool own = strcmp(look.group, panels->items[i].title) == 0;

			member++;
			text_append_format(out, "member[%zu] = %zu\nmember_title[%zu] = ", member,
					   series + 1, member);
			text_append_gnuplot(out, part->servers[series]);
			text_append_format(
				out,
				"\nmember_mark[%zu] = %d\nmember_colour[%zu] = %lu\n"
				"member_y[%zu] = %.4f\n"
				"set linetype %zu lc rgb '%s' dt %s pt %d lw %s ps 0.6\n",
				member, look.mark, member,
				own ? palette_colour_number(&look) : 0xa0a0a0UL, member,
				panels->items[i].label_y[j], member, own ? look.colour : "#a0a0a0",
				look.dash, look.mark, look.emphasised && own ? "2.2" : "1.5");
		}
		text_append_format(out, "panel_last[%zu] = %zu\n", i + 1, member);
	}
}

/* All plots are as wide as those of the row with the longest names can be. */
static double plot_width(const struct panels *panels, size_t columns)
{
	double width = CHART_WIDTH_PX;

	for (size_t i = 0; i < panels->count; i += columns) {
		double rest = CHART_WIDTH_PX;

		for (size_t j = i; j < i + columns && j < panels->count; j++)
			rest -= left_px + gap_px + panels->items[j].name_px;
		width = fmin(width, rest / (double)columns);
	}
	return width;
}

/* Where the plots lie in the picture, as shares of it from its lower left corner. */
static void append_places(struct chart_plot *plot, const struct panels *panels)
{
	struct text_buffer *out = &plot->settings;
	size_t columns = panels->count > 1 ? 2 : 1, rows = (panels->count + columns - 1) / columns;
	double row_px = title_px + plot->plot_height_px + foot_px;
	double left = left_px;

	plot->height_px = head_px + (double)rows * row_px;
	plot->plot_width_px = plot_width(panels, columns);
	for (size_t i = 0; i < panels->count; i++) {
		double top = plot->height_px - head_px - (double)(i / columns) * row_px - title_px;

		if (i % columns == 0)
			left = left_px;
		text_append_format(out, "panel_title[%zu] = ", i + 1);
		text_append_gnuplot(out, panels->count > 1 ? panels->items[i].title : "");
		text_append_format(out,
				   "\npanel_left[%zu] = %.5f\npanel_right[%zu] = %.5f\n"
				   "panel_top[%zu] = %.5f\npanel_bottom[%zu] = %.5f\n",
				   i + 1, left / CHART_WIDTH_PX, i + 1,
				   (left + plot->plot_width_px) / CHART_WIDTH_PX, i + 1,
				   top / plot->height_px, i + 1,
				   (top - plot->plot_height_px) / plot->height_px);
		left += plot->plot_width_px + panels->items[i].name_px + gap_px + left_px;
	}
}

int chart_append_panels(struct chart_plot *plot, const double *ends)
{
	struct panels *panels = calloc(1, sizeof *panels);

	if (!panels)
		return -1;
	panels_sort(panels, plot, ends);
	panels_add_ghost(panels, plot, ends);
	for (size_t i = 0; i < panels->count; i++) {
		panels->most = panels->items[i].count > panels->most ? panels->items[i].count
								     : panels->most;
		for (size_t j = 0; j < panels->items[i].count; j++) {
			const char *name = plot->part->servers[panels->items[i].members[j]];
			double px = mark_px + character_px * (double)strlen(name);

			panels->items[i].name_px = fmin(fmax(panels->items[i].name_px, px),
							name_most_px);
		}
	}
	plot->plot_height_px = fmax(panels->count > 2 ? least_px : alone_px,
				    LABEL_PX * ((double)panels->most - 1));
	for (size_t i = 0; i < panels->count; i++)
		panel_label(&panels->items[i], plot, ends, plot->plot_height_px);
	text_append_format(&plot->settings,
			   "panels = %zu\narray panel_first[9]\narray panel_last[9]\n"
			   "array panel_title[9]\narray panel_left[9]\narray panel_right[9]\n"
			   "array panel_top[9]\narray panel_bottom[9]\n",
			   panels->count);
	append_members(plot, panels);
	append_places(plot, panels);
	free(panels);
	return 0;
}
