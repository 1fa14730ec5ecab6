/* How far a run can be trusted, in one line: what limited it, and what the machine did meanwhile. */
#ifndef TENK_REPORT_TRUST_H
#define TENK_REPORT_TRUST_H

#include "lib/text_buffer.h"
#include "report/part.h"

/*
 * The share of time that the host took during trials, from 0 to 1: of the median trial and at the most.
 * False: no trial knows.
 */
bool trust_steal(const struct results *results, double *median, double *most);

/* "18 of 32 cells were driven to their limit. On a virtual machine; ...". */
void trust_append(struct text_buffer *out, const struct results *results, const struct part *parts,
		  size_t part_count);

#endif
