/* A server of the catalogue, started for one trial; or one that runs already, as it is found. */
#ifndef TENK_SERVER_PROCESS_H
#define TENK_SERVER_PROCESS_H

#include "harness/catalogue/catalogue.h"
#include "harness/catalogue/foreign.h"
#include "harness/catalogue/settings.h"
#include "harness/process/process.h"
#include "harness/measure/sampler.h"

struct server_process {
	struct process process; /* its guard's, for a server of somebody else */
	pid_t pid;		/* of what is sampled, the root of its tree; 0: not known */
	struct subject subject; /* what is sampled */
	const char *host;	/* borrowed: "127.0.0.1", "::1", or: */
	char address[SETTING_ADDRESS_BYTES];
	uint16_t port;
	bool running;		/* it was there before and stays: nothing is started or ended */
	const char *unmeasured; /* why its CPU is not available; NULL: it is */
	char why[160];
	struct foreign_launch launch;
};

/*
 * Starts it with the settings that it takes (NULL: none) and waits until it is ready, ten seconds at most or as the entry says: one of ours chooses a port and
 * writes a ready line; one of somebody else gets a free port, and is asked until it answers.
 * On failure everything is ended and `error` has the reason, with what it wrote to stderr.
 */
int server_process_start(struct server_process *server, const struct server_entry *entry,
			 const struct server_settings *settings, const struct process_place *place,
			 struct error *error);

/* How long that may take: as the entry says, or ten seconds. */
uint64_t server_process_start_timeout(const struct server_entry *entry);

/* Whether it has died by itself. */
bool server_process_has_ended(struct server_process *server);

/* Stops it if it still runs; afterwards process.exit_code and so on are set. True: had to kill. */
bool server_process_stop(struct server_process *server);

void server_process_destroy(struct server_process *server);

#endif
