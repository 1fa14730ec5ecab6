/* The answer of a part that is a ladder. */
#ifndef TENK_REPORT_LADDER_ANSWER_H
#define TENK_REPORT_LADDER_ANSWER_H

#include "lib/text_buffer.h"
#include "report/part.h"

/*
 * Who held how many connections, what gave way at the next step and what would lift that: a sentence
 * or two for all servers that came to the same end. `brief` cuts long lists of names.
 */
void ladder_answer(struct text_buffer *out, const struct part *part, bool brief);

#endif
