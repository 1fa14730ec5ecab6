/* The backend of /fetch/MS: a server of ours, which answers /wait/MS. */
#include "harness/backends/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* That with a loop on each of its cores, or another loop. */
static const struct server_entry *find_server(const struct catalogue *catalogue)
{
	const struct server_entry *entry = catalogue_find(catalogue, "loop-per-core");

	return entry && !entry->missing ? entry : catalogue_find(catalogue, "epoll");
}

char *delay_missing(const struct catalogue *catalogue)
{
	return find_server(catalogue) ? NULL
				      : strdup("neither server-loop-per-core nor server-epoll was "
					       "built (make)");
}

int delay_start(const struct backends *backends, struct backend *backend, struct error *error)
{
	const struct server_entry *entry = find_server(backends->catalogue);
	const struct process_place place = {.cores = &backends->cores};
	int result;

	if (!entry)
		return error_set(error, "its server was not built");
	result = server_process_start(&backend->server, entry, NULL, &place, error);
	if (result < 0)
		return result;
	snprintf(backend->address, sizeof backend->address, "%s:%u", backend->server.host,
		 backend->server.port);
	backend->description = json_pack("{s:s, s:s}", "server", entry->name, "build",
					 entry->build);
	return 0;
}
