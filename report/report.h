/*
 * The report of a run: RUN/report/index.html (self-contained), report.md, charts/NAME.svg and
 * data/NAME.csv. A pure reader of what the run stored; the same run gives the same bytes.
 */
#ifndef TENK_REPORT_H
#define TENK_REPORT_H

#include "stored/results.h"
#include "lib/error.h"
#include "report/against.h"

#include <stdbool.h>
#include <stdio.h>

struct report_options {
	const char *report_directory;	/* where to write; NULL: "report" in the run's folder */
	const char *resource_directory; /* with template.html, style.css and charts/NAME.gp */
	const char *gnuplot;		/* the program; NULL: "gnuplot" from PATH */
	const char *base_url; /* where the page will be found, for links to it; NULL: not known */
	bool without_charts;  /* none are drawn, nor missed */
	const struct against *against; /* the run beside others, whose first it is; NULL: alone */
};

/*
 * Writes the report beside the old one and then puts it in its place, so that a failure leaves the
 * old one whole. The folder that holds report_directory must exist.
 *
 * Returns 0; or the number of charts that could not be drawn, for instance because gnuplot is not
 * installed: the report is written without them, and `error` says why; or -errno with a message.
 * A run that was stopped, or that still runs, is reported as far as it got.
 */
int report_write(const struct results *results, const struct report_options *options,
		 struct error *error);

/*
 * Writes one document of the report to a stream and leaves no file behind: `name` is that of its file,
 * "index.html", "report.md" or "summary.json". options->report_directory is of no account. As report_write
 * otherwise; -EIO where the stream did not take it.
 */
int report_write_document(const struct results *results, const struct report_options *options,
			  const char *name, FILE *out, struct error *error);

#endif
