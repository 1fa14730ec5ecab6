/* The screen's parts, each in a file of its own. Internal to report_text. */
#ifndef TENK_REPORT_TEXT_PARTS_H
#define TENK_REPORT_TEXT_PARTS_H

#include "loadgen/run.h"

#include <stdio.h>

enum { SHOWN_BYTES = 32, ROWS_MAX = 6 };

struct text {
	const struct run *run;
	FILE *out;
	const char *bold, *red, *plain;
};

/* The heading of a line, in a column of its own. */
void text_label(const struct text *text, const char *label);

/* report_text_errors.c: answers by status, if there was more than one; what failed, and how. */
void text_write_statuses(const struct text *text);
void text_write_errors(const struct text *text);

/* report_text_times.c: percentiles, of all and of each stage or request; how alike connections fared. */
void text_write_times(const struct text *text);
void text_write_fairness(const struct text *text);

/*
 * report_text_generator.c: what the generator cost and whether it, or a lack of connections, is part
 * of what was measured.
 */
void text_write_generator(const struct text *text);
void text_write_waited(const struct text *text);
void text_write_limit_of_search(const struct text *text);

/* report_text_ranks.c: of many processes that were one generator; nothing of one. */
void text_write_ranks(const struct text *text);

/* report_text_mix.c: what came of each kind of a mix; nothing if there is one request. */
void text_write_mix(const struct text *text);

#endif
