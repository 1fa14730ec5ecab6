/*
 * The one table of a run on a terminal's screen: a row a server, a column for each kind of finding, at the
 * point of the finding, and a note for each sign in it.
 */
#ifndef TENK_REPORT_TERMINAL_BRIEF_H
#define TENK_REPORT_TERMINAL_BRIEF_H

#include "report/finding.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { BRIEF_COLUMNS = 8, BRIEF_CELL = 64 };

/* Signs of a cell, each with a note under the table: a bound, and no figure. */
enum brief_mark { BRIEF_PLAIN, BRIEF_BOUND, BRIEF_EMPTY };

struct brief_column {
	const struct brief_rule *rule;
	const struct finding *finding; /* where it is measured */
	char title[64];		       /* "rate at 64" */
	const char *name;	       /* "rate": in notes */
	bool ratio;		       /* it is one to another server, which the finding names */
};

struct brief {
	struct brief_column columns[BRIEF_COLUMNS];
	size_t column_count;
	const char **servers; /* those that the findings compare first; borrowed names */
	size_t server_count;
};

/* Borrows from the findings. 0 or -ENOMEM. */
int brief_make(struct brief *brief, const struct findings *findings);
void brief_destroy(struct brief *brief);

/* The text of a cell, "-" if it is empty. */
enum brief_mark brief_fill(const struct brief_column *column, const char *server,
			   char cell[BRIEF_CELL]);

/* In at most so many lines; what has no room is counted in the last. */
void brief_print(const struct brief *brief, size_t lines, bool utf8, FILE *out);

/* Why cells are empty, and what a bound is: nothing if there are none. */
void brief_print_notes(const struct brief *brief, bool utf8, FILE *out);

#endif
