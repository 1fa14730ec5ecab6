/*
 * Runs laid side by side: of the cells that the first has in common with another, each run's figure and how
 * it stands to the same server of its own run. Only the latter can be compared between runs: two servers of
 * a block met the same machine, two runs did not.
 */
#ifndef TENK_REPORT_AGAINST_H
#define TENK_REPORT_AGAINST_H

#include "lib/text_buffer.h"
#include "report/part.h"

#include <stdio.h>

enum { AGAINST_RUNS_MOST = 8 };

struct against_value {
	struct summary summary;	  /* without a count where the run does not have it */
	bool bound;		  /* a lower bound */
	struct block_ratio ratio; /* to the table's part->against; without a count likewise */
};

/* A server at a point (NULL: over all of them) in every run, in their order. */
struct against_row {
	const char *server;
	const json_t *point;
	struct against_value values[AGAINST_RUNS_MOST];
};

struct against_table {
	const struct part *part; /* of the first run */
	const char *metric;	 /* key; NULL: how many connections a ladder held */
	const char *title, *unit;
	struct against_row *rows; /* those that two runs have at least */
	size_t count;
};

struct against {
	const struct results *const *runs; /* borrowed */
	size_t run_count;
	struct part *parts; /* of all runs */
	size_t part_count;
	struct against_table *tables; /* without those that have no row */
	size_t count;
	/* Ratios that the first run and another have, and those of them whose intervals overlap. */
	size_t shared, alike;
};

/*
 * Two to AGAINST_RUNS_MOST runs, which must outlive it. 0 or -ENOMEM; destroy it in any case. No table: the
 * first has no cell in common with any other.
 */
int against_make(struct against *against, const struct results *const *runs, size_t run_count);
void against_destroy(struct against *against);

/* What comes out, and what must not be read into it: two sentences, the same wherever they stand. */
void against_append_answer(struct text_buffer *out, const struct against *against);
extern const char against_caution[];

/* What the brackets of its figures hold. */
extern const char against_brackets[];

/* In what a run was not made like the first: "kernel 6.1 -> 6.12"; "" if in nothing that is known. */
void against_differences(const struct against *against, size_t run, char *list, size_t size);

/* The letter by which tables call a run: "A". */
char against_letter(size_t run);

/* All of it for a terminal: words in lines of 80 columns, tables as wide as so many runs are. */
void against_print(const struct against *against, FILE *out);

#endif
