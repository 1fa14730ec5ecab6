#include "stored/runs.h"

#include "lib/json.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Adds a run that is complete. Takes run.json over. */
static int add(struct found_runs *runs, const char *folder, json_t *run, bool published)
{
	struct found_run *items = runs->items;

	if (runs->count == runs->room) {
		runs->room = 2 * runs->room + 16;
		items = reallocarray(items, runs->room, sizeof *items);
	}
	if (!items) {
		json_decref(run);
		return -ENOMEM;
	}
	runs->items = items;
	items[runs->count] =
		(struct found_run){.folder = strdup(folder), .run = run, .published = published};
	return items[runs->count++].folder ? 0 : -ENOMEM;
}

int runs_find(struct found_runs *runs, const char *below, bool published)
{
	DIR *directory = opendir(below);
	struct dirent *entry;
	char path[PATH_MAX];
	int result = 0;

	while (result == 0 && directory && (entry = readdir(directory)) != NULL) {
		json_t *run;

		if (entry->d_name[0] == '.' ||
		    snprintf(path, sizeof path, "%s/%s/run.json", below, entry->d_name) >=
			    (int)sizeof path ||
		    (run = json_load_file(path, 0, NULL)) == NULL)
			continue;
		*strrchr(path, '/') = '\0';
		if (strcmp(json_string_of(run, "status"), "complete") == 0)
			result = add(runs, path, run, published);
		else
			json_decref(run);
	}
	if (directory)
		closedir(directory);
	return result;
}

int runs_find_all(struct found_runs *runs, const char *own, const char *published)
{
	int result = own ? runs_find(runs, own, false) : 0;

	return result == 0 ? runs_find(runs, published, true) : result;
}

void runs_destroy(struct found_runs *runs)
{
	for (size_t i = 0; i < runs->count; i++) {
		free(runs->items[i].folder);
		json_decref(runs->items[i].run);
	}
	free(runs->items);
	*runs = (struct found_runs){0};
}
