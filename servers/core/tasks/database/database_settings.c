#include "servers/core/tasks/database/database_settings.h"

#include "lib/clock.h"
#include "servers/core/tasks/database/database_gate.h"
#include "servers/core/tasks/database/database_permits.h"
#include "servers/core/tasks/database/libpq.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* What a server has been told; not changed after database_open, but for what its processes share. */
static struct {
	const char *conninfo; /* NULL: no database */
	unsigned share;	      /* of a loop, or of a process whose threads block */
	struct database_gate *gate;
	struct database_permits *permits; /* NULL: each process may have as many as it can use */
} settings;

static int look_at_keywords(const char *conninfo, struct error *error)
{
	char *complaint = NULL;
	PQconninfoOption *options = libpq.PQconninfoParse(conninfo, &complaint);

	if (!options) {
		error_set(error, "--database: %s", complaint ? complaint : "no memory");
		libpq.PQfreemem(complaint);
		return -EINVAL;
	}
	libpq.PQconninfoFree(options);
	return 0;
}

/* Zeroed memory that processes forked later share, for good; MAP_FAILED: there is none. */
static void *share_memory(size_t bytes)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

int database_open(const char *conninfo, const struct database_users *users, struct error *error)
{
	unsigned most = users->connections;
	void *gate, *permits = NULL;
	int result = libpq_load(error);

	if (result == 0)
		result = look_at_keywords(conninfo, error);
	if (result < 0)
		return result;
	gate = share_memory(sizeof *settings.gate);
	if (users->processes > most)
		permits = share_memory(database_permits_bytes(most));
	if (gate == MAP_FAILED || permits == MAP_FAILED) {
		error_set(error, "--database: no memory to share: %s", strerror(errno));
		return -ENOMEM;
	}
	settings.gate = gate;
	settings.permits = permits;
	if (permits)
		settings.permits->count = most;
	settings.conninfo = conninfo;
	settings.share = most;
	return 0;
}

struct database_permits *database_permits(void)
{
	return settings.permits;
}

bool database_is_open(void)
{
	return settings.conninfo != NULL;
}

void database_divide(unsigned loops)
{
	settings.share = settings.share > loops ? settings.share / loops : 1;
}

unsigned database_share(void)
{
	return settings.share;
}

bool database_may_connect(void)
{
	return database_gate_pass(settings.gate, clock_now_ns());
}

const char *database_conninfo(void)
{
	return settings.conninfo;
}

void database_note_success(void)
{
	if (database_gate_succeeded(settings.gate))
		fprintf(stderr, "the database is there again\n");
}

void database_note_failure(const char *reason)
{
	if (database_gate_failed(settings.gate, clock_now_ns()))
		fprintf(stderr, "no connection to the database: %s\n", reason);
}
