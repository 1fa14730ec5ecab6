/*
 * A temporary folder that is gone when tenk is, however that ends: a small process waits for tenk's
 * death, and removes it then.
 */
#ifndef TENK_KEPT_FOLDER_H
#define TENK_KEPT_FOLDER_H

#include "lib/error.h"

#include <limits.h>
#include <sys/types.h>

struct kept_folder {
	char path[PATH_MAX]; /* "": there is none */
	pid_t keeper;
};

/* Makes one that everybody can enter, named "NAME-" and six places more. 0 or -errno with a message. */
int kept_folder_make(struct kept_folder *folder, const char *name, struct error *error);

/* Removes it with all that is in it. Nothing if there is none. */
void kept_folder_remove(struct kept_folder *folder);

#endif
