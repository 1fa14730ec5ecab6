/*
 * The servers of a part with one figure each, in order, which is found within blocks: what
 * the machine did from one block to the next puts nobody ahead and hides nobody's lead.
 */
#ifndef TENK_REPORT_CONTENDERS_H
#define TENK_REPORT_CONTENDERS_H

#include "lib/statistics/statistics.h"
#include "report/part.h"

/* Only the first kind is ranked; they stand in this order. */
enum contender_rank {
	CONTENDER_RANKED,
	CONTENDER_BOUND,  /* its rate is a lower bound */
	CONTENDER_SINGLE, /* one trial: nothing is known of its spread */
	CONTENDER_FLOOR,  /* a yardstick that does no work */
	CONTENDER_RANKS,
};

struct contender {
	const char *server;
	const json_t *point;	/* where the figure was measured; NULL: over all points */
	struct summary summary; /* of the figure itself, for orientation */
	double effect; /* how it stands to the middle of all, in order (stored/blocks/model.h) */
	enum contender_rank rank;
	bool bound;
};

struct contenders {
	struct contender *items; /* by rank, the best first */
	size_t count;
	size_t of_rank[CONTENDER_RANKS]; /* how many there are of each */
	bool always_ahead; /* in every block that it shares with another ranked one the first is better */
	bool overtaken; /* a bound is better than who leads, so that nobody is known to lead */
	bool higher;	/* what is better */
};

/* Each server at one point (NULL: over all points). Servers without a figure are left out. 0 or -ENOMEM. */
int contenders_find_at(struct contenders *contenders, const struct part *part, const json_t *point,
		       const char *metric, bool higher);

/*
 * The same at the point with the best median of a ranked server (else of any), which is compared with the
 * others where it lies. 0 or -ENOMEM.
 */
int contenders_find_best(struct contenders *contenders, const struct part *part, const char *metric,
			 bool higher);

void contenders_destroy(struct contenders *contenders);

#endif
