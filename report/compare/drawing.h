/*
 * The interval of a change as a line of characters. All drawings of a table have one scale: a change
 * counts in the smallest that matters (words_badness), so the marks stand in the same columns whatever
 * the metric, and the right is always the worse side.
 */
#ifndef TENK_COMPARE_DRAWING_H
#define TENK_COMPARE_DRAWING_H

#include "lib/text_buffer.h"
#include "stored/comparison/comparison.h"

#include <stdbool.h>

enum { DRAWING_LEAST = 15, DRAWING_MOST = 41 };

struct drawing {
	int width;    /* columns, an odd number */
	double reach; /* of the scale, to either side of 0 */
	bool utf8;    /* else ASCII */
};

/* A scale on which the comparisons have room, as far as they are not very far out. */
struct drawing drawing_scale(const struct comparisons *comparisons, int width, bool utf8);

/* The line of one comparison, without blanks at its end; what lies beyond the scale ends in an arrow. */
void drawing_append(struct text_buffer *out, const struct drawing *drawing,
		    const struct comparison *comparison);

/* The head of the column, as wide: which side is which. */
void drawing_append_head(struct text_buffer *out, const struct drawing *drawing);

/* What its characters mean, one line. */
void drawing_append_legend(struct text_buffer *out, const struct drawing *drawing);

#endif
