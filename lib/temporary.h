/* Where files go that only this process needs. */
#ifndef LIB_TEMPORARY_H
#define LIB_TEMPORARY_H

#include <stdio.h>
#include <stdlib.h>

/* The folder for temporary files: $TMPDIR, or /tmp. */
static inline const char *temporary_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder ? folder : "/tmp";
}

/* In it, "NAME-" and six places that mkdtemp or mkostemp fill in. */
static inline void temporary_template(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s-XXXXXX", temporary_folder(), name);
}

#endif
