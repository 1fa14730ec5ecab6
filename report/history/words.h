/* What a history's tables and its picture call their series and changes. */
#ifndef TENK_REPORT_HISTORY_WORDS_H
#define TENK_REPORT_HISTORY_WORDS_H

#include "lib/text_buffer.h"
#include "stored/history/series.h"

/* "quick/throughput, 64 connections": the cell but for its server. */
void history_append_cell(struct text_buffer *out, const struct history_series *series);
bool history_same_cell(const struct history_series *a, const struct history_series *b);

/* The metric's title; its key if it has none. */
const char *history_metric_title(const struct history_series *series);

/* "-9.8 %", or a difference in the metric's unit. */
void history_append_size(struct text_buffer *out, const struct history_series *series,
			 const struct history_change *change);

/* The line of the history that a change lies near. */
const json_t *history_change_line(const struct history_analysis *analysis,
				  const struct history_series *series,
				  const struct history_change *change);

#endif
