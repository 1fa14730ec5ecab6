/* A revision of the git repository that we are in, built so that its servers can be measured. */
#ifndef TENK_REVISION_H
#define TENK_REVISION_H

#include "lib/error.h"

#include <limits.h>

enum { REVISION_HASH_BYTES = 80 };

struct revision {
	char folder
		[PATH_MAX]; /* where it was built: as we stand in the working tree, so in there */
	char hash
		[REVISION_HASH_BYTES]; /* of the commit; "-dirty" after it if something was changed since */
	char temporary[PATH_MAX]; /* what is removed at the end; "": nothing */
	char repository[PATH_MAX];
};

/*
 * Checks the revision out in a temporary folder, beside what is there, and has `command` run by the shell
 * there; NULL as the revision: builds the working tree as it is, in its place. What is done is told on
 * stderr. 0, -EINTR, or -errno with a message, which for a build ends with its last lines. Remove it in any
 * case.
 */
int revision_build(struct revision *revision, const char *name, const char *command,
		   struct error *error);
void revision_remove(struct revision *revision);

#endif
