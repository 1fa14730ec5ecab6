/*
 * What a server has been told of its database (database_open), and what all its threads and processes
 * know of whether it is there.
 */
#ifndef TENK_DATABASE_SETTINGS_H
#define TENK_DATABASE_SETTINGS_H

#include "servers/core/tasks/database/database.h"

const char *database_conninfo(void);

/* Of processes that have a connection for the time of a query only (database_permits.h); else NULL. */
struct database_permits *database_permits(void);

/* Whether to try to connect now (database_gate.h), and how that ended: said on stderr when it changes. */
bool database_may_connect(void);
void database_note_success(void);
void database_note_failure(const char *reason);

#endif
