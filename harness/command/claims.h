/* Between the files of tenk claims. */
#ifndef TENK_COMMAND_CLAIMS_H
#define TENK_COMMAND_CLAIMS_H

#include "lib/error.h"
#include "stored/claims/collection.h"

#include <stdbool.h>

/* tenk claims list: every claim of every scenario, with its last verdict. */
int command_claims_list(int argc, char **argv);

/*
 * Each claim by the newest run below results/ that tests it, else by a published one: those in results/reference,
 * or where there is no such folder those that came with tenk. only_published: by these alone. As claims_collect_newest.
 */
int claims_collect_here(struct claims_collection *collection, bool only_published,
			struct error *error);

/* How many claims of the scenarios the collection has no verdict on; 0 where the scenarios cannot be read. */
size_t claims_count_untested(const struct claims_collection *collection);

/*
 * Gives claims the sources and the explanation that the scenarios have today: those are for readers, and may
 * have been written after the run. What is decided, and how, stays as it was when the run began. 0 or -errno
 * with a message.
 */
int claims_renew_words(struct claims_collection *collection, struct error *error);

#endif
