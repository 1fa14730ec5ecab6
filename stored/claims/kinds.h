/*
 * The kinds of claims: of what each is made, in what its range is, and how it is decided. This table is all that
 * tells them apart; what reads a claim, decides it or prints it asks a row.
 */
#ifndef TENK_CLAIM_KINDS_H
#define TENK_CLAIM_KINDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct question;
struct verdict;

/* A claim has no more cells. */
enum { CLAIM_CELLS_MOST = 16 };

/* What a claim must name, and may name only if its kind needs it. */
enum claim_needs {
	CLAIM_OF = 1,	 /* the cell that it is about */
	CLAIM_OVER = 2,	 /* the cell that this is set against */
	CLAIM_CELLS = 4, /* several, in the order claimed */
	CLAIM_ALONG = 8, /* the axis that it runs along, which its cells leave out */
};

/* In what the accepted range and what is measured are. */
enum claim_unit {
	CLAIM_UNIT_METRIC, /* as the metric */
	CLAIM_UNIT_TIMES,  /* how many times as much */
	CLAIM_UNIT_SHARE,  /* 0 to 1 */
	CLAIM_UNIT_SLOPE,  /* the exponent of a power law: a plain number, of either sign */
	CLAIM_UNIT_AXIS,   /* as the axis that it runs along */
};

struct claim_kind {
	const char *key; /* "shape" */
	/* The key that says what is claimed, and so which of the rows with that `key` it is: "slope". */
	const char *by;
	unsigned needs; /* of enum claim_needs, together */
	enum claim_unit unit;
	const char *between; /* what stands between its servers in a sentence: " over " */
	bool has_factor;     /* how far it is off can be told as "so many times" */
	/*
	 * Finds what was measured and decides (question.h); the verdict is set in any case. NULL: such a claim is
	 * listed and not tested, names neither cell nor metric, and says why.
	 */
	void (*decide)(const struct question *question, struct verdict *verdict);
};

/* The rows, those of a kind one after another; NULL behind the last. */
const struct claim_kind *claim_kind_at(size_t index);

/* The row of a stored claim; NULL: this version does not know it. Claims without `by` are from before it. */
const struct claim_kind *claim_kind_of(const json_t *claim);

#endif
