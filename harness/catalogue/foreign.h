/*
 * A manifest put to use: is its program here, which version is it, and with what command and
 * configuration is it started.
 *
 * Placeholders, in commands and in templates: {port} and {host} to listen on, {dir} (a folder of this
 * start's own, removed afterwards), {folder} (the manifest's), {shared} (that of its key "shared"), {user} (who runs tenk), those of
 * settings.h such as {workers}, and in commands {config} (the file made from the template). A line of a
 * template that says {user} is left out unless tenk runs as root, and so is a line or an argument that
 * says a setting which is not set.
 */
#ifndef TENK_FOREIGN_H
#define TENK_FOREIGN_H

#include "harness/catalogue/manifest.h"
#include "harness/catalogue/settings.h"

#include <limits.h>

/* Without its braces, from 0 on; NULL: there are no more. */
const char *foreign_placeholder(size_t index);

/* Whether a profile's command or template says "{placeholder}". */
bool foreign_says(const struct manifest *manifest, const struct manifest_profile *profile,
		  const char *placeholder);

/* The text of a profile's template, allocated. 0 or -errno with a message. */
int foreign_read_template(const struct manifest *manifest, const struct manifest_profile *profile,
			  char **text, struct error *error);

/*
 * Where a program is: an absolute path, one relative to the manifest, or a name that is searched
 * along PATH and in Debian's folders for servers. False: nowhere.
 */
bool foreign_find_program(const struct manifest *manifest, const char *name, char path[PATH_MAX]);

/*
 * What of it is not here, and the command that gets it: "h2o is not installed (apt-get install
 * h2o)"; allocated. NULL: all is here.
 */
char *foreign_missing(const struct manifest *manifest, const struct manifest_profile *profile);

/* "nginx 1.22.1", "Express 5.3.0 on Node.js 20.20.2", allocated; NULL if it does not tell. Runs its version command. */
char *foreign_version(const struct manifest *manifest);

/* Whether a version such as "nginx 1.22.1", or of what it runs on, is one that the manifest was written for. */
bool foreign_is_tested(const struct manifest *manifest, const char *version);

/* A hash of the manifest, of the files beside it and of the program's size and date. */
void foreign_build(const struct manifest *manifest, const struct manifest_profile *profile,
		   char build[17]);

/* One start of it. */
struct foreign_launch {
	char **arguments; /* [0] is a path; ends with NULL */
	size_t count;
	char **environment;    /* NULL: the small one that all have */
	char folder[PATH_MAX]; /* {dir}; "": none */
};

/*
 * Makes folder, configuration, command and environment. 0 or -errno with a message. Destroy it in any case,
 * which also removes the folder if it is still there.
 */
int foreign_prepare(struct foreign_launch *launch, const struct manifest *manifest,
		    const struct manifest_profile *profile, uint16_t port,
		    const struct server_settings *settings, struct error *error);
void foreign_launch_destroy(struct foreign_launch *launch);

#endif
