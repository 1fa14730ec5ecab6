/* Where files go that only this process needs. */
#ifndef TENK_TEMPORARY_H
#define TENK_TEMPORARY_H

#include <stddef.h>

/* The folder for temporary files: $TMPDIR, or /tmp. */
const char *temporary_folder(void);

/* In it, "NAME-" and six places that mkdtemp or mkostemp fill in. */
void temporary_template(char *path, size_t size, const char *name);

/* The same for what has to lie on a disk: $TMPDIR, or /var/tmp, since /tmp is memory on many machines. */
void temporary_template_on_disk(char *path, size_t size, const char *name);

/* Removes a folder with all that is in it; "": nothing. */
void temporary_remove(const char *folder);

#endif
