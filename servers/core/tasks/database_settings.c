#include "servers/core/tasks/database_settings.h"

#include "lib/clock.h"
#include "servers/core/tasks/database_gate.h"
#include "servers/core/tasks/libpq.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* What a server has been told; not changed after database_open, but for the gate. */
static struct {
	const char *conninfo;	    /* NULL: no database */
	unsigned share;		    /* of a loop, or of a process whose threads block */
	struct database_gate *gate; /* shared by all processes */
} settings;

int database_open(const char *conninfo, unsigned connections, unsigned loops, struct error *error)
{
	PQconninfoOption *options;
	char *complaint = NULL;
	void *shared;
	int result = libpq_load(error);

	if (result < 0)
		return result;
	options = libpq.PQconninfoParse(conninfo, &complaint);
	if (!options) {
		error_set(error, "--database: %s", complaint ? complaint : "no memory");
		libpq.PQfreemem(complaint);
		return -EINVAL;
	}
	libpq.PQconninfoFree(options);
	shared = mmap(NULL, sizeof *settings.gate, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		result = -errno;
		error_set(error, "--database: no memory to share: %s", strerror(errno));
		return result;
	}
	settings.gate = shared;
	settings.conninfo = conninfo;
	settings.share = connections > loops ? connections / loops : 1;
	return 0;
}

bool database_is_open(void)
{
	return settings.conninfo != NULL;
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
