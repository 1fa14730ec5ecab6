/*
 * What was found, in a sentence or two, from the data alone.
 *
 * Servers of which none is for certain behind, compared block by block, share a tier and no winner is
 * named; a rate that is a lower bound is not ranked; a floor (a yardstick that does no work) is not ranked either.
 */
#ifndef TENK_REPORT_ANSWER_H
#define TENK_REPORT_ANSWER_H

#include "lib/text_buffer.h"
#include "report/part.h"

/*
 * Appends the answer to a part's question. `brief` is for the first screen: without what the
 * section itself adds.
 */
void answer_append(struct text_buffer *out, const struct part *part, bool brief);

#endif
