/* Which state of a source tree something belongs to. */
#ifndef TENK_COMMIT_H
#define TENK_COMMIT_H

#include <jansson.h>

/*
 * The commit that is checked out where a folder lies, as {"hash","dirty"}: dirty if a file that git knows
 * of was changed since. NULL: the folder is in no repository, or git is not installed. New reference.
 */
json_t *commit_read(const char *folder);

#endif
