/*
 * The verdicts of several runs together: of those that somebody names, or of the newest that tests each claim.
 */
#ifndef TENK_CLAIMS_COLLECTION_H
#define TENK_CLAIMS_COLLECTION_H

#include "stored/claims/verdict.h"
#include "stored/results.h"

struct claims_collection {
	struct results *runs;
	size_t run_count;
	struct verdict *verdicts; /* run by run, claim by claim, and of a claim metric by metric */
	size_t count;
};

/* All claims of these folders of runs. 0, or -errno with a message. Destroy it in any case. */
int claims_collect(struct claims_collection *collection, char *const *folders, size_t count,
		   struct error *error);

/*
 * Each claim as the newest complete run tests it that lies in `folder` (NULL: in none); if none there does, in `published`,
 * by one that was made for claims (`tenk claims run`) rather than for a whole scenario. A folder that is
 * not there holds none. The same results.
 */
int claims_collect_newest(struct claims_collection *collection, const char *folder,
			  const char *published, struct error *error);

void claims_collection_destroy(struct claims_collection *collection);

#endif
