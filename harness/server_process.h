/* A server of the catalogue, started for one trial. */
#ifndef TENK_SERVER_PROCESS_H
#define TENK_SERVER_PROCESS_H

#include "harness/catalogue.h"
#include "harness/process.h"
#include "harness/sampler.h"

struct server_process {
	struct process process;
	struct counters counters;
	uint16_t port; /* on 127.0.0.1 */
};

/*
 * Starts it on a port of its own choice and waits for its ready line, ten seconds at most.
 * On failure everything is ended and `error` has the reason, with what it wrote to stderr.
 */
int server_process_start(struct server_process *server, const struct server_entry *entry,
			 const cpu_set_t *cores, struct error *error);

/* Stops it if it still runs; afterwards process.exit_code and so on are set. True: had to kill. */
bool server_process_stop(struct server_process *server);

void server_process_destroy(struct server_process *server);

#endif
