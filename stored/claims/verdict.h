/* What was found of one claim and one of its metrics. */
#ifndef TENK_VERDICT_H
#define TENK_VERDICT_H

#include "lib/units.h"
#include "stored/claims/kinds.h"
#include "stored/results.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum verdict_kind {
	VERDICT_REPRODUCED,
	VERDICT_DIRECTION_ONLY,
	VERDICT_REFUTED,
	VERDICT_INCONCLUSIVE,
	VERDICT_NOT_TESTABLE,
};

/* How the trials of a claim's cells ended, those that another attempt replaced left out. */
struct verdict_validity {
	size_t ok, saturated, failed, invalid, skipped;
};

struct verdict {
	const json_t *claim;		  /* as in run.json, borrowed */
	const struct claim_kind *of_kind; /* its row; NULL: this version does not know it */
	const char *scenario;		  /* borrowed */
	const char *part;		  /* borrowed */
	const char *metric;		  /* key, borrowed */
	const json_t *descriptor;	  /* of the metric, borrowed, may be NULL */
	bool headline; /* the metric that the source means; verdicts on others are notes under it */
	enum verdict_kind kind;
	/*
	 * The interval misses the accepted range, and yet by less than 5 %, or by no more than that: so much a source's
	 * round figure is off by itself. Such a verdict is never "refuted", and reads "at the edge".
	 */
	bool at_edge;
	enum unit_kind
		unit; /* of what follows; a plain number where the claim is about a ratio or a slope */
	double accepted_low,
		accepted_high; /* infinite: open at that end; NAN: the claim has no range */
	/*
	 * NAN if none. A number for low and NAN for high mean "at least": what a ratio divides by came down to zero, or a
	 * server was not driven to its limit; NAN for low and a number for high "at most". Of an ordering it is the step
	 * that decides, how many times as much as the next one; of a crossover that does not come "at least" the end of the axis.
	 */
	double estimate, low, high;
	double confidence; /* that coverage must reach to decide: 0.90, or more where several looks share its alpha */
	double coverage; /* of low to high */
	size_t trials;	 /* blocks behind it */
	size_t blocks_needed; /* so many would probably decide; 0: it is decided, or no reasonable number would */
	/*
	 * The distance from the claimed range, at least 1; NAN if nothing above zero was measured,
	 * so that there is no factor. Its word is "overstated", "understated" or, inside the range
	 * and off by less than 2, "".
	 */
	double factor;
	const char *factor_word;
	char why[512]; /* one sentence, for inconclusive, not testable and what is only a bound */
	char servers[256]; /* of its cells: "thread-per-connection over epoll" */
	struct verdict_validity validity;
	const struct results *home; /* the run in which the claim stands, borrowed */
	const struct results *runs
		[CLAIM_CELLS_MOST]; /* that have its cells, borrowed; the claim's own if none has */
	size_t run_count;
};

const char *verdict_word(enum verdict_kind kind); /* "reproduced", "refuted here" ... for people */
const char *verdict_key(enum verdict_kind kind);  /* "reproduced", "refuted" ... for JSON */

/* The word of a verdict for people: that of its kind, or "at the edge". */
const char *verdict_reads(const struct verdict *verdict);

/* The unit by its name in results/SCHEMA.md: "bytes", "count". */
const char *verdict_unit(const struct verdict *verdict);

/* Sets the kind and the sentence that says why. */
void verdict_set(struct verdict *verdict, enum verdict_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As results/SCHEMA.md has it. New reference; NULL: no memory. */
json_t *verdict_to_json(const struct verdict *verdict);

#endif
