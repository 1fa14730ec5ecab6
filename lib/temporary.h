/* Where files go that only this process needs. */
#ifndef LIB_TEMPORARY_H
#define LIB_TEMPORARY_H

#include <stdlib.h>

/* The folder for temporary files: $TMPDIR, or /tmp. */
static inline const char *temporary_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder ? folder : "/tmp";
}

#endif
