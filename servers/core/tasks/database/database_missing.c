/* Where libpq was not there to build with: a server that cannot be given a database, and has no /query. */
#include "servers/core/tasks/database/database.h"

#include <errno.h>

int database_open(const char *conninfo, const struct database_users *users, struct error *error)
{
	(void)conninfo, (void)users;
	error_set(error, "--database: built without libpq: scripts/install-deps --with postgresql, "
			 "then make");
	return -ENOSYS;
}

void database_divide(unsigned loops)
{
	(void)loops;
}
