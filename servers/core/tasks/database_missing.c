/* Where libpq was not there to build with: a server that cannot be given a database. */
#include "servers/core/tasks/database.h"

#include <errno.h>

int database_open(const char *conninfo, const struct database_users *users, struct error *error)
{
	(void)conninfo, (void)users;
	error_set(error, "--database: built without libpq: scripts/install-deps --with postgresql, "
			 "then make");
	return -ENOSYS;
}

bool database_is_open(void)
{
	return false;
}

void database_divide(unsigned loops)
{
	(void)loops;
}

/* So that nothing below is ever asked for. */
unsigned database_share(void)
{
	return 1;
}

void database_query_destroy(struct database_query *query)
{
	(void)query;
}

struct database_threads *database_threads_open(void)
{
	return NULL;
}

void database_threads_close(struct database_threads *threads)
{
	(void)threads;
}

void database_threads_ask(struct database_threads *threads, struct database_query *query)
{
	(void)threads, (void)query;
}

struct database_loop *database_loop_open(const struct loop_services *services, void *loop,
					 unsigned connections)
{
	(void)services, (void)loop, (void)connections;
	return NULL;
}

void database_loop_close(struct database_loop *database)
{
	(void)database;
}

bool database_loop_ask(struct database_loop *database, struct database_query *query)
{
	(void)database, (void)query;
	return false;
}

void database_loop_forget(struct database_loop *database, struct database_query *query)
{
	(void)database, (void)query;
}
