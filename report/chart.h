/*
 * A part's charts, drawn and written: from the names in the scenario to figures for the page.
 */
#ifndef TENK_REPORT_CHART_H
#define TENK_REPORT_CHART_H

#include "report/chart_draw.h"
#include "report/part.h"

struct charts {
	struct chart *items;
	size_t count;
};

/*
 * Draws every chart of a part and writes its SVG and CSV. A chart that cannot be drawn is kept
 * with its reason (and its CSV); a chart without a single figure is left out.
 * 0 or -errno, with the message set for what cannot go on without (no memory, disk full).
 */
int charts_make(struct charts *charts, const struct part *part, const struct chart_place *place,
		struct error *error);

/* The same of what is of a whole run: what a connection costs against what a request does. */
int charts_make_run(struct charts *charts, const struct chart_run *run,
		    const struct chart_place *place, struct error *error);
void charts_destroy(struct charts *charts);

/* The first of that name ("tradeoff", "throughput", "ladder") that was drawn, or NULL. */
const struct chart *charts_find(const struct charts *charts, const char *name);

#endif
