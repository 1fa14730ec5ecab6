/* The options of what tasks need: a database, a backend, a folder. */
#ifndef TENK_TASK_OPTIONS_H
#define TENK_TASK_OPTIONS_H

#include "servers/core/server/model.h"

#include <argp.h>

/* Their keys, beside those of main. */
enum {
	OPTION_DATABASE = 0x200,
	OPTION_DATABASE_CONNECTIONS,
	OPTION_BACKEND,
	OPTION_FETCH_CONNECTIONS,
	OPTION_FILES,
};

/* Takes one of them; ARGP_ERR_UNKNOWN: it is none. */
error_t task_options_parse(int key, char *argument, struct argp_state *state);

/* Before the first fork and thread: makes ready what was asked for. 0, or -errno and a message. */
int task_options_open(const struct server_options *options, struct error *error);

#endif
