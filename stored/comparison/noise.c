#include "stored/comparison/noise.h"

#include "lib/json.h"
#include "stored/environment.h"
#include "stored/store.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { DAY_S = 24 * 3600 };

double noise_floor(const json_t *noise, const char *metric, const char *cell, size_t pairs)
{
	const json_t *of = json_find(json_object_get(noise, "metrics"), "key", metric), *step;
	const json_t *own = json_find(json_object_get(of, "cells"), "cell", cell);
	double floor = 0, most = 0;
	size_t i;

	json_array_foreach(json_object_get(own ? own : of, "floors"), i, step)
	{
		double count = json_number_of(step, "pairs");
		double change = json_number_of(step, "change");

		if (count <= (double)pairs && count > most && change > 0) {
			most = count;
			floor = change;
		}
	}
	return floor;
}

/* False: it does not fit, or nobody knows where the user's files are. */
static bool find_folder(const char *given, char folder[PATH_MAX])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int length;

	if (given)
		length = snprintf(folder, PATH_MAX, "%s", given);
	else if (state && *state)
		length = snprintf(folder, PATH_MAX, "%s/tenk/noise", state);
	else if (home && *home)
		length = snprintf(folder, PATH_MAX, "%s/.local/state/tenk/noise", home);
	else
		return false;
	return length > 0 && length < PATH_MAX;
}

/* With all that lead to it. */
static int make_folders(char *folder)
{
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0777) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(folder, 0777) < 0 && errno != EEXIST ? -errno : 0;
}

int noise_write(const json_t *noise, const char *given, char *path, size_t size,
		struct error *error)
{
	const char *fingerprint = json_string_of(json_object_get(noise, "environment"),
						 "fingerprint");
	char folder[PATH_MAX], fresh[PATH_MAX + 8];
	int result;

	if (!find_folder(given, folder))
		return error_set(error, "where is the noise floor to be kept? Neither HOME nor "
					"XDG_STATE_HOME is set (--noise names a folder)");
	result = make_folders(folder);
	if (result == 0 && snprintf(path, size, "%s/%s.json", folder,
				    *fingerprint ? fingerprint : "unknown") >= (int)size)
		result = -ENAMETOOLONG;
	if (result == 0) {
		snprintf(fresh, sizeof fresh, "%s.new", path);
		errno = EIO;
		if (json_dump_file(noise, fresh, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) < 0 ||
		    rename(fresh, path) < 0)
			result = -errno;
	}
	if (result < 0)
		error_set(error, "cannot keep the noise floor in %s: %s", folder,
			  strerror(-result));
	return result;
}

/* How old it is; a date that cannot be read, or is still to come, is of long ago. */
static int days_since(const json_t *noise)
{
	struct tm then = {0};
	time_t age;

	if (!strptime(json_string_of(noise, "made_at"), "%Y-%m-%dT%H:%M:%SZ", &then))
		return INT_MAX;
	age = (time(NULL) - timegm(&then)) / DAY_S;
	return age < 0 ? INT_MAX : (int)age;
}

json_t *noise_read(const char *given, const json_t *environment, int *days)
{
	char folder[PATH_MAX], path[PATH_MAX + NAME_MAX + 2], changes[100];
	DIR *directory = find_folder(given, folder) ? opendir(folder) : NULL;
	json_t *newest = NULL;
	struct dirent *file;
	int age = INT_MAX;

	*days = 0;
	while (directory && (file = readdir(directory)) != NULL) {
		const char *dot = strrchr(file->d_name, '.');
		json_t *noise = NULL;

		snprintf(path, sizeof path, "%s/%s", folder, file->d_name);
		if (dot && strcmp(dot, ".json") == 0)
			noise = json_load_file(path, 0, NULL);
		if (noise && days_since(noise) < age &&
		    !environments_differ(json_object_get(noise, "environment"), environment,
					 changes, sizeof changes)) {
			json_decref(newest);
			newest = json_incref(noise);
			age = days_since(noise);
		}
		json_decref(noise);
	}
	if (directory)
		closedir(directory);
	if (newest && age >= NOISE_DAYS) {
		*days = age;
		json_decref(newest);
		newest = NULL;
	}
	return newest;
}
