/* The files that servers are to send: made before the first trial, gone after the last. */
#include "harness/run/parts.h"

#include "harness/trial/probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Of each part its own, below that of the run. */
static int name_folder(const struct run *run, const struct scenario *scenario,
		       const struct scenario_part *part, char path[PATH_MAX])
{
	char name[160];

	snprintf(name, sizeof name, "%s-%s", scenario->name, part->name);
	return paths_join(path, run->files.path, name, "");
}

static int write_file(const char *folder, const struct scenario_file *wanted, struct error *error)
{
	struct probe_body body = probe_file_body(wanted->bytes);
	char path[PATH_MAX];
	FILE *file = NULL;
	int result = paths_join(path, folder, wanted->name, "");

	if (result == 0 && !(file = fopen(path, "we")))
		result = -errno;
	if (file) {
		result = probe_write_body(&body, file);
		if (fclose(file) != 0 && result == 0)
			result = -errno;
	}
	if (result < 0)
		error_set(error, "cannot write a file of %llu bytes, %s: %s",
			  (unsigned long long)wanted->bytes, path, strerror(-result));
	return result;
}

static int write_part(struct run *run, const struct scenario *scenario,
		      const struct scenario_part *part, struct error *error)
{
	char folder[PATH_MAX];
	int result = 0;

	if (!*run->files.path)
		result = kept_folder_make(&run->files, "tenk-files", error);
	if (result < 0)
		return result;
	result = name_folder(run, scenario, part, folder);
	if (result == 0 && strlen(folder) >= SETTING_BYTES)
		result = -ENAMETOOLONG;
	if (result == 0 && mkdir(folder, 0755) < 0)
		result = -errno;
	if (result < 0) {
		error_set(error, "cannot make a folder for files: %s", strerror(-result));
		return result;
	}
	for (size_t i = 0; result == 0 && i < part->file_count; i++)
		result = write_file(folder, &part->files[i], error);
	return result;
}

int run_write_files(struct run *run, struct error *error)
{
	int result = 0;

	for (size_t i = 0; i < run->scenario_count; i++)
		for (size_t j = 0; result == 0 && j < run->scenarios[i].part_count; j++)
			if (run->scenarios[i].parts[j].file_count > 0)
				result = write_part(run, &run->scenarios[i],
						    &run->scenarios[i].parts[j], error);
	return result;
}

void run_set_files(const struct run *run, const struct planned_trial *planned,
		   struct server_settings *settings)
{
	char folder[PATH_MAX];

	settings->values[SETTING_FILES][0] = '\0';
	if (planned->part->file_count > 0 &&
	    name_folder(run, planned->scenario, planned->part, folder) == 0)
		server_settings_set(settings, SETTING_FILES, folder);
}
