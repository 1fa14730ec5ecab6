/*
 * What a run found, as one would say it to a colleague: a sentence over all, and for each finding a
 * sentence and the one value behind it. Page, terminal and summary.json take both from here, so that
 * they cannot differ. A finding's figure is a ratio within blocks (stored/blocks/ratio.h) wherever
 * two servers are compared; nothing is ranked that is not so in every block.
 */
#ifndef TENK_REPORT_FINDING_H
#define TENK_REPORT_FINDING_H

#include "report/part.h"

/* How many are shown where there is little room: as tiles, and as sentences. */
enum { FINDINGS_TILES = 3, FINDINGS_SENTENCES = 3 };

enum finding_state {
	FINDING_MEASURED, /* its value, and what is known of both ends of its interval */
	FINDING_AT_LEAST, /* nothing is known of its upper end: `high` is NAN */
	FINDING_AT_MOST,  /* nothing is known of its lower end: `low` is NAN */
	FINDING_UNTOLD,	  /* the run cannot tell; what is known of it stays in the numbers */
};

/* Where the first of two stands to the second, by more than what matters of the metric. */
enum finding_direction {
	FINDING_UNKNOWN, /* also of what is compared with nothing, and of a single block */
	FINDING_HIGHER,
	FINDING_LOWER,
	FINDING_SAME, /* for certain no difference that matters */
};

struct finding {
	const char *kind;  /* of the table of kinds: "cpu", "memory", "limits" */
	const char *title; /* of its tile: "CPU per request" */
	const char
		*chart; /* the name of the chart in which it is seen, or with "-ratio" behind it */
	const struct part *part; /* where it was measured; its id is the anchor of the section */
	const json_t *point;	 /* at which point of the part; NULL: over all of them */
	const char *metric;	 /* key; "" where it is of no metric, as how far a ladder came */
	/* Of which server, and over which one; NULL: it is not compared with another. */
	const char *of, *over;
	const char *unit; /* "ratio" where `over` divides, else that of the metric */
	enum finding_state state;
	enum finding_direction direction;
	double value, low, high;     /* in that unit; NAN: not known */
	double of_value, over_value; /* medians of the two, in the metric's unit; NAN: not known */
	size_t blocks;		     /* behind the value */
	bool every_block;	     /* each block says the same direction, beyond what matters */
	bool tile;		     /* it can stand as a tile: one figure says it */
	/* Owned. UTF-8, with no-break spaces before units, as everywhere on the page. */
	char *text;	/* of its tile: "× 1.50 [1.41, 1.62]", "cannot tell", "at least × 1.4" */
	char *compared; /* "thread-per-connection against epoll, 64 connections" */
	char *sentence; /* a whole one: at most three numbers and one ratio */
	char *why;	/* a clause, where the run cannot tell; "" otherwise */
};

struct findings {
	char *headline; /* one sentence for the top of the page; says so where nothing was found */
	struct finding *items; /* the most telling first */
	size_t count;
};

/* From the parts of a run, which must outlive it. 0 or -ENOMEM: then there is nothing in it. */
int findings_make(struct findings *findings, const struct part *parts, size_t part_count);
void findings_destroy(struct findings *findings);

/* The index-th finding that can stand as a tile; NULL: there are no more. */
const struct finding *findings_tile(const struct findings *findings, size_t index);

/* "measured", "at_least", "at_most", "untold": the word of a state for style sheets and JSON. */
const char *finding_state_word(enum finding_state state);

/* "higher", "lower", "same", "unknown". */
const char *finding_direction_word(enum finding_direction direction);

#endif
