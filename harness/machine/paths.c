#include "harness/machine/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int paths_join(char path[PATH_MAX], const char *folder, const char *name, const char *suffix)
{
	int length = snprintf(path, PATH_MAX, "%s/%s%s", folder, name, suffix);

	return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* Takes the first of two folders that exists. */
static int choose(char path[PATH_MAX], const char *folder, const char *built, const char *installed)
{
	struct stat status;

	if (paths_join(path, folder, built, "") == 0 && stat(path, &status) == 0)
		return 0;
	if (paths_join(path, folder, installed, "") == 0 && stat(path, &status) == 0)
		return 0;
	return -ENOENT;
}

int paths_find(struct paths *paths, struct error *error)
{
	char folder[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
	char *slash;

	folder[length > 0 ? length : 0] = '\0';
	slash = strrchr(folder, '/');
	if (!slash)
		return error_set(error, "cannot tell where tenk itself is: %s", strerror(errno));
	*slash = '\0';
	if (choose(paths->load_generator, folder, "tenk-load", "tenk-load") < 0 ||
	    choose(paths->servers, folder, "../libexec/tenk", ".") < 0 ||
	    choose(paths->scenarios, folder, "../../scenarios", "../share/tenk/scenarios") < 0 ||
	    choose(paths->report, folder, "../../report", "../share/tenk/report") < 0) {
		error_set(error,
			  "tenk's own files are not complete around %s: build with "
			  "`make` or install with `make install`",
			  folder);
		return -ENOENT;
	}
	if (choose(paths->reference, folder, "../../servers/reference", "../share/tenk/reference") <
	    0)
		paths->reference[0] = '\0';
	if (choose(paths->observed, folder, "../../servers/observed", "../share/tenk/observed") < 0)
		paths->observed[0] = '\0';
	return 0;
}
