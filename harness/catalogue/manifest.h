/*
 * A manifest: how a server that somebody else wrote is installed, started and tuned, read from
 * YAML. What each key means is in docs/reference-servers.md; the schema is the tables in
 * manifest.c, and errors are those of a scenario: file, line, column, the nearest valid key.
 */
#ifndef TENK_MANIFEST_H
#define TENK_MANIFEST_H

#include "lib/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One setting that was changed, and the reason. */
struct manifest_setting {
	char *what, *why;
};

/* The manifest itself is its first profile; others change some of it. */
struct manifest_profile {
	char *name; /* NULL: the plain one */
	char *summary;
	char **command; /* with {placeholders}, see foreign.h */
	size_t command_count;
	char *config;	      /* a template beside the manifest; NULL: none */
	uint64_t connections; /* that it can hold by its own settings; 0: no such limit */
	int collect_signal;   /* upon which its processes collect their garbage; 0: none */
	struct manifest_setting *tuned;
	size_t tuned_count;
	json_t *known; /* [{"row","reason","sometimes"}], as of our own models; NULL: none */
};

struct manifest {
	char *name;	     /* "nginx": the folder's, or the file's if it is not manifest.yaml */
	char *file, *folder; /* the folder as an absolute path */
	char *shared;	     /* another folder whose files are its own, too, likewise; NULL: none */
	char *title;	     /* "Node.js" */
	char *architecture;  /* threads, loops, hybrids; NULL: not told */
	char **debian;	     /* packages */
	size_t debian_count;
	bool npm;     /* package-lock.json there says what to install, see manifest_npm_folder */
	char **build; /* run in its folder, it makes what is below "built"; none: nothing */
	size_t build_count;
	char **version_command; /* prints a version; NULL: unknown */
	size_t version_command_count;
	char *tested;  /* with which version: "1.22" */
	char **routes; /* "/plaintext", "/bytes/N"; none: not told */
	size_t route_count;
	char **traits;
	size_t trait_count;
	struct manifest_profile *profiles;
	size_t profile_count;
	uint64_t start_timeout_ns; /* until it answers; 0: as others */
	uint64_t warm_up_ns; /* of load, until it works as it will; 0: it does from the start */
	bool shell; /* not read from a file: one shell command, run with the user's environment */
};

/* 0, or -EINVAL (wrong content), -ENOENT ... with the message to show. */
int manifest_read(struct manifest *manifest, const char *file, struct error *error);

/*
 * Makes one of a command line for /bin/sh, which must hold {port}; it is run in the folder (NULL: where we
 * are). Errors as above.
 */
int manifest_from_command(struct manifest *manifest, const char *text, const char *folder,
			  struct error *error);

void manifest_destroy(struct manifest *manifest);

/* Where its npm packages are: in the shared folder if it has one, else in its own. */
const char *manifest_npm_folder(const struct manifest *manifest);

/*
 * Whether a request's target, but for its query, is of a route, part by part. A part in capitals, such as the N of
 * "/bytes/N", stands for a number, and NAME for a text ("/file/NAME").
 */
bool manifest_route_fits(const char *route, const char *target);

/* Whether it answers a request's target. A manifest without routes is believed to answer everything. */
bool manifest_has_route(const struct manifest *manifest, const char *target);

#endif
