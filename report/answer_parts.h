/* What the files of answers share: sentences within a budget of words, and ranges of figures. */
#ifndef TENK_REPORT_ANSWER_PARTS_H
#define TENK_REPORT_ANSWER_PARTS_H

#include "lib/text_buffer.h"
#include "report/contenders.h"
#include "report/part.h"

/* An answer being made, sentence by sentence. */
struct answer {
	struct text_buffer *out;
	const struct part *part;
	size_t words, sentences;
};

/* How a range is worded. */
struct range_words {
	const char *best, *worst; /* "the rate is highest with", "lowest with" */
	const char *between;	  /* "the rate goes" */
	const char *after;	  /* behind the figures */
	const char *alone;	  /* of one server: "the rate is" */
	const char *nobody;	  /* "none is ahead" */
};

/* Takes the sentence if there is room for it, and destroys it; "" is none. */
void answer_add(struct answer *answer, struct text_buffer *sentence);

/*
 * Behind what is begun from whom to whom the figures go, and who leads if somebody does in every block.
 * Nothing where nobody has a figure.
 */
void answer_add_range(struct answer *answer, struct text_buffer *begun,
		      const struct contenders *all, const char *metric,
		      const struct range_words *words);

/* How many servers have no figure where the others are compared. */
void answer_add_absent(struct answer *answer, const struct contenders *all);

/* A part on memory (answer_memory.c). */
void answer_memory(struct answer *answer);

#endif
