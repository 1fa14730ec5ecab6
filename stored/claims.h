/*
 * Verdicts on published claims, from the stored trials of a run and nothing else.
 * What each verdict means is in docs/method.md.
 */
#ifndef TENK_CLAIMS_H
#define TENK_CLAIMS_H

#include "stored/results.h"

enum verdict_kind {
	VERDICT_REPRODUCED,
	VERDICT_DIRECTION_ONLY,
	VERDICT_REFUTED,
	VERDICT_INCONCLUSIVE,
	VERDICT_NOT_TESTABLE,
};

struct verdict {
	const json_t *claim;	  /* as in run.json, borrowed */
	const char *scenario;	  /* borrowed */
	const char *part;	  /* borrowed */
	const char *metric;	  /* key, borrowed */
	const json_t *descriptor; /* of the metric, borrowed, may be NULL */
	enum verdict_kind kind;
	/*
	 * In the metric's unit (a ratio for kind "ratio"); NAN if none. A number for low and NAN
	 * for high mean "at least": what a ratio divides by came down to zero.
	 */
	double estimate, low, high;
	double coverage; /* of low to high */
	size_t trials;
	/*
	 * The distance from the claimed range, at least 1; NAN if nothing above zero was measured,
	 * so that there is no factor. Its word is "overstated", "understated" or, inside the range
	 * and off by less than 2, "".
	 */
	double factor;
	const char *factor_word;
	char why[256]; /* one sentence, for inconclusive and not testable */
};

/* Evaluates every claim of the run; the caller frees *verdicts. Returns their number or -errno. */
long claims_evaluate(const struct results *results, struct verdict **verdicts);

const char *verdict_word(enum verdict_kind kind); /* "reproduced", "refuted here" ... for people */
const char *verdict_key(enum verdict_kind kind);  /* "reproduced", "refuted" ... for JSON */

/* One verdict, or all of the run in a list, as results/SCHEMA.md has them. NULL: no memory. */
json_t *verdict_to_json(const struct verdict *verdict);
json_t *claims_to_json(const struct results *results);

#endif
