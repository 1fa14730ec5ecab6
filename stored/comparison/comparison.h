/*
 * What came of comparing B (the change) with A (the base), metric by metric and cell by cell; docs/statistics.md
 * says how. Made from stored trials only; read by what shows it (report/compare/).
 */
#ifndef TENK_COMPARISON_H
#define TENK_COMPARISON_H

#include "lib/error.h"
#include "stored/comparison/types.h"
#include "stored/results.h"

/*
 * Compares all cells that both have. `subject` names a server of a run, "epoll"; or, with a label
 * alone, "@base", all servers of this label, each with the one of the same name on the other side;
 * NULL: all servers, each with itself in the other run. Where a and b are the same run, values are paired
 * block by block; else they are compared as independent samples.
 *
 * Borrows from both runs as long as the comparisons live. 0, or -errno with a message: -EINVAL where there is
 * nothing in common, or the machines differ. Destroy it in any case.
 */
int comparisons_make(struct comparisons *comparisons, const struct results *a,
		     const char *a_subject, const struct results *b, const char *b_subject,
		     const struct comparison_rules *rules, struct error *error);
void comparisons_destroy(struct comparisons *comparisons);

/* Adds a warning. 0 or -ENOMEM. */
int comparisons_warn(struct comparisons *comparisons, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "regression", "ok" ... for people and files alike. */
const char *comparison_outcome_name(enum comparison_outcome outcome);

/* Whether a change to more is one to the worse. */
bool comparison_more_is_worse(const struct comparison *comparison);

#endif
