/*
 * Parts whose programs observe themselves (docs/scenarios.md): what they saw is counts of orders of events,
 * and metrics of the group "observed". There is no load to describe and no rate to rank.
 */
#ifndef TENK_REPORT_OBSERVED_H
#define TENK_REPORT_OBSERVED_H

#include "report/page.h"
#include "report/part.h"

bool observed_is(const struct part *part);

/* What was seen, in a sentence: of each program the order seen most often, else its first figure. */
void observed_answer(struct text_buffer *out, const struct part *part);

/* How it was seen, and tables of the orders and of all figures. */
void observed_method(struct page *page, const struct part *part);
void observed_tables(struct page *page, const struct part *part);

#endif
