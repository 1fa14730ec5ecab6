/*
 * What a trial sets of its server beyond where it listens: how many workers it has, where its database is.
 *
 * Our servers have an option for each, those of other people get all of them in their environment and
 * may name them in their manifests. One row of the table (settings.c) is one setting.
 */
#ifndef TENK_SETTINGS_H
#define TENK_SETTINGS_H

#include <stdbool.h>

enum server_setting {
	SETTING_WORKERS,
	SETTING_OFFLOAD,
	SETTING_FILES,	  /* a folder */
	SETTING_DATABASE, /* "postgresql://tenk@localhost/postgres?host=/tmp/..." */
	SETTING_DATABASE_CONNECTIONS,
	SETTING_BACKEND, /* "127.0.0.1:8080" */
	SETTING_FETCH_CONNECTIONS,
	SETTINGS,
};

enum { SETTING_BYTES = 600, SETTING_ADDRESS_BYTES = 46 };

/* As they are written on a command line; "": it is not set. */
struct server_settings {
	char values[SETTINGS][SETTING_BYTES];
	char address[SETTING_ADDRESS_BYTES]; /* where it listens; "": 127.0.0.1 */
};

/* False: it is too long. */
bool server_settings_set(struct server_settings *settings, enum server_setting setting,
			 const char *value);

struct server_setting_row {
	const char *
		option; /* of ours, "--database-connections"; in manifests {database-connections} */
	const char *environment; /* of others: "TENK_DATABASE_CONNECTIONS" */
	bool is_needed; /* for an answer: others are believed to heed it, be it in their environment */
};
extern const struct server_setting_row server_setting_rows[SETTINGS];

/* Of a process of somebody else: `inherited` (ends with NULL) and what is set; free it. NULL: no memory. */
char **server_settings_environment(const struct server_settings *settings, char *const *inherited);
void server_settings_environment_free(char **environment);

#endif
