/* What gnuplot is given to draw a history (charts/history.gp). */
#ifndef TENK_REPORT_HISTORY_PLOT_H
#define TENK_REPORT_HISTORY_PLOT_H

#include "lib/text_buffer.h"
#include "stored/history/series.h"

struct history_plot {
	struct text_buffer prologue, data;
	size_t panels;
};

/* 0 or -ENOMEM; destroy it in any case. */
int history_plot_make(struct history_plot *plot, const struct history_analysis *analysis);
void history_plot_destroy(struct history_plot *plot);

#endif
