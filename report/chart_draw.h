/* From a chart's data to its pictures: gnuplot's work. */
#ifndef TENK_REPORT_CHART_DRAW_H
#define TENK_REPORT_CHART_DRAW_H

#include "report/chart_plot.h"

/* Where to find the charts' files and where the report is being written. */
struct chart_place {
	const char *resource_directory;
	const char *gnuplot; /* NULL: from PATH */
	const char *folder;  /* of the new report: has charts/, data/ and work/ */
	const char *ending;  /* of the names of its data: ".csv", or packed, ".csv.gz" */
};

/* One chart as the page needs it. All strings belong to the chart. */
struct chart {
	char *id;   /* "quick-memory-memory-per-connection" */
	char *name; /* of the definition */
	char *definition_file;
	char *title, *caption;
	char *svg;				     /* an element; NULL if it could not be drawn */
	char *svg_file, *csv_file, *trials_csv_file; /* relative to the report's folder; "": none */
	char *why;				     /* not drawn: a sentence; else NULL */
};

/*
 * Draws a chart that has its names: the element for the page, and its SVG file. What goes wrong with gnuplot
 * becomes the chart's reason. 0 or -errno with the message.
 */
int chart_draw(struct chart *chart, const struct chart_plot *plot, const struct chart_place *place,
	       struct error *error);

/*
 * Draws a chart that was drawn once more, as a PNG of 1200 x 630 pixels to pass on, with words above and below
 * it. `name` is relative to the report's folder, whose work/ must still hold what chart_draw left there. 0 or
 * -errno with the message; -EINVAL where gnuplot cannot.
 */
int chart_share(const struct chart *chart, const struct chart_place *place, const char *title,
		const char *below, const char *name, struct error *error);

#endif
