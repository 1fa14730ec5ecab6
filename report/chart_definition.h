/*
 * What the head of a file in charts/ says of its chart, so that a chart is that one file.
 *
 *   #: title    Requests answered each second
 *   #: data     axis                 axis | percentiles | stack | ratios | grid | ladder | plane |
 *                                    claims | answered
 *   #: metrics  requests_per_s       keys of results/SCHEMA.md, up to eight (not for percentiles, ladder, claims); with
 *                                    an @ at its end, of each kind of a mix, in a chart of its own
 *   #: x        linear               linear | log; without it, log where the values call for it
 *   #: y        log                  linear | log; without it, linear
 *   #: y-title  requests per second
 *   #: caption  Each dot is a trial ...   (may be given on several lines)
 *   #: along    rate_per_s           of an axis chart: drawn only of a part that varies one of these axes,
 *                                    and along it
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
	CHART_STACK,	   /* what a whole is made of, over all points, one row a server */
	CHART_RATIOS, /* a metric as a multiple of the yardstick's at one point, one row a server */
	CHART_GRID,   /* the same at every point, server by axis */
	CHART_LADDER, /* how many connections were held, one row for those who share a fate */
	CHART_ANSWERED, /* of a burst: how many have their answer so far, against time */
	CHART_CLAIMS, /* verdicts on a scale where 1 is what is claimed, a row a claim; of a run */
	CHART_PLANE,  /* one metric against another, a mark a server; of a whole run */
};

enum chart_scale { CHART_SCALE_AUTO, CHART_SCALE_LINEAR, CHART_SCALE_LOG };

enum { CHART_METRICS_MAX = 8, CHART_FILES_MAX = 8, CHART_NAME_SIZE = 100 };

struct chart_definition {
	char name[CHART_NAME_SIZE];
	char file[PATH_MAX]; /* absolute */
	char title[128], y_title[64], caption[640];
	char along[CHART_NAME_SIZE]; /* "": the main axis of the part */
	enum chart_data data;
	enum chart_scale x, y;
	char metrics[CHART_METRICS_MAX][CHART_NAME_SIZE];
	size_t metric_count;
};

/*
 * The charts that a scenario means by a name: charts/NAME.gp and, after it, every
 * charts/NAME-*.gp in alphabetical order. Returns how many were read (0: there is no such chart),
 * or -errno with the message to show.
 */
long chart_definitions_read(struct chart_definition definitions[CHART_FILES_MAX],
			    const char *resource_directory, const char *name, struct error *error);

#endif
