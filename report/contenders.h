/* The servers of a part with one figure each, in order and in tiers. */
#ifndef TENK_REPORT_CONTENDERS_H
#define TENK_REPORT_CONTENDERS_H

#include "lib/statistics.h"
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
	const json_t *point; /* where the figure was measured; NULL: over all points */
	struct summary summary;
	enum contender_rank rank;
	bool bound;
};

struct contenders {
	struct contender *items; /* by rank, then the best first */
	size_t count;
	size_t of_rank[CONTENDER_RANKS]; /* how many there are of each */
	size_t first_tier;		 /* how many of the ranked share the first tier */
	bool higher;			 /* what is better */
};

/*
 * Each server with its best median over the points, at the point where it lies. 0 or -ENOMEM.
 */
int contenders_find_best(struct contenders *contenders, const struct part *part, const char *metric,
			 bool higher);

/* Each server at one point (NULL: over all points). Servers without a figure are left out. */
int contenders_find_at(struct contenders *contenders, const struct part *part, const json_t *point,
		       const char *metric, bool higher);

void contenders_destroy(struct contenders *contenders);

/* True if the best one's worst trial is better than every trial of the others that are ranked. */
bool contenders_leader_always_ahead(const struct contenders *contenders);

#endif
