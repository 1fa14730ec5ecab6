/*
 * What was found in a part, in at most ANSWER_WORDS words, from the data alone: lists are for tables.
 *
 * A server is said to lead only where it did in every block; a rate that is a lower bound is not ranked,
 * nor is a floor (a yardstick that does no work), nor anybody in a single trial.
 */
#ifndef TENK_REPORT_ANSWER_H
#define TENK_REPORT_ANSWER_H

#include "lib/text_buffer.h"
#include "report/part.h"

enum { ANSWER_WORDS = 40 };

/* Appends the answer to a part's question: sentences, of which the first is always there. */
void answer_append(struct text_buffer *out, const struct part *part);

#endif
