#include "lib/temporary.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

enum { REMOVE_DESCRIPTORS = 8 };

static const char *folder_or(const char *usual)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder ? folder : usual;
}

const char *temporary_folder(void)
{
	return folder_or("/tmp");
}

static void write_template(char *path, size_t size, const char *folder, const char *name)
{
	snprintf(path, size, "%s/%s-XXXXXX", folder, name);
}

void temporary_template(char *path, size_t size, const char *name)
{
	write_template(path, size, temporary_folder(), name);
}

void temporary_template_on_disk(char *path, size_t size, const char *name)
{
	write_template(path, size, folder_or("/var/tmp"), name);
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
