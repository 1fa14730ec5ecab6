/* The runs that lie in a folder, by what their run.json says: which to read is decided before any trial is. */
#ifndef TENK_STORED_RUNS_H
#define TENK_STORED_RUNS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct found_run {
	char *folder;
	json_t *run; /* run.json */
	bool published;
	bool needed; /* for who looks for them */
};

struct found_runs {
	struct found_run *items;
	size_t count, room;
};

/*
 * Adds the runs below a folder that were finished. What is no run is passed over, and a folder that is not there holds
 * none. 0 or -ENOMEM. Destroy them in any case.
 */
int runs_find(struct found_runs *runs, const char *below, bool published);

/* The same of a folder of one's own (NULL: none), then of one of published runs. */
int runs_find_all(struct found_runs *runs, const char *own, const char *published);

void runs_destroy(struct found_runs *runs);

#endif
