#include "stored/axis.h"

#include <string.h>

static const struct axis_words axes[AXIS_COUNT] = {
	[AXIS_CONNECTIONS] = {"connections", "count", "connections", "", " connections"},
	[AXIS_RATE] = {"rate_per_s", "per_s", "requests offered per second", "", " offered"},
	[AXIS_WAIT] = {"wait_ns", "ns", "wait of each request", "a wait of ", ""},
	[AXIS_BODY] = {"body_bytes", "bytes", "size of the body", "a body of ", ""},
	[AXIS_CPU] = {"cpu_ns", "ns", "CPU work of each request", "work of ", ""},
	[AXIS_SERVER_CORES] = {"server_cores", "count", "cores of the server", "on ",
			       " of its cores"},
	[AXIS_WORKERS] = {"workers", "count", "workers of the server", "--workers ", ""},
	[AXIS_OFFLOAD] = {"offload", "count", "threads for blocking work", "", " threads behind"},
	[AXIS_DATABASE_CONNECTIONS] = {"database_connections", "count",
				       "connections to the database", "",
				       " connections to the database"},
	[AXIS_FETCH_CONNECTIONS] = {"fetch_connections", "count", "connections kept to the backend",
				    "", " connections kept to the backend"},
	[AXIS_SHARE] = {"share_percent", "count", "offered, % of the capacity", "",
			" % of the capacity offered"},
	[AXIS_ACTIVE] = {"active_percent", "count", "active connections, %", "",
			 " % of the connections active"},
};

const struct axis_words *axis_at(enum axis_kind kind)
{
	return &axes[kind];
}

enum axis_kind axis_find(const char *key)
{
	enum axis_kind kind = 0;

	while (kind < AXIS_COUNT && strcmp(axes[kind].key, key) != 0)
		kind++;
	return kind;
}
