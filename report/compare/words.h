/*
 * A comparison in words and figures, the same in all formats: each asks here, so that the terminal,
 * Markdown, JUnit and annotations say one thing.
 *
 * Names come from files and command lines: in what is appended here nothing is left of them that a
 * terminal would obey or that XML cannot hold; what has a meaning in Markdown, XML or a workflow command is
 * for the format to escape.
 */
#ifndef TENK_COMPARE_WORDS_H
#define TENK_COMPARE_WORDS_H

#include "lib/text_buffer.h"
#include "stored/comparison/comparison.h"

enum { WORDS_SIZE = 96 };

/* The text in one line: what is no UTF-8, no character or a control character becomes "?" or a blank. */
void words_append(struct text_buffer *out, const char *text);

/* The metric's title, "Server CPU per request"; its key if it has none. */
const char *words_metric(const struct comparison *comparison);

/* "Server CPU per request (throughput, 64 connections)". */
void words_subject(struct text_buffer *out, const struct comparison *comparison);

/* The outcome by name; "accepted" for a regression that a policy accepts. */
const char *words_verdict(const struct comparison *comparison);

/* Whether it is one that fails the gate. */
bool words_fails(const struct comparison *comparison);

/*
 * Whether it is of those that decide: of what gates; where nothing does, of what would in a gate; where
 * nothing would, of all.
 */
bool words_decides(const struct comparisons *comparisons, const struct comparison *comparison);

/* A value of A or B with its unit, "5.62 us"; "-" for NAN. Returns out. */
char *words_value(const struct comparison *comparison, double value, char out[WORDS_SIZE]);

/* How large a change is, without a sign: "1.2 %", "4.00 KiB". Returns out. */
char *words_amount(const struct comparison *comparison, double change, char out[WORDS_SIZE]);

/* "-0.3 % [-0.9, +0.4]", "+1.20 KiB [+1.00 KiB, ?]"; "-" where no change is known. Returns out. */
char *words_change(const struct comparison *comparison, char out[WORDS_SIZE]);

/* A change in the smallest that matters, above zero where it is one to the worse; NAN if there is none. */
double words_badness(const struct comparison *comparison, double change);

/* "blocks" or, of what was not measured side by side, "trials". */
const char *words_pairs(const struct comparisons *comparisons);

/*
 * What one would say to a colleague, one sentence about what decides: the worst of the gating
 * comparisons, or where none gates, of all.
 */
void words_sentence(struct text_buffer *out, const struct comparisons *comparisons);

/* What can be done where nothing was decided, one sentence; "" if all is. */
void words_advice(struct text_buffer *out, const struct comparisons *comparisons);

#endif
