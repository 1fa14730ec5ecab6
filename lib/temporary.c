#include "lib/temporary.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

enum { REMOVE_DESCRIPTORS = 8 };

const char *temporary_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder ? folder : "/tmp";
}

void temporary_template(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s-XXXXXX", temporary_folder(), name);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	remove(path); /* what cannot be removed stays: there is nobody to tell */
	return 0;
}

void temporary_remove(const char *folder)
{
	if (*folder)
		nftw(folder, remove_one, REMOVE_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}
