/*
 * Everything about one chart of one part, but for the drawing: its data file for gnuplot, its
 * ranges, its series, its CSV, and what must be said below it.
 *
 * The layout of the data file, by `data` of the definition, is explained where it is used, in
 * charts/common.gp.
 */
#ifndef TENK_REPORT_CHART_PLOT_H
#define TENK_REPORT_CHART_PLOT_H

#include "report/chart_definition.h"
#include "report/format.h"
#include "report/palette.h"
#include "report/part.h"

enum { CHART_TICKS_MAX = 64 };

struct chart_range {
	double low, high; /* of the data; low > high: nothing there */
	bool log;
	const char *unit;
	const char *axis;	       /* x of an axis chart: its ticks are the axis' own values */
	double ticks[CHART_TICKS_MAX]; /* those values */
	size_t tick_count;
};

struct chart_plot {
	const struct chart_definition *definition;
	const struct part *part;
	const json_t *point; /* the axes that do not vary within the chart, and their values */
	const char *kind;    /* of a mix: of requests of that kind alone; NULL: of all */
	struct text_buffer data;
	struct text_buffer settings; /* gnuplot commands of this chart alone */
	struct text_buffer csv, trials_csv;
	struct text_buffer note; /* for people: lower bounds, failed trials ... */
	struct chart_range x, y;
	size_t line_count; /* of a slopes chart: lines of text that it takes */
	bool empty;	   /* no figure at all: not drawn */
};

void chart_plot_destroy(struct chart_plot *plot);

/* Each fills an empty plot whose definition, part and point are set. 0 or -ENOMEM. */
int chart_fill_axis(struct chart_plot *plot);
int chart_fill_percentiles(struct chart_plot *plot);
int chart_fill_slopes(struct chart_plot *plot);

/* What the three share: "NaN" or a number that reads back as the same. */
void chart_append_number(struct text_buffer *out, double value);
void chart_append_csv_number(struct text_buffer *out, double value);
void chart_range_add(struct chart_range *range, double value);
/* gnuplot: the arrays of series (titles, marks, colours) and one linetype for each. */
void chart_append_series(struct chart_plot *plot);
/* The columns and cells of the fixed axes, each with a comma behind. */
void chart_csv_axes_header(struct text_buffer *out, const struct part *part);
void chart_csv_axes(struct text_buffer *out, const struct part *part, const json_t *point);
/* How many trials are not ok, and how the chart shows each kind: (saturated, failed, invalid). */
void chart_note_outcomes(struct chart_plot *plot, const struct part_outcomes *outcomes,
			 const char *const shown[3]);

/*
 * gnuplot's commands for ranges, logarithms and tics at a given size of the plot in pixels, such
 * that labels keep their distance.
 */
void chart_append_scales(struct text_buffer *out, const struct chart_plot *plot, double width,
			 double height);

#endif
