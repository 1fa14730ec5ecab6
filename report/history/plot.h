/* What gnuplot is given to draw a history (charts/history.gp). */
#ifndef TENK_REPORT_HISTORY_PLOT_H
#define TENK_REPORT_HISTORY_PLOT_H

#include "lib/text_buffer.h"
#include "stored/history/series.h"

struct history_plot {
	struct text_buffer prologue, data;
	size_t panels;
};

/* A wide picture, or one for narrow screens. 0 or -ENOMEM; destroy it in any case. */
int history_plot_make(struct history_plot *plot, const struct history_analysis *analysis,
		      bool narrow);
void history_plot_destroy(struct history_plot *plot);

#endif
