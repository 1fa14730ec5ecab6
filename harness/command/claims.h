/* Between the files of tenk claims. */
#ifndef TENK_COMMAND_CLAIMS_H
#define TENK_COMMAND_CLAIMS_H

#include "lib/error.h"
#include "stored/claims/collection.h"

/* tenk claims list: every claim of every scenario, with its last verdict. */
int command_claims_list(int argc, char **argv);

/* How many claims of the scenarios the collection has no verdict on; 0 where the scenarios cannot be read. */
size_t claims_count_untested(const struct claims_collection *collection);

/*
 * Gives claims the sources and the explanation that the scenarios have today: those are for readers, and may
 * have been written after the run. What is decided, and how, stays as it was when the run began. 0 or -errno
 * with a message.
 */
int claims_renew_words(struct claims_collection *collection, struct error *error);

#endif
