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

/* What is where, from the folder with tenk itself: in a build, and installed. */
static const struct {
	size_t path; /* of struct paths */
	const char *built, *installed;
	bool optional;
} places[] = {
	{offsetof(struct paths, load_generator), "tenk-load", "tenk-load", false},
	{offsetof(struct paths, servers), ".", "../libexec/tenk", false},
	{offsetof(struct paths, scenarios), "../../scenarios", "../share/tenk/scenarios", false},
	{offsetof(struct paths, report), "../../report", "../share/tenk/report", false},
	{offsetof(struct paths, reference), "../../servers/reference", "../share/tenk/reference",
	 true},
	{offsetof(struct paths, observed), "../../servers/observed", "../share/tenk/observed",
	 true},
	{offsetof(struct paths, published), "../../results/reference", "../share/tenk/published",
	 true},
};

static bool is_there(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0;
}

const char *paths_published(const struct paths *paths)
{
	static const char here[] = "results/reference";

	return is_there(here) ? here : paths->published;
}

int paths_find(struct paths *paths, struct error *error)
{
	char folder[PATH_MAX], share[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
	char *slash;

	folder[length > 0 ? length : 0] = '\0';
	slash = strrchr(folder, '/');
	if (!slash)
		return error_set(error, "cannot tell where tenk itself is: %s", strerror(errno));
	*slash = '\0';
	/* Not the other way round: above ~/.local/bin there may well be a folder with scenarios of somebody's. */
	paths->installed = paths_join(share, folder, "../share/tenk", "") == 0 && is_there(share);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char *path = (char *)paths + places[i].path;
		const char *place = paths->installed ? places[i].installed : places[i].built;

		if (paths_join(path, folder, place, "") == 0 && is_there(path))
			continue;
		path[0] = '\0';
		if (places[i].optional)
			continue;
		error_set(error,
			  "tenk's own files are not complete: %s/%s is not there; build with "
			  "`make` or install with `make install`",
			  folder, place);
		return -ENOENT;
	}
	return 0;
}
