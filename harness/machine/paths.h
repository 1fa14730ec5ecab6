/* Where tenk's own files are: beside the build it was started from, or where it is installed. */
#ifndef TENK_PATHS_H
#define TENK_PATHS_H

#include "lib/error.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct paths {
	char load_generator[PATH_MAX];
	char servers[PATH_MAX];	  /* the folder with server-NAME */
	char scenarios[PATH_MAX]; /* the folder with NAME.yaml */
	char report[PATH_MAX];	  /* the folder with the page's template and the charts */
	char reference[PATH_MAX]; /* the folder with NAME/manifest.yaml; "": none */
	char observed[PATH_MAX];  /* the folder with NAME.js; "": none */
	char published
		[PATH_MAX]; /* the folder with the runs that were published with it; "": none */
	bool installed;	    /* not where it was built */
};

/* 0 or -errno with a message. */
int paths_find(struct paths *paths, struct error *error);

/* Where published runs are: results/reference, or where there is none those that came with tenk; "": nowhere. */
const char *paths_published(const struct paths *paths);

/* Joins folder, name and suffix; -ENAMETOOLONG if it does not fit PATH_MAX. */
int paths_join(char path[PATH_MAX], const char *folder, const char *name, const char *suffix);

#endif
