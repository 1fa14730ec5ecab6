#include "harness/scenario/folder.h"

#include "harness/scenario/sources.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_scenario(const struct dirent *file)
{
	const char *dot = strrchr(file->d_name, '.');

	return dot && dot != file->d_name && strcmp(dot, ".yaml") == 0 &&
	       strcmp(file->d_name, SOURCES_FILE) != 0;
}

long scenario_folder_names(const char *folder, char ***names)
{
	struct dirent **files;
	int count = scandir(folder, &files, is_scenario, alphasort);
	long result = count;

	if (count < 0)
		return -errno;
	*names = calloc((size_t)count + 1, sizeof **names);
	if (!*names)
		result = -ENOMEM;
	for (int i = 0; i < count; i++) {
		size_t length = strlen(files[i]->d_name) - strlen(".yaml");

		if (*names && ((*names)[i] = strndup(files[i]->d_name, length)) == NULL)
			result = -ENOMEM;
		free(files[i]);
	}
	free(files);
	return result;
}

int scenario_folder_read(struct scenario *scenario, const char *folder, const char *file,
			 const json_t *metrics, struct error *error)
{
	char path[PATH_MAX];
	json_t *sources;
	int code = scenario_read(scenario, file, metrics, error);

	if (code < 0)
		return code;
	if (snprintf(path, sizeof path, "%s/" SOURCES_FILE, folder) >= (int)sizeof path)
		code = -ENAMETOOLONG;
	sources = code == 0 ? sources_read(path, error) : NULL;
	if (code == 0)
		code = sources ? sources_attach(scenario, sources) : -EINVAL;
	json_decref(sources);
	if (code < 0)
		scenario_destroy(scenario);
	return code;
}

json_t *scenario_folder_describe(const char *folder, const json_t *metrics, struct error *error)
{
	char **names = NULL, path[PATH_MAX];
	long count = scenario_folder_names(folder, &names);
	json_t *list = json_array();
	bool failed = count < 0;

	if (failed)
		error_set(error, "cannot look for scenarios in %s: %s", folder,
			  strerror((int)-count));
	for (long i = 0; i < count; i++) {
		struct scenario scenario;

		failed = failed ||
			 snprintf(path, sizeof path, "%s/%s.yaml", folder, names[i]) >=
				 (int)sizeof path ||
			 scenario_folder_read(&scenario, folder, path, metrics, error) < 0;
		if (!failed) {
			json_array_append_new(list, scenario_to_json(&scenario));
			scenario_destroy(&scenario);
		}
		free(names[i]);
	}
	free(names);
	if (!failed)
		return list;
	json_decref(list);
	return NULL;
}
