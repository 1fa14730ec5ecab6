/* What this machine allows, set against what was asked for, before anything begins. */
#ifndef TENK_LIMITS_H
#define TENK_LIMITS_H

#include "lib/error.h"
#include "loadgen/options.h"
#include "loadgen/source.h"

/*
 * Raises the soft limit of open files as far as it goes, and finds the number of threads where none
 * was asked for: each thread has a table of descriptors of its own, so that more connections than
 * the limit take more threads, not more privileges. Makes sure that every thread has a connection
 * and that the sources have ports enough. Decides, where nothing was said, how many requests of a
 * burst may be under way. 0, or -EINVAL with a message that says what to do.
 */
int limits_apply(struct options *options, const struct source *source, struct error *error);

/* Whether all threads together need no more descriptors than one table may have. */
bool limits_fit_one_table(const struct options *options);

#endif
