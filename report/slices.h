/* Whether a part was measured side by side, in slices, or one trial after another; as a run says. */
#ifndef TENK_REPORT_SLICES_H
#define TENK_REPORT_SLICES_H

#include "lib/text_buffer.h"
#include "report/part.h"

/* In whole sentences, with a blank before; nothing if the run does not say. */
void slices_append(struct text_buffer *out, const struct part *part);

/*
 * For the terminal, a line each: that trials followed one another, and why, unless all were measured in slices
 * or the run does not say; and that others used the machine meanwhile, since then only ratios hold.
 */
void slices_print(const struct part *part, FILE *out);

#endif
