/* What was found of one claim and one of its metrics. */
#ifndef TENK_VERDICT_H
#define TENK_VERDICT_H

#include <jansson.h>
#include <stddef.h>

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
	 * for high mean "at least": what a ratio divides by came down to zero, or a server was not
	 * driven to its limit; NAN for low and a number for high "at most".
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

const char *verdict_word(enum verdict_kind kind); /* "reproduced", "refuted here" ... for people */
const char *verdict_key(enum verdict_kind kind);  /* "reproduced", "refuted" ... for JSON */

/* Sets the kind and the sentence that says why. */
void verdict_set(struct verdict *verdict, enum verdict_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As results/SCHEMA.md has it. New reference; NULL: no memory. */
json_t *verdict_to_json(const struct verdict *verdict);

#endif
