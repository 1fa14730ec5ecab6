/*
 * Programs that observe themselves: servers/observed/NAME.js, which Node.js runs, or NAME.c, built as
 * observe-NAME. The file's name is the program's; nothing lists them.
 */
#ifndef TENK_OBSERVED_H
#define TENK_OBSERVED_H

#include "harness/catalogue/catalogue.h"
#include "harness/machine/paths.h"
#include "lib/error.h"

#include <jansson.h>

/* Where they are looked for. Borrowed; "" or NULL: nowhere. */
struct observed_folders {
	const char *scripts;	 /* NAME.js */
	const char *programs[2]; /* observe-NAME */
};

struct observed_program {
	char path[PATH_MAX];	/* of the program, or of the script */
	char runtime[PATH_MAX]; /* what runs the script; "": it runs by itself */
	char missing[200];	/* why it cannot be run here; "": it can */
	char remedy[100];	/* the command that changes that; "": none is known */
};

/*
 * 0, also for one that cannot be run here, of which the build says why (`catalogue`) or whose runtime is not
 * installed; or -EINVAL with a message: there is no such program.
 */
int observed_find(struct observed_program *program, const struct observed_folders *folders,
		  const struct catalogue *catalogue, const char *name, struct error *error);

/* As server_entry_to_json, for run.json. New reference. */
json_t *observed_to_json(const struct observed_program *program, const char *name);

#endif
