/*
 * Everything about one chart, but for the drawing: its data file for gnuplot, its ranges, its series, its
 * CSV, and what must be said below it.
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
#include "stored/claims/claims.h"

/*
 * A picture is so wide and usually so high; up to so many trials are drawn one by one, and from so many
 * on their interval.
 */
enum {
	CHART_WIDTH_PX = 860,
	CHART_HEIGHT_PX = 420,
	CHART_TICKS_MAX = 64,
	CHART_SERIES_MAX = 64,
	CHART_DOTS_MAX = 5,
};

struct chart_range {
	double low, high; /* of the data; low > high: nothing there */
	bool log;
	bool bare; /* as far as it says and no further */
	const char *unit;
	const char *axis;	       /* x of an axis chart: its ticks are the axis' own values */
	double ticks[CHART_TICKS_MAX]; /* those values */
	size_t tick_count;
};

/* What charts of a whole run are made from. */
struct chart_run {
	const struct part *parts;
	size_t part_count;
	const struct verdict *verdicts;
	size_t verdict_count;
};

struct chart_plot {
	const struct chart_definition *definition;
	const struct part *part;     /* NULL in a chart of a whole run */
	const struct chart_run *run; /* NULL in a chart of a part */
	const json_t *point; /* the axes that do not vary within the chart, and their values */
	const char *kind;    /* of a mix: of requests of that kind alone; NULL: of all */
	struct text_buffer data;
	struct text_buffer settings; /* gnuplot commands of this chart alone */
	struct text_buffer csv, trials_csv;
	struct text_buffer note; /* for people: lower bounds, failed trials ... */
	struct chart_range x, y;
	double height_px;		      /* of the picture */
	double plot_width_px, plot_height_px; /* between the axes: the room that tics have */
	bool empty;			      /* no figure at all: not drawn */
};

void chart_plot_destroy(struct chart_plot *plot);

/* Each fills an empty plot whose definition, and part or run, and point are set. 0 or -ENOMEM. */
int chart_fill_axis(struct chart_plot *plot);
int chart_fill_percentiles(struct chart_plot *plot);
int chart_fill_stack(struct chart_plot *plot);
int chart_fill_ratios(struct chart_plot *plot);
int chart_fill_grid(struct chart_plot *plot);
int chart_fill_ladder(struct chart_plot *plot);
int chart_fill_plane(struct chart_plot *plot);
int chart_fill_claims(struct chart_plot *plot);

/* What they share: "NaN" or a number that reads back as the same. */
void chart_append_number(struct text_buffer *out, double value);
void chart_append_csv_number(struct text_buffer *out, double value);
/* A text in quotes, as one field of a data file, with a blank before. */
void chart_append_text(struct text_buffer *out, const char *text);
void chart_range_add(struct chart_range *range, double value);
/* The columns and cells of the fixed axes, each with a comma behind. */
void chart_csv_axes_header(struct text_buffer *out, const struct part *part);
void chart_csv_axes(struct text_buffer *out, const struct part *part, const json_t *point);
/* ",median,low,high,coverage,count" without a line's end. */
void chart_csv_summary(struct text_buffer *out, const struct summary *summary);
/* How many trials are not ok, and how the chart shows each kind: (saturated, failed, invalid). */
void chart_note_outcomes(struct chart_plot *plot, const struct part_outcomes *outcomes,
			 const char *const shown[3]);
/* The axis that a chart of a part is along: of those that its definition names the one that varies, else the main one. */
const char *chart_axis(const struct chart_definition *definition, const struct part *part);
/* Whether a point lies in this chart: its other axes have the chart's values. */
bool chart_has_point(const struct chart_plot *plot, const json_t *point);

/*
 * Panels, each with the series of one family: gnuplot's commands for where they lie and what is in them.
 * `ends` are the values of y where the lines of the part's servers end, NAN for one that has none. Sets the
 * size of the picture and of its plots; the range of y must be known. 0 or -1: no memory.
 */
int chart_append_panels(struct chart_plot *plot, const double *ends);

/*
 * A row for each name from top to bottom, of so many pixels, with so many to the right of the plot for
 * words. Sets the size of the picture and of its plot.
 */
void chart_append_rows(struct chart_plot *plot, const char *const *names, size_t count,
		       double row_px, double right_px);

/*
 * gnuplot's commands for ranges, logarithms and tics at the size of the plot, such that labels keep their
 * distance.
 */
void chart_append_scales(struct text_buffer *out, const struct chart_plot *plot);

/* Where a value lies along an axis as it will be drawn, 0 to 1. */
double chart_position(const struct chart_range *range, bool from_zero, double value);

#endif
