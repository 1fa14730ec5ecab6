/*
 * The response times of one trial as a curve over the percentile: from the histogram in its load report (of published
 * runs from the points of it that the trial keeps), and through the percentiles that the trial stores and tables show.
 * A percentile p is given as 1/(1-p).
 */
#ifndef TENK_REPORT_CHART_CURVE_H
#define TENK_REPORT_CHART_CURVE_H

#include "report/part.h"

enum {
	CURVE_STORED = 4,     /* percentiles that a trial stores */
	CURVE_PER_DECADE = 6, /* points of 1/(1-p) that are drawn, and that published trials keep */
};

/* Response times of one trial in ascending order, with how many lie at or below each. */
struct curve {
	size_t count;
	bool points; /* they are those at 10^(i/CURVE_PER_DECADE), from 1 on; else a histogram's */
	double *value_ns, *cumulative;
	double trusted;		     /* the highest percentile that is the server's doing, 1: all */
	double stored[CURVE_STORED]; /* what the trial says itself; NAN: nothing */
};

/* Reads a trial's, of one kind of a mix or of all (NULL). `sparse` is set if it has neither. 0 or -ENOMEM. */
int curve_read(struct curve *curve, const struct part *part, const json_t *trial, const char *kind,
	       bool *sparse);
void curve_destroy(struct curve *curve);

/*
 * A percentile of a trial of so many responses: the stored one where there is one, else the value of that
 * rank in the histogram, rounded as HdrHistogram does where the stored ones are from.
 */
double curve_at(const struct curve *curve, double total, double place);

/* Where the stored percentiles lie, in ascending order; NAN after the last. */
double curve_stored_place(size_t index);
/* The metric that is stored there, or NULL. */
const char *curve_stored_key(double place);

#endif
