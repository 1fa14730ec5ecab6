/*
 * Figures in words: a value with its unit, a median with its interval, a point of a part.
 * Units of metrics are those of results/SCHEMA.md: "per_s", "ns", "bytes", "ratio", "count".
 */
#ifndef TENK_REPORT_FORMAT_H
#define TENK_REPORT_FORMAT_H

#include "lib/statistics/statistics.h"
#include "lib/text_buffer.h"
#include "report/part.h"
#include "stored/blocks/ratio.h"

/* What stands where there is no figure. */
#define FORMAT_NONE "\xe2\x80\x93"

enum { FORMAT_SIZE = 64 };

/* "131k/s", "9.30 KiB", "61.2 µs", with a no-break space before the unit. Returns out. */
char *format_value(const char *unit, double value, char out[FORMAT_SIZE]);

/* The same without zeros that say nothing, for the tics of an axis: "20k", "4 KiB", "0". */
char *format_tick(const char *unit, double value, char out[FORMAT_SIZE]);

/* A claimed figure as its source would write it: bytes in powers of 1000, "2 MB". */
char *format_claimed(const char *unit, double value, char out[FORMAT_SIZE]);

/* "10,000"; for numbers that are whole. */
char *format_integer(double value, char out[FORMAT_SIZE]);

/* The interval of a summary: "[129k, 133k]" in the unit of its median where all three share it. */
char *format_interval(const char *unit, const struct summary *summary, char out[FORMAT_SIZE]);

/* "131k/s [129k, 133k]"; "≥ " before it for a lower bound; FORMAT_NONE without values. */
void format_summary(struct text_buffer *out, const char *unit, const struct summary *summary,
		    bool at_least);

/* "0.176", "1.42", "12.3": what ratios are written with. Returns out. */
char *format_ratio_number(double value, char out[FORMAT_SIZE]);

/* "× 1.42"; "× ≥ 1.42" and "× ≤ 1.42" of what is a bound; FORMAT_NONE without values. Returns out. */
char *format_ratio_value(const struct block_ratio *ratio, char out[FORMAT_SIZE]);

/* Its interval: "[1.38, 1.45]", with FORMAT_NONE for an end of which nothing is known. */
char *format_ratio_interval(const struct block_ratio *ratio, char out[FORMAT_SIZE]);

/* The unit of a metric as the run describes it; "count" if it does not. */
const char *format_metric_unit(const struct results *results, const char *metric);

/* An axis in words: "connections", "requests offered per second", "wait", "body". */
const char *format_axis_title(const char *axis);
/* The unit of an axis, for format_tick. */
const char *format_axis_unit(const char *axis);

/* "10,000", "5k/s", "10 ms": a value of an axis alone. */
char *format_axis_value(const char *axis, double value, char out[FORMAT_SIZE]);

/* "64 connections", "5k/s offered", "a wait of 10 ms": one axis and its value. */
void format_axis(struct text_buffer *out, const char *axis, double value);

/* A point: "64 connections and a wait of 10 ms"; without `but` (may be NULL). "" if nothing varies. */
void format_point(struct text_buffer *out, const json_t *point, const char *but);

/* Puts what belongs between the i-th item and the one before it: "", ", " or " and ". */
void format_separator(struct text_buffer *out, size_t index, size_t count);

/* A count in a sentence: "four", "twelve", "13". Returns out. */
char *format_count_word(size_t count, char out[FORMAT_SIZE]);

/* "1 trial", "3 trials". */
void format_count(struct text_buffer *out, size_t count, const char *thing);

#endif
