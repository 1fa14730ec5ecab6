/*
 * What the head of a file in charts/ says of its chart, so that a chart is that one file.
 *
 *   #: title    Requests answered each second
 *   #: data     axis                 axis | percentiles | slopes
 *   #: metrics  requests_per_s       keys of results/SCHEMA.md, up to six (not for percentiles); with
 *                                    an @ at its end, of each kind of a mix, in a chart of its own
 *   #: x        linear               linear | log; without it, log where the values call for it
 *   #: y        log                  linear | log; without it, linear
 *   #: y-title  requests per second
 *   #: caption  Each dot is a trial ...   (may be given on several lines)
 *   #: layout   stacked              of slopes: a server's metrics lie end to end on one line, the
 *                                    first is their sum
 *   #: claimed  2000000 2 MB each    of an axis chart: a line of so much for each x, and its name
 *   #: fit      1073741824 per_gib   of slopes: instead of each metric, how often it goes into so
 *                                    much; and what to call that in the CSV
 *
 * data says what the chart's data file holds; charts/common.gp explains how to plot it.
 */
#ifndef TENK_REPORT_CHART_DEFINITION_H
#define TENK_REPORT_CHART_DEFINITION_H

#include "lib/error.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum chart_data {
	CHART_AXIS,	   /* metrics against a varied axis */
	CHART_PERCENTILES, /* response time against the percentile */
	CHART_SLOPES,	   /* metrics of a server over all its points, one row a server */
};

enum chart_scale { CHART_SCALE_AUTO, CHART_SCALE_LINEAR, CHART_SCALE_LOG };

enum { CHART_METRICS_MAX = 6, CHART_FILES_MAX = 8, CHART_NAME_SIZE = 100, CHART_CLAIMED_MAX = 3 };

/* An amount with a name: what somebody says that each costs. */
struct chart_amount {
	double each;
	char title[CHART_NAME_SIZE];
};

struct chart_definition {
	char name[CHART_NAME_SIZE];
	char file[PATH_MAX]; /* absolute */
	char title[128], y_title[64], caption[640];
	enum chart_data data;
	enum chart_scale x, y;
	char metrics[CHART_METRICS_MAX][CHART_NAME_SIZE];
	size_t metric_count;
	bool stacked;
	struct chart_amount claimed[CHART_CLAIMED_MAX];
	size_t claimed_count;
	struct chart_amount fit; /* each 0: not asked for */
};

/*
 * The charts that a scenario means by a name: charts/NAME.gp and, after it, every
 * charts/NAME-*.gp in alphabetical order. Returns how many were read (0: there is no such chart),
 * or -errno with the message to show.
 */
long chart_definitions_read(struct chart_definition definitions[CHART_FILES_MAX],
			    const char *resource_directory, const char *name, struct error *error);

#endif
