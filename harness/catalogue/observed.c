#include "harness/catalogue/observed.h"

#include "harness/catalogue/foreign.h"
#include "lib/nearest.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "observe-"
#define SUFFIX ".js"

enum { NAMES_LISTED = 64, FOLDERS = 2 };

static bool is_there(char path[PATH_MAX], const char *folder, const char *file, const char *suffix)
{
	return folder && *folder && paths_join(path, folder, file, suffix) == 0 &&
	       access(path, R_OK) == 0;
}

/* Adds the names of a folder's files that begin and end so. */
static size_t list_names(const char *folder, const char *prefix, const char *suffix, char **names,
			 size_t count)
{
	DIR *directory = folder && *folder ? opendir(folder) : NULL;
	struct dirent *file;

	while (directory && count < NAMES_LISTED && (file = readdir(directory)) != NULL) {
		size_t length = strlen(file->d_name), before = strlen(prefix);

		if (length <= before + strlen(suffix) ||
		    strncmp(file->d_name, prefix, before) != 0 ||
		    strcmp(file->d_name + length - strlen(suffix), suffix) != 0)
			continue;
		names[count] = strndup(file->d_name + before, length - before - strlen(suffix));
		count += names[count] != NULL;
	}
	if (directory)
		closedir(directory);
	return count;
}

static int complain(const struct observed_folders *folders, const char *name, struct error *error)
{
	char *names[NAMES_LISTED] = {0}, list[600];
	size_t count = list_names(folders->scripts, "", SUFFIX, names, 0);
	const char *near;

	for (size_t i = 0; i < FOLDERS; i++)
		count = list_names(folders->programs[i], PREFIX, "", names, count);
	near = nearest_word(name, (const char *const *)names, count);
	error_set(error, "there is no program \"%s\" to observe%s%s%s (there are: %s)", name,
		  near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "",
		  nearest_list((const char *const *)names, count, list, sizeof list));
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	return -EINVAL;
}

int observed_find(struct observed_program *program, const struct observed_folders *folders,
		  const struct catalogue *catalogue, const char *name, struct error *error)
{
	char file[sizeof PREFIX + 64];

	*program = (struct observed_program){.path = ""};
	snprintf(file, sizeof file, PREFIX "%.60s", name);
	for (size_t i = 0; i < FOLDERS; i++)
		if (is_there(program->path, folders->programs[i], file, ""))
			return 0;
	if (is_there(program->path, folders->scripts, name, SUFFIX)) {
		if (!foreign_find_program(NULL, "node", program->runtime)) {
			snprintf(program->missing, sizeof program->missing,
				 "Node.js is not installed");
			snprintf(program->remedy, sizeof program->remedy, "apt-get install nodejs");
		}
		return 0;
	}
	if (catalogue_is_skipped(catalogue, name, program->missing, sizeof program->missing)) {
		snprintf(program->remedy, sizeof program->remedy, "scripts/install-deps; make");
		return 0;
	}
	return complain(folders, name, error);
}

json_t *observed_to_json(const struct observed_program *program, const char *name)
{
	char build[17] = "", summary[160];

	snprintf(summary, sizeof summary, "a program that observes itself: servers/observed/%s%s",
		 name, *program->runtime || !*program->path ? SUFFIX : ".c");
	return json_pack("{s:s, s:s, s:s, s:[], s:n, s:s, s:b}", "name", name, "family", "observed",
			 "summary", summary, "traits", "library", "build",
			 catalogue_hash_build(program->path, build) ? build : "", "own", true);
}
