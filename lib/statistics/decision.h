/*
 * Whether B (the change) is worse than A (the base): the decision of the gate, on numbers alone. A family is
 * every gating metric at every cell of one comparison; all are decided together, because the more one looks
 * at, the more chance would find (docs/statistics.md).
 *
 * Everything here is "worse is more": for a metric of which more is better, pass its negative (-ln of a
 * rate). All functions are pure.
 */
#ifndef TENK_DECISION_H
#define TENK_DECISION_H

#include <stdbool.h>
#include <stddef.h>

/* The probability of a single false regression in a family, over all looks at it together. */
#define DECISION_ALPHA 0.05
/* With what probability a change is found that is called detectable, or that so many pairs would decide. */
#define DECISION_POWER 0.9

/* Measuring may stop after so many pairs, if decision_stops says so. */
enum { DECISION_LOOKS = 3, DECISION_LEAST_PAIRS = 10 };
extern const size_t decision_look_pairs[DECISION_LOOKS]; /* 10, 20, 40 */

/* Whether so many are one of them. Whoever looks DECISION_LOOKS times spends that share of alpha each time. */
bool decision_is_look(size_t pairs);

enum decision_outcome {
	DECISION_OK,	       /* what is worse, if anything is, is less than what matters */
	DECISION_IMPROVEMENT,  /* better by more than what matters */
	DECISION_INCONCLUSIVE, /* neither can be said */
	DECISION_REGRESSION,   /* worse by more than what matters */
};

/* One side of a comparison: a value for each trial. Borrowed. */
struct decision_sample {
	/*
	 * ln of what was measured if it is compared by ratio, else the value itself; for what is counted, the
	 * events (whole numbers). All finite.
	 */
	const double *values;
	const double *
		exposures; /* for what is counted: what there was to go wrong (requests); else NULL */
	size_t count;
};

struct decision_series {
	struct decision_sample a, b;
	bool paired;  /* a.values[i] and b.values[i] are of one block; both counts are the same */
	bool counted; /* rare events, such as errors */
	/*
	 * The smallest change for the worse that matters, at least 0, on the scale of the values: ln(1.02) for
	 * 2 %. For what is counted it is ln of a ratio of rates.
	 */
	double smallest;
	/*
	 * For what is counted: a rise of events for each of what there was (1e-5: one in 100,000 requests) up
	 * to which nothing matters, whatever the ratio. At 0, two sides without an event are never `ok`, since
	 * a ratio of none to none may be anything.
	 */
	double smallest_rise;
};

struct decision {
	enum decision_outcome outcome;
	/*
	 * How much worse B is than A, on the scale of the values (for what is counted: the difference of their
	 * rates), and bounds of it, each at the alpha of one look (for what is counted at half of it, since
	 * there are two ways to be ok, by the ratio and by the rise; and wider where events come in bursts).
	 * Bounds that so few values cannot give are infinite; coverage is then what their range covers.
	 */
	double estimate, low, high, coverage;
	double p;	   /* of "worse by `smallest` at most", one-sided, by itself */
	double p_adjusted; /* for the family and for all looks: at most DECISION_ALPHA is a regression */
	double p_better; /* the mirror of p_adjusted: at most DECISION_ALPHA is an improvement */
	double sign_p;	 /* the sign test's word on what p tests; NAN without pairs */
	size_t pairs;	 /* or trials of the side that has fewer */
	/*
	 * The smallest worsening, on the scale of the values, that so many pairs would have called a regression
	 * with DECISION_POWER, and with which these very pairs would have been one. NAN where that is not
	 * known: of what is counted, and with fewer pairs than decision_least_pairs.
	 */
	double detectable;
	/* So many would probably decide. 0: it is decided, or no number under 10,000 would. */
	size_t pairs_needed;
};

/*
 * Decides each of the family at one of `looks` planned looks (1 for what is looked at once, DECISION_LOOKS
 * for measuring that may stop early). A series without a pair or trial is inconclusive and counts in the
 * family. 0, or -ENOMEM.
 */
int decide(const struct decision_series *family, size_t count, size_t looks,
	   struct decision *decisions);

/* With fewer pairs nothing is decided in a family of this size: not even the smallest p would do. */
size_t decision_least_pairs(size_t family);

/*
 * Whether to stop at this look: nothing is open any more, or there is a regression, which is an alarm
 * whatever later looks would say (each has its own share of alpha).
 */
bool decision_stops(const struct decision *decisions, size_t count);

#endif
